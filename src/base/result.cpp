#include "cornice/base/result.hpp"

#include <stdexcept>

namespace cornice {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::out_of_range:
      return "out_of_range";
    case errc::malformed:
      return "malformed";
    case errc::missing_field:
      return "missing_field";
    case errc::not_found:
      return "not_found";
    case errc::conflict:
      return "conflict";
    case errc::refused:
      return "refused";
    case errc::unauthorized:
      return "unauthorized";
    case errc::timed_out:
      return "timed_out";
    case errc::cancelled:
      return "cancelled";
    case errc::overloaded:
      return "overloaded";
    case errc::unavailable:
      return "unavailable";
    case errc::protocol:
      return "protocol";
    case errc::io:
      return "io";
    case errc::corrupt:
      return "corrupt";
    case errc::internal:
      return "internal";
  }
  return "unknown";
}

void throw_exception_from_error(const error& e, const boost::source_location& /*where*/) {
  throw std::runtime_error(std::string{to_string(e.code)}.append(": ").append(e.message));
}

}  // namespace cornice
