// The one mechanism behind reading, schema and values: a description is walked by a visitor.
#pragma once

#include "cornice/infra/config.hpp"
#include "infra/config_document.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cornice::infra {

/// One key with a plain value, told once for all modes.
struct config_value {
  std::string key;
  std::string help;
  nlohmann::ordered_json schema;   ///< type and limits
  nlohmann::ordered_json current;  ///< what the target holds now
  std::string expected;            ///< "a whole number between 0 and 65535", for messages
  /// Moves the node into the target, or says what is wrong with it.
  std::function<result<void>(const config_node&)> assign;
};

/// One key with an object as value.
struct config_object {
  using describe_function = std::function<void(const std::string& name, config_section&)>;

  std::string key;
  std::string help;
  bool free_keys = false;            ///< each value is a section of its own
  std::vector<std::string> present;  ///< of free keys: the ones that exist now
  describe_function describe;        ///< `name` is the free key, or empty
};

/// What a mode does with each described key.
struct config_section::state {
  virtual ~state() = default;
  virtual void visit(config_value value, bool required) = 0;
  virtual void visit(config_object object, bool required) = 0;

  [[nodiscard]] bool take_required() { return std::exchange(required_next, false); }
  bool required_next = false;
};

}  // namespace cornice::infra
