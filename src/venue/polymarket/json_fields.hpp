// Tolerant readers of JSON members: the venue mixes strings and numbers, omits keys and sends "".
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "venue/polymarket/json_tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket {

/// Reads the members of one object. The first violated rule is kept with its JSON pointer and every
/// later read goes on, so a decoder reads all members and asks ok() once.
class json_fields {
 public:
  json_fields(json_node object, std::string pointer);

  [[nodiscard]] bool ok() const noexcept { return !problem_; }
  [[nodiscard]] const error& problem() const { return *problem_; }
  [[nodiscard]] json_node node(std::string_view name) const { return object_[name]; }
  [[nodiscard]] bool has(std::string_view name) const { return object_[name].has_value(); }
  [[nodiscard]] std::string pointer(std::string_view name) const;
  void fail(errc code, std::string_view name, std::string_view what);

  /// String, or the token of a number or boolean; "" when missing or null.
  [[nodiscard]] std::string text(std::string_view name);
  /// As text, but "" and absence are errors.
  [[nodiscard]] std::string required_text(std::string_view name);
  /// Keeps "missing or null" apart from "".
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name);
  /// A number as it was written, from a number or a string; "" when missing, null or "". Errors:
  /// malformed when it is no number.
  [[nodiscard]] std::string number(std::string_view name);
  /// `number` in millionths; nothing when missing. Errors: malformed, out_of_range.
  [[nodiscard]] std::optional<std::int64_t> millionths(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  /// true, false, or the strings "true"/"false"; nothing when missing or null.
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  /// RFC 3339 and the venue's `2026-09-26 18:45:00+00`; nothing when missing, null, "" or not a
  /// time: dates inform, they never decide.
  [[nodiscard]] std::optional<timestamp> time(std::string_view name) const;
  /// An array of strings or numbers; empty when missing or null.
  [[nodiscard]] std::vector<std::string> strings(std::string_view name);
  /// A string that holds a JSON array of strings ("[\"Yes\", \"No\"]"); an array proper, "", null
  /// and absence are understood too.
  [[nodiscard]] std::vector<std::string> stringified(std::string_view name);

 private:
  std::vector<std::string> texts_of(json_node array, std::string_view name);
  json_node object_;
  std::string pointer_;
  std::optional<error> problem_;
};

/// Parses `json` and hands its root, which must be an object, to `read(json_fields&)`.
template <class Read>
auto read_object(std::string_view json, Read&& read)
    -> result<decltype(read(std::declval<json_fields&>()))> {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  if (!root.is_object()) return error{errc::malformed, "the body is not a JSON object"};
  json_fields fields{root, ""};
  auto value = read(fields);
  if (!fields.ok()) return fields.problem();
  return value;
}

}  // namespace cornice::venue::polymarket
