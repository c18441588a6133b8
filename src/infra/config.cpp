#include "cornice/infra/config.hpp"

#include "cornice/base/check.hpp"
#include "cornice/base/decimal.hpp"
#include "infra/config_visitor.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <regex>

namespace cornice::infra {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t text_limit = 4096;
constexpr std::size_t texts_limit = 1024;

// The value as the file has it, short enough for a message.
std::string shown(const config_node& node) {
  constexpr std::size_t shown_limit = 64;
  switch (node.type) {
    case config_node::kind::object:
      return "an object";
    case config_node::kind::array:
      return "a list";
    case config_node::kind::text:
      return "\"" + node.text.substr(0, shown_limit) + "\"";
    default:
      return node.text.substr(0, shown_limit);
  }
}

error wrong(const config_node& node, const std::string& what) {
  return {errc::invalid_argument, shown(node) + " " + what};
}

error outside(const config_node& node) {
  return {errc::out_of_range, shown(node) + " is out of range"};
}

result<std::string> read_text(const config_node& node) {
  if (node.type != config_node::kind::text) return wrong(node, "is not a text");
  if (node.text.size() > text_limit) return outside(node);
  return node.text;
}

result<std::int64_t> read_integer(const config_node& node, config_section::range allowed) {
  if (node.type != config_node::kind::number) return wrong(node, "is not a whole number");
  std::int64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [stopped, failed] = std::from_chars(node.text.data(), end, value);
  if (failed == std::errc::result_out_of_range) return outside(node);
  if (failed != std::errc{} || stopped != end) return wrong(node, "is not a whole number");
  if (value < allowed.min || value > allowed.max) return outside(node);
  return value;
}

result<std::int64_t> read_millionths(const config_node& node, config_section::range allowed) {
  if (node.type != config_node::kind::number && node.type != config_node::kind::text)
    return wrong(node, "is not a number");
  const auto value = decimal::parse_millionths(node.text);
  if (!value && value.error().code == errc::out_of_range)
    return error{errc::out_of_range, shown(node) + " has more than 6 decimals or is too large"};
  if (!value)
    return wrong(node,
                 node.type == config_node::kind::number ? "has an exponent" : "is not a number");
  if (*value < allowed.min || *value > allowed.max) return outside(node);
  return *value;
}

std::string between(const std::string& min, const std::string& max) {
  return " between " + min + " and " + max;
}

// A bound of a schema: whole numbers stay whole. Only people and editors read it, so the nearest
// binary fraction is good enough.
ordered_json schema_bound(std::int64_t millionths) {
  constexpr std::int64_t one = 1'000'000;
  if (millionths % one == 0) return millionths / one;
  return static_cast<double>(millionths) / static_cast<double>(one);
}

std::string expand_credentials(std::string path) {
  constexpr std::string_view variable = "${CREDENTIALS_DIRECTORY}";
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory && path.starts_with(variable)) path.replace(0, variable.size(), directory);
  return path;
}

}  // namespace

config_section& config_section::required() {
  state_.required_next = true;
  return *this;
}

