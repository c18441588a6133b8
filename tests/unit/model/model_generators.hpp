// rapidcheck generators of every bus message. What they make is valid: it encodes, decodes and
// comes back equal.
#pragma once

#include "cornice/model/codec.hpp"
#include "model_values.hpp"

#include <rapidcheck.h>

#include <concepts>
#include <functional>
#include <ostream>
#include <string>

namespace cornice {

/// What a failing property shows of a message: its JSON.
template <class T>
requires requires(const T& m) {
  { encode(m) } -> std::same_as<std::string>;
}
void showValue(const T& m, std::ostream& os) {
  os << encode(m);
}
template <class T>
requires requires(const T& m) {
  { encode(m) } -> std::same_as<std::string>;
}
void PrintTo(const T& m, std::ostream* os) {
  *os << encode(m);
}

}  // namespace cornice

namespace rc {

template <>
struct Arbitrary<cornice::book_signal> {
  static Gen<cornice::book_signal> arbitrary();
};
template <>
struct Arbitrary<cornice::trade_signal> {
  static Gen<cornice::trade_signal> arbitrary();
};
template <>
struct Arbitrary<cornice::feed_signal> {
  static Gen<cornice::feed_signal> arbitrary();
};
template <>
struct Arbitrary<cornice::fee_schedule> {
  static Gen<cornice::fee_schedule> arbitrary();
};
template <>
struct Arbitrary<cornice::listing> {
  static Gen<cornice::listing> arbitrary();
};
template <>
struct Arbitrary<cornice::market_contract> {
  static Gen<cornice::market_contract> arbitrary();
};
template <>
struct Arbitrary<cornice::market> {
  static Gen<cornice::market> arbitrary();
};
template <>
struct Arbitrary<cornice::market_signal> {
  static Gen<cornice::market_signal> arbitrary();
};
template <>
struct Arbitrary<cornice::opportunity_leg> {
  static Gen<cornice::opportunity_leg> arbitrary();
};
template <>
struct Arbitrary<cornice::opportunity> {
  static Gen<cornice::opportunity> arbitrary();
};
template <>
struct Arbitrary<cornice::opportunity_refusal> {
  static Gen<cornice::opportunity_refusal> arbitrary();
};
template <>
struct Arbitrary<cornice::fill_report> {
  static Gen<cornice::fill_report> arbitrary();
};
template <>
struct Arbitrary<cornice::order_report> {
  static Gen<cornice::order_report> arbitrary();
};
template <>
struct Arbitrary<cornice::balance_report> {
  static Gen<cornice::balance_report> arbitrary();
};
template <>
struct Arbitrary<cornice::position_entry> {
  static Gen<cornice::position_entry> arbitrary();
};
template <>
struct Arbitrary<cornice::account_snapshot> {
  static Gen<cornice::account_snapshot> arbitrary();
};
template <>
struct Arbitrary<cornice::order_event> {
  static Gen<cornice::order_event> arbitrary();
};
template <>
struct Arbitrary<cornice::bundle_event> {
  static Gen<cornice::bundle_event> arbitrary();
};
template <>
struct Arbitrary<cornice::refusal_event> {
  static Gen<cornice::refusal_event> arbitrary();
};
template <>
struct Arbitrary<cornice::position_event> {
  static Gen<cornice::position_event> arbitrary();
};
template <>
struct Arbitrary<cornice::pnl_event> {
  static Gen<cornice::pnl_event> arbitrary();
};
template <>
struct Arbitrary<cornice::breaker_event> {
  static Gen<cornice::breaker_event> arbitrary();
};
template <>
struct Arbitrary<cornice::command_request> {
  static Gen<cornice::command_request> arbitrary();
};
template <>
struct Arbitrary<cornice::command_reply> {
  static Gen<cornice::command_reply> arbitrary();
};

}  // namespace rc

namespace cornice_test {

/// Whether `property` holds for every arbitrary message of type T; what fails is printed. One
/// function a type, instantiated in the .cpp: this is by far the dearest template of these tests.
template <class T>
bool holds_for_all(const std::function<void(const T&)>& property);

}  // namespace cornice_test
