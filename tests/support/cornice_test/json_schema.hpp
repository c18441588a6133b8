// Checks JSON values against the part of JSON Schema (draft 7) that our documents use. A keyword
// outside that part is an error of the schema: nothing in a document goes unchecked.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace cornice_test {

class json_schema {
 public:
  using json = nlohmann::json;

  /// `document` is what `$ref`s point into.
  explicit json_schema(json document) : document_(std::move(document)) {}

  /// As validate, and a key that no schema describes is an error even where additional ones are
  /// allowed: for samples of what we write ourselves.
  std::vector<std::string> validate_own(const json& schema, const json& value) {
    return run(schema, value, true);
  }
  /// Everything that is wrong with `value`, each with its JSON pointer; empty when it is valid.
  std::vector<std::string> validate(const json& schema, const json& value) {
    return run(schema, value, false);
  }

  /// Follows `$ref`s; throws when one leads nowhere.
  [[nodiscard]] const json& resolve(const json& schema) const {
    const json* at = &schema;
    for (int hops = 0; at->is_object() && at->contains("$ref"); ++hops) {
      if (hops == max_hops) throw std::runtime_error{"$ref chain is too long or a circle"};
      const auto target = at->at("$ref").get<std::string>();
      if (target.substr(0, 1) != "#")
        throw std::runtime_error{"$ref leaves the document: " + target};
      at = &document_.at(json::json_pointer{target.substr(1)});
    }
    return *at;
  }

  /// Properties that a value had in any run so far, as addresses of their schemas.
  [[nodiscard]] bool visited(const json& property_schema) const {
    return visited_.contains(&property_schema);
  }
  [[nodiscard]] const json& document() const noexcept { return document_; }

 private:
  static constexpr int max_hops = 16;

  struct place {
    std::string pointer;
    place operator/(const std::string& step) const { return {pointer + "/" + step}; }
  };

  std::vector<std::string> run(const json& schema, const json& value, bool own) {
    own_ = own;
    errors_.clear();
    check(schema, value, {});
    return std::move(errors_);
  }

  void fail(const place& at, const std::string& what) {
    errors_.push_back((at.pointer.empty() ? "(root)" : at.pointer) + ": " + what);
  }

  void check(const json& unresolved, const json& value, const place& at) {
    const json& schema = resolve(unresolved);
    static const std::set<std::string> known = {
        "type",      "required",  "properties", "additionalProperties",
        "items",     "enum",      "const",      "pattern",
        "minimum",   "maximum",   "minItems",   "maxItems",
        "minLength", "maxLength", "oneOf",      "description",
        "format",    "title",     "examples"};
    for (const auto& [keyword, unused] : schema.items())
      if (!known.contains(keyword)) fail(at, "the schema uses unknown keyword " + keyword);
    if (schema.contains("type") && !has_type(schema["type"], value))
      return fail(at, "is " + std::string{value.type_name()} + ", not " + schema["type"].dump());
    if (schema.contains("enum") && !contains(schema["enum"], value))
      fail(at, value.dump() + " is none of " + schema["enum"].dump());
    if (schema.contains("const") && schema["const"] != value)
      fail(at, value.dump() + " is not " + schema["const"].dump());
    if (schema.contains("oneOf")) check_one_of(schema["oneOf"], value, at);
    if (value.is_string()) check_string(schema, value.get_ref<const std::string&>(), at);
    if (value.is_number()) check_number(schema, value, at);
    if (value.is_array()) check_array(schema, value, at);
    if (value.is_object()) check_object(schema, value, at);
  }

  static bool contains(const json& list, const json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  static bool has_type(const json& type, const json& value) {
    if (type.is_array()) {
      for (const json& one : type)
        if (has_type(one, value)) return true;
      return false;
    }
    const auto& name = type.get_ref<const std::string&>();
    if (name == "object") return value.is_object();
    if (name == "array") return value.is_array();
    if (name == "string") return value.is_string();
    if (name == "boolean") return value.is_boolean();
    if (name == "null") return value.is_null();
    if (name == "integer") return value.is_number_integer();
    if (name == "number") return value.is_number();
    throw std::runtime_error{"unknown type " + name};
  }

  void check_one_of(const json& choices, const json& value, const place& at) {
    std::vector<std::string> before = std::move(errors_);
    int matching = 0;
    std::string why;
    for (const json& choice : choices) {
      errors_.clear();
      check(choice, value, at);
      if (errors_.empty())
        ++matching;
      else
        why += " [" + errors_.front() + "]";
    }
    errors_ = std::move(before);
    if (matching != 1)
      fail(at, "matches " + std::to_string(matching) + " of the choices instead of one:" + why);
  }

  void check_string(const json& schema, const std::string& text, const place& at) {
    if (schema.contains("pattern")) {
      const auto& pattern = schema["pattern"].get_ref<const std::string&>();
      auto [found, is_new] = patterns_.try_emplace(pattern);
      if (is_new) found->second = std::regex{pattern, std::regex::ECMAScript};
      if (!std::regex_search(text, found->second))
        fail(at, "\"" + text + "\" does not match " + pattern);
    }
    if (schema.contains("minLength") && text.size() < schema["minLength"].get<std::size_t>())
      fail(at, "is too short");
    if (schema.contains("maxLength") && text.size() > schema["maxLength"].get<std::size_t>())
      fail(at, "is too long");
  }

  void check_number(const json& schema, const json& value, const place& at) {
    if (schema.contains("minimum") && value < schema["minimum"]) fail(at, "is too small");
    if (schema.contains("maximum") && value > schema["maximum"]) fail(at, "is too large");
  }

  void check_array(const json& schema, const json& value, const place& at) {
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>())
      fail(at, "has too few elements");
    if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>())
      fail(at, "has too many elements");
    if (!schema.contains("items")) return;
    const json& items = schema["items"];
    for (std::size_t i = 0; i < value.size(); ++i) {
      const place here = at / std::to_string(i);
      if (!items.is_array())
        check(items, value[i], here);
      else if (i < items.size())
        check(items[i], value[i], here);
      else
        fail(here, "no schema describes this element");
    }
  }

  void check_object(const json& schema, const json& value, const place& at) {
    for (const json& key : schema.value("required", json::array()))
      if (!value.contains(key.get_ref<const std::string&>())) fail(at, "lacks " + key.dump());
    static const json none = json::object();
    const json& properties = schema.contains("properties") ? schema["properties"] : none;
    // Where there are choices, the one that matches describes the keys.
    const bool closed =
        (own_ && !schema.contains("oneOf")) || schema.value("additionalProperties", true) == false;
    for (const auto& [key, member] : value.items()) {
      if (properties.contains(key)) {
        visited_.insert(&properties[key]);
        check(properties[key], member, at / key);
      } else if (closed) {
        fail(at / key, "no schema describes this key");
      }
    }
  }

  json document_;
  bool own_ = false;
  std::vector<std::string> errors_;
  std::map<std::string, std::regex> patterns_;
  std::set<const json*> visited_;
};

}  // namespace cornice_test
