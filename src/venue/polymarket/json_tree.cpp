#include "venue/polymarket/json_tree.hpp"

#include <simdjson.h>

#include <cstring>
#include <vector>

namespace cornice::venue::polymarket {
namespace ondemand = simdjson::ondemand;

namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

struct node {
  json_kind kind = json_kind::null;
  std::string_view key;
  std::string_view text;
  std::uint32_t first_child = none;
  std::uint32_t next_sibling = none;
  std::uint32_t children = 0;
};

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

error not_json(simdjson::error_code code) {
  return {errc::malformed, std::string{"not JSON: "} + simdjson::error_message(code)};
}

}  // namespace

struct json_tree::state {
  ondemand::parser parser;
  std::vector<char> buffer;
  std::vector<node> nodes;

  result<void> add_root(ondemand::document& doc);
  result<void> add_value(ondemand::value value, std::uint32_t at, int depth);
  result<void> add_array(ondemand::array array, std::uint32_t at, int depth);
  result<void> add_object(ondemand::object object, std::uint32_t at, int depth);
  template <class Source>
  result<void> add_scalar(Source& value, ondemand::json_type type, std::uint32_t at);
  result<std::uint32_t> append(std::uint32_t parent, std::uint32_t& last);
};

result<std::uint32_t> json_tree::state::append(std::uint32_t parent, std::uint32_t& last) {
  if (nodes.size() >= max_nodes)
    return error{errc::out_of_range, "JSON has more than " + std::to_string(max_nodes) + " values"};
  const auto index = static_cast<std::uint32_t>(nodes.size());
  nodes.emplace_back();
  if (last == none)
    nodes[parent].first_child = index;
  else
    nodes[last].next_sibling = index;
  ++nodes[parent].children;
  last = index;
  return index;
}

template <class Source>
result<void> json_tree::state::add_scalar(Source& value, ondemand::json_type type,
                                          std::uint32_t at) {
  std::string_view text;
  switch (type) {
    case ondemand::json_type::string:
      if (const auto code = value.get_string().get(text)) return not_json(code);
      nodes[at].kind = json_kind::string;
      nodes[at].text = text;
      return {};
    case ondemand::json_type::number: {
      if (const auto code =
              simdjson::simdjson_result<std::string_view>{value.raw_json_token()}.get(text))
        return not_json(code);
      ondemand::number checked;  // also consumes the token and refuses forms such as 01 or 1.
      if (const auto code = value.get_number().get(checked);
          code && code != simdjson::NUMBER_ERROR && code != simdjson::INCORRECT_TYPE)
        return not_json(code);
      else if (code)
        return error{errc::malformed, "not JSON: bad number " + std::string{trimmed(text)}};
      nodes[at].kind = json_kind::number;
      nodes[at].text = trimmed(text);
      return {};
    }
    case ondemand::json_type::boolean: {
      bool b = false;
      if (const auto code = value.get_bool().get(b)) return not_json(code);
      nodes[at].kind = json_kind::boolean;
      nodes[at].text = b ? "true" : "false";
      return {};
    }
    default: {
      bool is_null = false;
      if (const auto code = simdjson::simdjson_result<bool>{value.is_null()}.get(is_null))
        return not_json(code);
      if (!is_null) return not_json(simdjson::N_ATOM_ERROR);
      return {};
    }
  }
}

result<void> json_tree::state::add_value(ondemand::value value, std::uint32_t at, int depth) {
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return not_json(code);
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto code = value.get_array().get(array)) return not_json(code);
    return add_array(array, at, depth);
  }
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto code = value.get_object().get(object)) return not_json(code);
    return add_object(object, at, depth);
  }
  return add_scalar(value, type, at);
}

