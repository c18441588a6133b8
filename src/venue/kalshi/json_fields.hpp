// The table of fields that reads and writes one struct.
#pragma once

#include "venue/kalshi/json_reader.hpp"
#include "venue/kalshi/json_writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>

namespace cornice::venue::kalshi::json {

/// One key of an object.
template <class T>
struct field {
  std::string_view name;
  bool required = false;
  bool (*read)(reader&, od::value, std::string_view, T&) = nullptr;
  void (*write)(writer&, std::string_view, const T&) = nullptr;
};

template <class T>
struct member_traits;
template <class T, class M>
struct member_traits<M T::*> {
  using owner = T;
};
template <auto Member>
using owner_of = typename member_traits<decltype(Member)>::owner;

template <auto Member>
bool read_member(reader& r, od::value v, std::string_view, owner_of<Member>& out) {
  return json::read(r, v, out.*Member);
}
template <auto Member>
bool read_nullable(reader& r, od::value v, std::string_view, owner_of<Member>& out) {
  return is_null(v) || json::read(r, v, out.*Member);
}
template <auto Member>
void write_field(writer& w, std::string_view name, const owner_of<Member>& in) {
  write_member(w, name, in.*Member);
}
template <auto Member>
void write_even_null(writer& w, std::string_view name, const owner_of<Member>& in) {
  w.key(name);
  json::write(w, in.*Member);
}

/// Must be there, and not null.
template <auto Member>
constexpr field<owner_of<Member>> required(std::string_view name) {
  return {name, true, &read_member<Member>, &write_field<Member>};
}
/// May be absent or null; the member keeps its default then.
template <auto Member>
constexpr field<owner_of<Member>> optional(std::string_view name) {
  return {name, false, &read_nullable<Member>, &write_field<Member>};
}
/// Must be there, null included, and null means something.
template <auto Member>
constexpr field<owner_of<Member>> nullable(std::string_view name) {
  return {name, true, &read_member<Member>, &write_even_null<Member>};
}
/// A required list that keeps its good items, see read_leniently.
template <auto Member, auto Rejected>
constexpr field<owner_of<Member>> list(std::string_view name, bool must = true) {
  return {name, must,
          [](reader& r, od::value v, std::string_view key, owner_of<Member>& out) {
            return read_leniently(r, v, key, out.*Member, out.*Rejected);
          },
          &write_field<Member>};
}

/// The fields in the order in which they are written, and an index sorted by name to read with.
template <class T, std::size_t N>
struct field_table {
  std::array<field<T>, N> fields;
  std::array<std::uint8_t, N> by_name{};

  static constexpr std::size_t none = N;

  [[nodiscard]] constexpr std::size_t find(std::string_view name) const noexcept {
    const auto at = std::lower_bound(
        by_name.begin(), by_name.end(), name,
        [this](std::uint8_t i, std::string_view wanted) { return fields[i].name < wanted; });
    return at != by_name.end() && fields[*at].name == name ? *at : none;
  }
};

template <class T, class... F>
constexpr auto fields(F... each) {
  constexpr std::size_t n = sizeof...(F);
  static_assert(n <= 64, "the fields that were seen are counted in 64 bits");
  field_table<T, n> table{{each...}, {}};
  for (std::size_t i = 0; i < n; ++i) table.by_name[i] = static_cast<std::uint8_t>(i);
  std::sort(table.by_name.begin(), table.by_name.end(), [&table](std::uint8_t a, std::uint8_t b) {
    return table.fields[a].name < table.fields[b].name;
  });
  return table;
}

/// Reads the members of an object that has been opened.
template <class T>
bool read_members(reader& r, od::object object, T& out) {
  constexpr auto& table = codec<T>::table;
  std::uint64_t seen = 0;
  for (auto item : object) {
    od::raw_json_string key;
    if (const auto code = item.key().get(key)) return r.fail(code);
    const std::size_t index = table.find(key_text(key));
    if (index == table.none) continue;
    od::value value;
    if (const auto code = item.value().get(value)) return r.fail(code);
    const auto& f = table.fields[index];
    if (!f.read(r, value, f.name, out)) return r.inside(f.name);
    seen |= std::uint64_t{1} << index;
  }
  for (std::size_t i = 0; i < table.fields.size(); ++i)
    if (table.fields[i].required && (seen >> i & 1) == 0) {
      r.fail(errc::missing_field, "is required and absent");
      return r.inside(table.fields[i].name);
    }
  return true;
}

template <class T>
bool read_object(reader& r, od::value v, T& out) {
  od::object object;
  if (v.get_object().get(object)) return r.fail(errc::malformed, "is not an object");
  return read_members(r, object, out);
}

template <class T>
void write_object(writer& w, const T& value) {
  w.begin_object();
  for (const auto& f : codec<T>::table.fields) f.write(w, f.name, value);
  w.end_object();
}

/// In REST markets and in lifecycle messages alike.
template <>
struct codec<price_range> {
  using t = price_range;
  static constexpr auto table =
      fields<t>(required<&t::start>("start"), required<&t::end>("end"), required<&t::step>("step"));
};

/// Parses `body` and hands the opened root to `take(reader&, od::document&) -> bool`.
template <class F>
result<void> with_document(std::string_view body, F take) {
  if (body.size() > max_body_bytes)
    return error{errc::out_of_range,
                 "a body of " + std::to_string(body.size()) + " bytes is over the limit of 64 MiB"};
  const simdjson::padded_string padded{body};
  od::parser parser;
  od::document document;
  reader r;
  if (const auto code = parser.iterate(padded).get(document)) {
    r.fail(code);
    return r.take();
  }
  if (!take(r, document)) return r.take();
  const char* rest = nullptr;
  if (!document.current_location().get(rest)) {
    r.fail(errc::malformed, "something follows the document");
    return r.take();
  }
  return {};
}

/// Decodes a body that is one object.
template <class T>
result<T> decode_object(std::string_view body) {
  T out{};
  const auto done = with_document(body, [&out](reader& r, od::document& document) {
    od::object object;
    if (document.get_object().get(object)) return r.fail(errc::malformed, "is not an object");
    return read_members(r, object, out);
  });
  if (!done) return done.error();
  return out;
}

template <class T>
std::string encode_object(const T& value) {
  std::string out;
  writer w{out};
  write_object(w, value);
  return out;
}

}  // namespace cornice::venue::kalshi::json
