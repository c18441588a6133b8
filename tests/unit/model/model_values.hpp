// rapidcheck generators of the values that messages are made of.
#pragma once

#include "cornice/model/codec.hpp"
#include "model/enum_table.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

namespace cornice_test {

using namespace cornice;

template <class E>
concept named_enum = std::is_enum_v<E> && requires {
  names_of<E>.entries.size();
};

template <named_enum E>
rc::Gen<E> some_enum() {
  return rc::gen::map(rc::gen::inRange<std::size_t>(0, names_of<E>.entries.size()),
                      [](std::size_t i) { return names_of<E>.entries[i].value; });
}

/// Any valid id: printable ASCII without space, quote and backslash.
rc::Gen<std::string> id_text(std::size_t max_size = 40);

template <class Id>
rc::Gen<Id> some_id() {
  return rc::gen::map(id_text(), [](std::string text) { return Id::of(std::move(text)); });
}
template <class Id>
rc::Gen<Id> id_or_none() {
  return rc::gen::oneOf(rc::gen::just(Id{}), some_id<Id>());
}

/// Valid UTF-8 with everything that JSON escapes.
rc::Gen<std::string> utf8_text(std::size_t max_code_points = 12);

/// Small values and the whole range, without the smallest integer: no decimal that is parsed has
/// that magnitude.
rc::Gen<std::int64_t> wide_integer();
rc::Gen<std::int64_t> wide_not_negative();
rc::Gen<quantity> quantity_at_least(std::int64_t min_micros);

/// Times that RFC 3339 can write; around the present, at the ends, and the zero that stands for
/// unknown.
rc::Gen<timestamp> some_time();

rc::Gen<price> some_price();

rc::Gen<contract_id> some_contract();

/// Bands on whole cents with the steps that venues use.
rc::Gen<tick_grid> some_grid();

}  // namespace cornice_test

namespace rc {

template <>
struct Arbitrary<cornice::price> {
  static Gen<cornice::price> arbitrary();
};
template <>
struct Arbitrary<cornice::quantity> {
  static Gen<cornice::quantity> arbitrary();
};
template <>
struct Arbitrary<cornice::money> {
  static Gen<cornice::money> arbitrary();
};
template <>
struct Arbitrary<cornice::ratio> {
  static Gen<cornice::ratio> arbitrary();
};
template <>
struct Arbitrary<cornice::timestamp> {
  static Gen<cornice::timestamp> arbitrary();
};
template <>
struct Arbitrary<cornice::contract_id> {
  static Gen<cornice::contract_id> arbitrary();
};
template <class Tag>
struct Arbitrary<cornice::text_id<Tag>> {
  static Gen<cornice::text_id<Tag>> arbitrary() {
    return cornice_test::some_id<cornice::text_id<Tag>>();
  }
};
template <>
struct Arbitrary<cornice::tick_grid> {
  static Gen<cornice::tick_grid> arbitrary();
};
template <cornice_test::named_enum E>
struct Arbitrary<E> {
  static Gen<E> arbitrary() { return cornice_test::some_enum<E>(); }
};

}  // namespace rc
