#include "cornice/base/check.hpp"
#include "infra/config_visitor.hpp"

namespace cornice::infra {
namespace {

using nlohmann::ordered_json;

constexpr int indent = 2;

std::string pretty(const ordered_json& document) {
  return document.dump(indent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// Makes the schema of one object.
class schema_writer final : public config_section::state {
 public:
  void visit(config_value value, bool required) override {
    ordered_json schema = std::move(value.schema);
    schema["description"] = std::move(value.help);
    if (!required) schema["default"] = std::move(value.current);
    add(value.key, std::move(schema), required);
  }

  void visit(config_object object, bool required) override {
    schema_writer inner;
    config_section section{inner};
    object.describe({}, section);
    ordered_json schema = std::move(inner).schema();
    if (object.free_keys)
      schema = {{"type", "object"}, {"additionalProperties", std::move(schema)}};
    schema["description"] = std::move(object.help);
    add(object.key, std::move(schema), required);
  }

  [[nodiscard]] ordered_json schema() && {
    ordered_json out = {{"type", "object"},
                        {"properties", std::move(properties_)},
                        {"additionalProperties", false}};
    if (!required_.empty()) out["required"] = std::move(required_);
    return out;
  }

 private:
  void add(const std::string& key, ordered_json schema, bool required) {
    invariant(!properties_.contains(key), "a configuration key is described once");
    properties_[key] = std::move(schema);
    if (required) required_.push_back(key);
  }

  ordered_json properties_ = ordered_json::object();
  ordered_json required_ = ordered_json::array();
};

// Collects what the targets of one object hold.
class values_writer final : public config_section::state {
 public:
  void visit(config_value value, bool /*required*/) override {
    values_[value.key] = std::move(value.current);
  }

  void visit(config_object object, bool /*required*/) override {
    if (!object.free_keys) {
      values_[object.key] = of(object, {});
      return;
    }
    ordered_json all = ordered_json::object();
    for (const std::string& name : object.present) all[name] = of(object, name);
    values_[object.key] = std::move(all);
  }

  [[nodiscard]] ordered_json values() && { return std::move(values_); }

 private:
  static ordered_json of(const config_object& object, const std::string& name) {
    values_writer inner;
    config_section section{inner};
    object.describe(name, section);
    return std::move(inner).values();
  }

  ordered_json values_ = ordered_json::object();
};

}  // namespace

std::string config_schema(const std::string& title,
                          const std::function<void(config_section&)>& describe) {
  schema_writer top;
  config_section section{top};
  describe(section);
  ordered_json body = std::move(top).schema();
  body["properties"]["$schema"] = {{"type", "string"},
                                   {"description", "Path of this schema, for editors."}};
  ordered_json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", title}};
  out.update(body);
  return pretty(out);
}

std::string config_values(const std::function<void(config_section&)>& describe) {
  values_writer top;
  config_section section{top};
  describe(section);
  return pretty(std::move(top).values());
}

}  // namespace cornice::infra