void config_section::text(std::string key, std::string& target, std::string help,
                          std::string pattern) {
  config_value value{std::move(key), std::move(help), {}, target, "a text", {}};
  value.schema = {{"type", "string"}, {"maxLength", text_limit}};
  if (!pattern.empty()) {
    value.schema["pattern"] = pattern;
    value.expected += " that matches " + pattern;
  }
  value.assign = [&target, pattern](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_text(node));
    if (!pattern.empty() && !std::regex_search(read, std::regex{pattern}))
      return wrong(node, "does not match");
    target = std::move(read);
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::choice(std::string key, std::string& target, std::vector<std::string> values,
                            std::string help) {
  config_value value{std::move(key), std::move(help), {}, target, "one of", {}};
  value.schema = {{"type", "string"}, {"enum", values}};
  for (const std::string& v : values)
    value.expected += (&v == &values.front() ? " \"" : ", \"") + v + "\"";
  value.assign = [&target, values = std::move(values)](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_text(node));
    if (std::find(values.begin(), values.end(), read) == values.end())
      return wrong(node, "is not a choice");
    target = std::move(read);
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::integer(std::string key, std::int64_t& target, range allowed,
                             std::string help) {
  config_value value{std::move(key), std::move(help), {}, target, "a whole number", {}};
  value.schema = {{"type", "integer"}, {"minimum", allowed.min}, {"maximum", allowed.max}};
  value.expected += between(std::to_string(allowed.min), std::to_string(allowed.max));
  value.assign = [&target, allowed](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_integer(node, allowed));
    target = read;
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::boolean(std::string key, bool& target, std::string help) {
  config_value value{std::move(key), std::move(help), {}, target, "true or false", {}};
  value.schema = {{"type", "boolean"}};
  value.assign = [&target](const config_node& node) -> result<void> {
    if (node.type != config_node::kind::boolean) return wrong(node, "is neither true nor false");
    target = node.text == "true";
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::millionths(std::string key, std::int64_t& target_millionths,
                                range allowed_millionths, std::string help) {
  config_value value{std::move(key), std::move(help), {}, {}, "a decimal", {}};
  value.schema = {{"type", {"number", "string"}},
                  {"minimum", schema_bound(allowed_millionths.min)},
                  {"maximum", schema_bound(allowed_millionths.max)},
                  {"pattern", R"(^-?[0-9]*\.?[0-9]+$)"}};
  value.current = decimal::format_millionths(target_millionths, 0);
  value.expected += between(decimal::format_millionths(allowed_millionths.min, 0),
                            decimal::format_millionths(allowed_millionths.max, 0));
  value.assign = [&target_millionths, allowed_millionths](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_millionths(node, allowed_millionths));
    target_millionths = read;
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::duration_ms(std::string key, std::chrono::milliseconds& target, range allowed,
                                 std::string help) {
  const bool in_ms = key.ends_with("_ms");
  invariant(in_ms || key.ends_with("_s"), "the key of a duration ends with its unit, _ms or _s");
  const std::int64_t unit_ms = in_ms ? 1 : 1000;
  config_value value{std::move(key), std::move(help), {}, {}, "a whole number", {}};
  value.schema = {{"type", "integer"}, {"minimum", allowed.min}, {"maximum", allowed.max}};
  value.current = target.count() / unit_ms;
  value.expected += between(std::to_string(allowed.min), std::to_string(allowed.max));
  value.assign = [&target, allowed, unit_ms](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_integer(node, allowed));
    target = std::chrono::milliseconds{read * unit_ms};
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::texts(std::string key, std::vector<std::string>& target, std::string help) {
  config_value value{std::move(key), std::move(help), {}, target, "a list of texts", {}};
  value.schema = {{"type", "array"},
                  {"maxItems", texts_limit},
                  {"items", {{"type", "string"}, {"maxLength", text_limit}}}};
  value.assign = [&target](const config_node& node) -> result<void> {
    if (node.type != config_node::kind::array) return wrong(node, "is not a list");
    if (node.elements.size() > texts_limit)
      return error{errc::out_of_range, "the list has more than 1024 texts"};
    std::vector<std::string> read;
    for (const config_node& element : node.elements) {
      CORNICE_TRY(one, read_text(element));
      read.push_back(std::move(one));
    }
    target = std::move(read);
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::secret_file(std::string key, std::string& target_path, std::string help) {
  config_value value{std::move(key),
                     std::move(help),
                     {},
                     target_path,
                     "the path of a file that holds a secret",
                     {}};
  value.schema = {{"type", "string"}, {"maxLength", text_limit}};
  value.assign = [&target_path](const config_node& node) -> result<void> {
    CORNICE_TRY(read, read_text(node));
    target_path = expand_credentials(std::move(read));
    return {};
  };
  state_.visit(std::move(value), state_.take_required());
}

void config_section::section(std::string key, std::function<void(config_section&)> describe,
                             std::string help) {
  config_object object;
  object.key = std::move(key);
  object.help = std::move(help);
  object.describe = [describe = std::move(describe)](const std::string& /*name*/,
                                                     config_section& s) { describe(s); };
  state_.visit(std::move(object), state_.take_required());
}

void config_section::sections(
    std::string key, std::function<void(const std::string& name, config_section&)> describe,
    std::string help, std::vector<std::string> present) {
  config_object object{std::move(key), std::move(help), true, std::move(present),
                       std::move(describe)};
  state_.visit(std::move(object), state_.take_required());
}

}  // namespace cornice::infra