result<void> json_tree::state::add_array(ondemand::array array, std::uint32_t at, int depth) {
  if (depth >= max_depth) return error{errc::out_of_range, "JSON is nested deeper than 64 levels"};
  nodes[at].kind = json_kind::array;
  std::uint32_t last = none;
  for (auto element : array) {
    ondemand::value value;
    if (const auto code = element.get(value)) return not_json(code);
    CORNICE_TRY(index, append(at, last));
    CORNICE_CHECK_OK(add_value(value, index, depth + 1));
  }
  return {};
}

result<void> json_tree::state::add_object(ondemand::object object, std::uint32_t at, int depth) {
  if (depth >= max_depth) return error{errc::out_of_range, "JSON is nested deeper than 64 levels"};
  nodes[at].kind = json_kind::object;
  std::uint32_t last = none;
  for (auto member : object) {
    ondemand::field field;
    if (const auto code = std::move(member).get(field)) return not_json(code);
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key)) return not_json(code);
    CORNICE_TRY(index, append(at, last));
    nodes[index].key = key;
    CORNICE_CHECK_OK(add_value(field.value(), index, depth + 1));
  }
  return {};
}

result<void> json_tree::state::add_root(ondemand::document& doc) {
  ondemand::json_type type{};
  if (const auto code = doc.type().get(type)) return not_json(code);
  nodes.emplace_back();
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto code = doc.get_array().get(array)) return not_json(code);
    CORNICE_CHECK_OK(add_array(array, 0, 0));
  } else if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto code = doc.get_object().get(object)) return not_json(code);
    CORNICE_CHECK_OK(add_object(object, 0, 0));
  } else {
    return add_scalar(doc, type, 0);
  }
  // Simdjson 3.0 has no document::at_end(); out of bounds is how it says that nothing follows.
  if (doc.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return error{errc::malformed, "not JSON: bytes after the end of the value"};
  return {};
}

json_tree::json_tree() : state_{std::make_unique<state>()} {}
json_tree::~json_tree() = default;

result<json_node> json_tree::parse(std::string_view json) {
  if (json.size() > max_bytes)
    return error{errc::out_of_range, "JSON of " + std::to_string(json.size()) +
                                         " bytes is larger than " + std::to_string(max_bytes)};
  state_->nodes.clear();
  state_->buffer.resize(json.size() + simdjson::SIMDJSON_PADDING);
  if (!json.empty()) std::memcpy(state_->buffer.data(), json.data(), json.size());
  std::memset(state_->buffer.data() + json.size(), 0, simdjson::SIMDJSON_PADDING);
  ondemand::document doc;
  const simdjson::padded_string_view view{state_->buffer.data(), json.size(),
                                          state_->buffer.size()};
  if (const auto code = state_->parser.iterate(view).get(doc)) return not_json(code);
  CORNICE_CHECK_OK(state_->add_root(doc));
  return json_node{state_.get(), 0};
}

json_kind json_node::kind() const noexcept {
  return tree_ == nullptr ? json_kind::null : tree_->nodes[index_].kind;
}

std::string_view json_node::text() const noexcept {
  return tree_ == nullptr ? std::string_view{} : tree_->nodes[index_].text;
}

std::string_view json_node::key() const noexcept {
  return tree_ == nullptr ? std::string_view{} : tree_->nodes[index_].key;
}

json_node json_node::operator[](std::string_view name) const noexcept {
  if (kind() != json_kind::object) return {};
  for (std::uint32_t i = tree_->nodes[index_].first_child; i != none;
       i = tree_->nodes[i].next_sibling)
    if (tree_->nodes[i].key == name) return {tree_, i};
  return {};
}

json_node json_node::first_child() const noexcept {
  if (tree_ == nullptr || tree_->nodes[index_].first_child == none) return {};
  return {tree_, tree_->nodes[index_].first_child};
}

json_node json_node::next_sibling() const noexcept {
  if (tree_ == nullptr || tree_->nodes[index_].next_sibling == none) return {};
  return {tree_, tree_->nodes[index_].next_sibling};
}

std::size_t json_node::size() const noexcept {
  return tree_ == nullptr ? 0 : tree_->nodes[index_].children;
}

}  // namespace cornice::venue::polymarket
