#include "infra/postgres_error.hpp"

#include <array>

namespace cornice::infra {

namespace {

struct sqlstate_rule {
  std::string_view prefix;
  errc code;
};

// The first matching prefix wins, so exact states stand before their class. Source: PostgreSQL
// manual, appendix "PostgreSQL Error Codes".
constexpr auto rules = std::to_array<sqlstate_rule>({
    {"08", errc::unavailable},       // connection exceptions
    {"22", errc::invalid_argument},  // data exceptions
    {"23505", errc::conflict},       // unique_violation
    {"23P01", errc::conflict},       // exclusion_violation
    {"23", errc::refused},           // other integrity constraints
    {"25006", errc::refused},        // read_only_sql_transaction
    {"25P03", errc::timed_out},      // idle_in_transaction_session_timeout
    {"28", errc::unauthorized},      // invalid authorization
    {"40003", errc::unavailable},    // statement_completion_unknown
    {"40", errc::conflict},          // serialization_failure, deadlock_detected
    {"42501", errc::refused},        // insufficient_privilege
    {"44", errc::refused},           // with_check_option_violation
    {"53", errc::unavailable},       // out of disk, memory, connections
    {"55P03", errc::timed_out},      // lock_not_available: lock_timeout or NOWAIT
    {"57014", errc::timed_out},      // query_canceled: statement_timeout
    {"57P", errc::unavailable},      // admin_shutdown, crash_shutdown, cannot_connect_now
    {"58", errc::unavailable},       // system errors outside the server
    {"P0001", errc::refused},        // RAISE EXCEPTION of a trigger or function
    {"P0004", errc::refused},        // ASSERT of a function
    {"XX001", errc::corrupt},        // data_corrupted
    {"XX002", errc::corrupt},        // index_corrupted
});

}  // namespace

errc errc_of_sqlstate(std::string_view sqlstate) noexcept {
  for (const auto& rule : rules)
    if (sqlstate.size() == 5 && sqlstate.starts_with(rule.prefix)) return rule.code;
  return errc::internal;
}

std::string one_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::string line;
  line.reserve(text.size());
  for (char c : text) {
    if (c == '\n') {
      line += "; ";
    } else if (c != '\r' && c != '\t') {
      line += c;
    }
  }
  return line;
}

}  // namespace cornice::infra
