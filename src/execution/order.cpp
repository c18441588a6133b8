#include "cornice/execution/order.hpp"

namespace cornice::execution {

std::string_view to_string(order_purpose p) noexcept {
  switch (p) {
    case order_purpose::open:
      return "open";
    case order_purpose::complete:
      return "complete";
    case order_purpose::unwind:
      return "unwind";
  }
  return "open";
}

result<order_purpose> parse_order_purpose(std::string_view text) {
  for (const auto p : all_order_purposes)
    if (to_string(p) == text) return p;
  return error{errc::invalid_argument, "unknown order purpose \"" + std::string{text} +
                                           "\"; known: open, complete, unwind"};
}

}  // namespace cornice::execution
