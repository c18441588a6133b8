// Bounds of single fields of bus messages. A field list names them next to the field; the reader
// refuses what breaks them and the writer uses what it needs of them.
#pragma once

#include "cornice/model/codec.hpp"

#include <cstddef>
#include <cstdint>

namespace cornice::json {

/// An id that may be absent; it travels as an empty string then.
struct optional_id {};
inline constexpr optional_id may_be_empty{};

/// A string's greatest size in bytes, and whether the writer cuts a longer one. Words identify
/// something, so they are never cut: a reader refuses them instead.
struct string_rule {
  std::size_t max_bytes;
  bool cut;
};
inline constexpr string_rule as_word{max_bus_word_bytes, false};
inline constexpr string_rule as_text{max_bus_text_bytes, true};
inline constexpr string_rule as_rules{max_bus_rules_bytes, false};

/// Smallest allowed value of an integer, or of a quantity or amount in millionths.
struct at_least {
  std::int64_t min;
};
inline constexpr at_least not_negative{0};
inline constexpr at_least positive{1};

/// Allowed number of elements of an array.
struct count_between {
  std::size_t min;
  std::size_t max;
};

/// A time that may be unknown: the zero timestamp travels as null.
struct unknown_as_null {};
inline constexpr unknown_as_null may_be_unknown{};

/// Field list of a message or of a part of one: `static void fields(auto& io, auto& m)` names every
/// field once, in wire order, for the writer and for the reader.
template <class T>
struct schema;

template <class T>
concept has_schema = requires {
  sizeof(schema<T>);
};

template <>
struct schema<tick_band> {
  static void fields(auto& io, auto& m) {
    io("start", m.start);
    io("end", m.end);
    io("step_micros", m.step_micros, positive);
  }
};

}  // namespace cornice::json
