// Errors as values. `result<T>` is for what the outside world may do (a frame, a file, a peer);
// lost resources at start-up throw, and broken invariants end the process (check.hpp).
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace cornice {

/// What kind of thing went wrong. The text carries what, where, and what would be right.
enum class errc : std::uint8_t {
  invalid_argument,  ///< a value given by a person or a caller breaks a rule
  out_of_range,      ///< a number lies outside its type's range
  malformed,         ///< bytes that are not the format they claim to be
  missing_field,     ///< a required field is absent
  not_found,         ///< the named thing does not exist
  conflict,          ///< the thing exists already or has changed meanwhile
  refused,           ///< a peer or a rule said no, and nothing was done
  unauthorized,      ///< credentials are missing, wrong, or lack the role
  timed_out,         ///< the deadline passed; what the peer did is unknown
  cancelled,         ///< the caller or a shutdown gave up; what the peer did is unknown
  overloaded,        ///< a bounded queue, budget or buffer is full; nothing was done
  unavailable,       ///< a dependency is not connected
  protocol,          ///< a peer broke its protocol
  io,                ///< the operating system reported an error
  corrupt,           ///< stored data contradicts itself
  internal,          ///< a defect of ours that could be contained
};

/// Stable lower-case name of `code`, as it appears in logs and HTTP problem types.
std::string_view to_string(errc code) noexcept;

/// Every errc, for tests and tables.
inline constexpr errc all_errc[] = {
    errc::invalid_argument, errc::out_of_range, errc::malformed,  errc::missing_field,
    errc::not_found,        errc::conflict,     errc::refused,    errc::unauthorized,
    errc::timed_out,        errc::cancelled,    errc::overloaded, errc::unavailable,
    errc::protocol,         errc::io,           errc::corrupt,    errc::internal};

struct error {
  errc code = errc::internal;
  std::string message;

  /// The same error seen from one level further out: `where: message`.
  [[nodiscard]] error within(std::string_view where) const {
    return {code, std::string{where}.append(": ").append(message)};
  }
  friend bool operator==(const error&, const error&) = default;
};

template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() on an error; throws std::runtime_error with the message.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

}  // namespace cornice

/// Returns early from a function that returns result<U> (not a coroutine) when `expression` failed.
#define CORNICE_TRY(name, expression)                          \
  auto name##_result = (expression);                           \
  if (!name##_result) return std::move(name##_result).error(); \
  auto& name = *name##_result

/// As CORNICE_TRY, where the value does not matter.
#define CORNICE_CHECK_OK(expression) \
  if (auto outcome_ = (expression); !outcome_) return std::move(outcome_).error()
