// Writes structs as JSON by the same tables that read them.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/venue/kalshi/exchange.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::kalshi::json {

/// Appends to a text; commas come by themselves.
class writer {
 public:
  explicit writer(std::string& out) : out_{out} {}
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void text(std::string_view value);      ///< quoted and escaped
  void verbatim(std::string_view value);  ///< a complete JSON value
  void number(std::int64_t value);
  void boolean(bool value) { verbatim(value ? "true" : "false"); }
  void null() { verbatim("null"); }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  std::string& out_;
  bool first_ = true;
};

template <class T>
struct codec;

template <class T>
void write_object(writer& w, const T& value);

template <class T>
requires requires {
  codec<T>::table;
}
void write(writer& w, const T& value) {
  write_object(w, value);
}

template <class T>
requires requires(T v) {
  { to_string(v) } -> std::same_as<std::string_view>;
}
void write(writer& w, T value) {
  w.text(to_string(value));
}

void write(writer& w, const std::string& value);
void write(writer& w, std::string_view value);
void write(writer& w, bool value);
void write(writer& w, std::int64_t value);
/// Four decimals at least, as the venue writes dollars.
void write(writer& w, price value);
/// Two decimals at least, as the venue writes counts.
void write(writer& w, quantity value);
void write(writer& w, money value);
void write(writer& w, ratio value);
void write(writer& w, timestamp value);
void write(writer& w, book_side value);
void write(writer& w, const raw_json& value);
void write(writer& w, const number_text& value);
void write(writer& w, minute_of_day value);
void write(writer& w, const level& value);

template <class T>
void write(writer& w, const std::optional<T>& value) {
  if (value)
    write(w, *value);
  else
    w.null();
}

template <class T>
void write(writer& w, std::span<const T> values) {
  w.begin_array();
  for (const T& v : values) write(w, v);
  w.end_array();
}

template <class T>
void write(writer& w, const std::vector<T>& values) {
  write(w, std::span<const T>{values});
}

/// `"name":value`, or nothing for an empty optional.
template <class T>
void write_member(writer& w, std::string_view name, const T& value) {
  w.key(name);
  write(w, value);
}
template <class T>
void write_member(writer& w, std::string_view name, const std::optional<T>& value) {
  if (!value) return;
  w.key(name);
  write(w, *value);
}

}  // namespace cornice::venue::kalshi::json
