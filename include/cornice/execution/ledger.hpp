// Double entry: every movement of money has two sides, so nothing appears or vanishes unnoticed.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::execution {

/// Account names: `cash:<venue>`, `contracts:<contract>`, `fees:<venue>`, `realised:<venue>`,
/// `equity:<venue>` (deposits, withdrawals, adjustments), `receivable:<venue>` (settled, not yet
/// paid out by the venue). Debits are positive: cash and contracts
/// are what we have, fees what we spent; realised gains and equity are negative.
[[nodiscard]] std::string cash_account(venue_id v);
[[nodiscard]] std::string contracts_account(const contract_id& c);
[[nodiscard]] std::string fees_account(venue_id v);
[[nodiscard]] std::string realised_account(venue_id v);
[[nodiscard]] std::string equity_account(venue_id v);
[[nodiscard]] std::string receivable_account(venue_id v);

struct ledger_posting {
  std::string account;
  money amount;
  friend bool operator==(const ledger_posting&, const ledger_posting&) = default;
};

enum class ledger_kind : std::uint8_t { opening, fill, settlement, payout, deposit, adjustment };
inline constexpr ledger_kind all_ledger_kinds[] = {
    ledger_kind::opening, ledger_kind::fill,    ledger_kind::settlement,
    ledger_kind::payout,  ledger_kind::deposit, ledger_kind::adjustment};
[[nodiscard]] std::string_view to_string(ledger_kind k) noexcept;
[[nodiscard]] result<ledger_kind> parse_ledger_kind(std::string_view text);

/// Postings that belong together; they sum to zero. `id` is unique and derives from the cause
/// (`fill:kalshi:…`), so a repeated one is recognised by the store.
struct ledger_transaction {
  std::string id;
  ledger_kind kind = ledger_kind::fill;
  timestamp at{};
  std::string memo;
  std::vector<ledger_posting> postings;
  friend bool operator==(const ledger_transaction&, const ledger_transaction&) = default;
  [[nodiscard]] money sum() const noexcept;
};

/// The venue paid out what was settled before: receivable becomes cash.
[[nodiscard]] ledger_transaction payout_received(std::string id, venue_id venue, money amount,
                                                 timestamp at);

/// A deposit (or, negative, a withdrawal, or an adjustment) of cash.
[[nodiscard]] ledger_transaction cash_movement(std::string id, ledger_kind kind, venue_id venue,
                                               money amount, std::string memo, timestamp at);

/// Balances of all accounts. Not thread-safe. O(log accounts) a posting.
class ledger {
 public:
  /// Aborts when the postings do not sum to zero: such a transaction is a defect of ours.
  void post(const ledger_transaction& t);
  /// Sets a balance as loaded from the store.
  void restore(std::string account, money balance);
  [[nodiscard]] money balance(std::string_view account) const noexcept;
  [[nodiscard]] money cash(venue_id v) const { return balance(cash_account(v)); }
  /// Σ of every account; zero, always.
  [[nodiscard]] money sum() const noexcept;
  [[nodiscard]] const std::map<std::string, money, std::less<>>& balances() const noexcept {
    return balances_;
  }

 private:
  std::map<std::string, money, std::less<>> balances_;
};

}  // namespace cornice::execution
