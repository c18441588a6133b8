// A parsed JSON text whose numbers keep the text they were written with.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cornice::venue::polymarket {

class json_node;

/// For the calls that are not on the hot path: random access by key, JSON pointers in errors, and
/// raw number tokens (general JSON libraries turn 14416088.503321985 into a binary fraction).
/// Nodes and their texts stay valid until the next parse() or the end of the tree.
class json_tree {
 public:
  static constexpr std::size_t max_bytes = 64u << 20;
  static constexpr std::size_t max_nodes = 8u << 20;
  static constexpr int max_depth = 64;

  json_tree();
  ~json_tree();
  json_tree(const json_tree&) = delete;
  json_tree& operator=(const json_tree&) = delete;

  /// Errors: malformed (not JSON, trailing bytes), out_of_range (one of the limits above).
  result<json_node> parse(std::string_view json);

 private:
  friend class json_node;
  struct state;
  std::unique_ptr<state> state_;
};

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

/// A place in a json_tree; "absent" when a key was looked up that is not there. Cheap to copy.
class json_node {
 public:
  json_node() = default;

  [[nodiscard]] bool present() const noexcept { return tree_ != nullptr; }
  /// Present and not null.
  [[nodiscard]] bool has_value() const noexcept { return present() && kind() != json_kind::null; }
  [[nodiscard]] json_kind kind() const noexcept;
  [[nodiscard]] bool is_object() const noexcept { return present() && kind() == json_kind::object; }
  [[nodiscard]] bool is_array() const noexcept { return present() && kind() == json_kind::array; }
  [[nodiscard]] bool is_string() const noexcept { return present() && kind() == json_kind::string; }
  [[nodiscard]] bool is_number() const noexcept { return present() && kind() == json_kind::number; }
  /// The unescaped string, or the token of a number or boolean; empty for anything else.
  [[nodiscard]] std::string_view text() const noexcept;
  /// Key of this node within its object; empty otherwise.
  [[nodiscard]] std::string_view key() const noexcept;
  /// Member of an object (the first of that name), absent when there is none. O(members).
  [[nodiscard]] json_node operator[](std::string_view name) const noexcept;
  /// Children of an array or object, in order.
  [[nodiscard]] json_node first_child() const noexcept;
  [[nodiscard]] json_node next_sibling() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  friend class json_tree;
  json_node(const json_tree::state* tree, std::uint32_t index) noexcept
      : tree_{tree}, index_{index} {}
  const json_tree::state* tree_ = nullptr;
  std::uint32_t index_ = 0;
};

}  // namespace cornice::venue::polymarket
