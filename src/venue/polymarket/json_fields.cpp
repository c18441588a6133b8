#include "venue/polymarket/json_fields.hpp"

#include "venue/polymarket/decimal.hpp"

namespace cornice::venue::polymarket {
namespace {

bool is_scalar(json_node n) {
  return n.kind() != json_kind::array && n.kind() != json_kind::object;
}

}  // namespace

json_fields::json_fields(json_node object, std::string pointer)
    : object_{object}, pointer_{std::move(pointer)} {
  if (!object_.is_object()) problem_ = error{errc::malformed, pointer_ + " is not an object"};
}

std::string json_fields::pointer(std::string_view name) const {
  return pointer_ + "/" + std::string{name};
}

void json_fields::fail(errc code, std::string_view name, std::string_view what) {
  if (!problem_) problem_ = error{code, pointer(name) + " " + std::string{what}};
}

std::string json_fields::text(std::string_view name) {
  return optional_text(name).value_or(std::string{});
}

std::optional<std::string> json_fields::optional_text(std::string_view name) {
  const json_node n = object_[name];
  if (!n.has_value()) return std::nullopt;
  if (!is_scalar(n)) {
    fail(errc::malformed, name, "is not a string");
    return std::nullopt;
  }
  return std::string{n.text()};
}

std::string json_fields::required_text(std::string_view name) {
  std::string value = text(name);
  if (value.empty()) fail(errc::missing_field, name, "is missing or empty");
  return value;
}

std::string json_fields::number(std::string_view name) {
  const json_node n = object_[name];
  if (!n.has_value()) return {};
  if (!n.is_number() && !n.is_string()) {
    fail(errc::malformed, name, "is not a number");
    return {};
  }
  // How large or fine it is matters only to those who compute with it (see millionths).
  if (!n.text().empty() && !is_json_number(n.text())) {
    fail(errc::malformed, name, "\"" + std::string{n.text().substr(0, 60)} + "\" is not a number");
    return {};
  }
  return std::string{n.text()};
}

std::optional<std::int64_t> json_fields::millionths(std::string_view name) {
  const std::string token = number(name);
  if (token.empty()) return std::nullopt;
  const auto value = parse_number_token(token);
  if (!value) {
    fail(value.error().code, name, value.error().message);
    return std::nullopt;
  }
  return *value;
}

std::optional<std::int64_t> json_fields::integer(std::string_view name) {
  const std::string token = number(name);
  if (token.empty()) return std::nullopt;
  const auto value = parse_number_token(token);
  if (!value || *value % 1'000'000 != 0) {
    const auto plain = parse_integer(token);  // integers beyond 2^63 / 10^6, such as times in ns
    if (plain) return *plain;
    fail(errc::malformed, name, "is not an integer");
    return std::nullopt;
  }
  return *value / 1'000'000;
}

std::optional<bool> json_fields::boolean(std::string_view name) {
  const json_node n = object_[name];
  if (!n.has_value()) return std::nullopt;
  if (is_scalar(n) && n.text() == "true") return true;
  if (is_scalar(n) && n.text() == "false") return false;
  if (n.is_string() && n.text().empty()) return std::nullopt;
  fail(errc::malformed, name, "is neither true nor false");
  return std::nullopt;
}

std::optional<timestamp> json_fields::time(std::string_view name) const {
  const auto parsed = parse_rfc3339(object_[name].text());
  return parsed ? std::optional{*parsed} : std::nullopt;
}

std::vector<std::string> json_fields::texts_of(json_node array, std::string_view name) {
  std::vector<std::string> out;
  out.reserve(array.size());
  for (json_node n = array.first_child(); n.present(); n = n.next_sibling()) {
    if (!is_scalar(n) || n.kind() == json_kind::null) {
      fail(errc::malformed, name, "holds something other than strings");
      return {};
    }
    out.emplace_back(n.text());
  }
  return out;
}

std::vector<std::string> json_fields::strings(std::string_view name) {
  const json_node n = object_[name];
  if (!n.has_value()) return {};
  if (!n.is_array()) {
    fail(errc::malformed, name, "is not an array");
    return {};
  }
  return texts_of(n, name);
}

std::vector<std::string> json_fields::stringified(std::string_view name) {
  const json_node n = object_[name];
  if (!n.has_value()) return {};
  if (n.is_array()) return texts_of(n, name);
  if (!n.is_string()) {
    fail(errc::malformed, name, "is not a string that holds a JSON array");
    return {};
  }
  if (n.text().empty()) return {};
  json_tree inner;
  const auto root = inner.parse(n.text());
  if (!root || !(root->is_array() || root->kind() == json_kind::null)) {
    fail(errc::malformed, name, "is a string that does not hold a JSON array");
    return {};
  }
  return texts_of(*root, name);
}

}  // namespace cornice::venue::polymarket
