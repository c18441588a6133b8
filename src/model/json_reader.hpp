// Typed access to parsed JSON. The first thing that is wrong is kept with its JSON pointer, and
// everything after it is skipped.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/model/tick_grid.hpp"
#include "model/enum_table.hpp"
#include "model/json_rules.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::json {

/// One value in the document, and where it is. Lives on the stack of the read it belongs to.
class node {
 public:
  node(simdjson::dom::element value, std::optional<error>& failure)
      : value_{value}, failure_{&failure} {}
  node(simdjson::dom::element value, const node& parent, std::string_view key)
      : value_{value}, failure_{parent.failure_}, parent_{&parent}, key_{key} {}
  node(simdjson::dom::element value, const node& parent, std::size_t index)
      : value_{value}, failure_{parent.failure_}, parent_{&parent}, index_{index} {}

  [[nodiscard]] const simdjson::dom::element& value() const noexcept { return value_; }
  [[nodiscard]] bool failed() const noexcept { return failure_->has_value(); }
  [[nodiscard]] bool is_null() const noexcept { return value_.is_null(); }
  /// RFC 6901; empty for the whole document.
  [[nodiscard]] std::string pointer() const;
  /// Keeps the first failure of the document.
  void fail(errc code, std::string_view what) const;
  /// As fail, for an error of a value's own parser: a wrong argument to it is malformed input here.
  void fail(const error& cause) const;
  void fail_missing(std::string_view key) const;

  /// These fail the document and answer an empty value when the type differs.
  [[nodiscard]] simdjson::dom::object object() const;
  [[nodiscard]] simdjson::dom::array array(count_between allowed) const;
  [[nodiscard]] std::string_view string(std::size_t max_bytes) const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] std::uint64_t unsigned_integer() const;

 private:
  simdjson::dom::element value_;
  std::optional<error>* failure_;
  const node* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
};

void read(const node& n, bool& out);
void read(const node& n, std::int64_t& out);
void read(const node& n, std::int64_t& out, at_least rule);
void read(const node& n, std::uint64_t& out);
void read(const node& n, price& out);
void read(const node& n, quantity& out);
void read(const node& n, quantity& out, at_least rule);
void read(const node& n, money& out);
void read(const node& n, ratio& out);
void read(const node& n, timestamp& out);
void read(const node& n, timestamp& out, unknown_as_null);
void read(const node& n, contract_id& out);
void read(const node& n, std::string& out, string_rule rule);
void read(const node& n, level& out);
void read(const node& n, tick_grid& out);

/// Rules between fields of one object, after all of them were read; overloaded where there are any.
template <class T>
void check(const node&, const T&) {}

template <class T, class... Rules>
void read_value(const node& n, T& out, Rules... rules);

/// Reads the fields of one object; given to schema<T>::fields. Keys that no field names are
/// ignored: a newer sender may know more.
class object_reader {
 public:
  explicit object_reader(const node& at) : at_{at}, object_{at.object()} {}

  template <class T, class... Rules>
  void operator()(std::string_view key, T& out, Rules... rules) {
    if (at_.failed()) return;
    simdjson::dom::element found;
    if (object_.at_key(key).get(found) != simdjson::SUCCESS) {
      at_.fail_missing(key);
      return;
    }
    read_value(node{found, at_, key}, out, rules...);
  }

 private:
  const node& at_;
  simdjson::dom::object object_;
};

template <class T>
requires std::is_enum_v<T>
void read(const node& n, T& out) {
  const std::string_view name = n.string(max_bus_word_bytes);
  if (n.failed()) return;
  const auto parsed = parse_enum<T>(name);
  if (parsed)
    out = *parsed;
  else
    n.fail(parsed.error());
}
template <class Tag>
void read(const node& n, text_id<Tag>& out) {
  const std::string_view name = n.string(text_id<Tag>::max_size);
  if (n.failed()) return;
  auto parsed = text_id<Tag>::parse(name);
  if (parsed)
    out = std::move(*parsed);
  else
    n.fail(parsed.error());
}
template <class Tag>
void read(const node& n, text_id<Tag>& out, optional_id) {
  const std::string_view name = n.string(text_id<Tag>::max_size);
  if (name.empty())
    out = {};
  else
    read(n, out);
}
template <class T>
requires has_schema<T>
void read(const node& n, T& out) {
  object_reader io{n};
  schema<T>::fields(io, out);
  if (!n.failed()) check(n, out);
}
template <class T, class... Rules>
void read(const node& n, std::optional<T>& out, Rules... rules) {
  if (n.is_null())
    out.reset();
  else
    read_value(n, out.emplace(), rules...);
}
template <class T, class... Rules>
void read(const node& n, std::vector<T>& out, count_between allowed, Rules... rules) {
  const simdjson::dom::array elements = n.array(allowed);
  if (n.failed()) return;
  out.clear();
  out.reserve(elements.size());
  for (const simdjson::dom::element element : elements) {
    const node here{element, n, out.size()};
    read_value(here, out.emplace_back(), rules...);
    if (n.failed()) return;
  }
}

template <class T, class... Rules>
void read_value(const node& n, T& out, Rules... rules) {
  read(n, out, rules...);
}

}  // namespace cornice::json
