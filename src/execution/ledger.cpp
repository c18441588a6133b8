#include "cornice/execution/ledger.hpp"

#include "cornice/base/check.hpp"

namespace cornice::execution {
namespace {

std::string named(std::string_view kind, std::string_view owner) {
  return std::string{kind}.append(":").append(owner);
}

}  // namespace

std::string cash_account(venue_id v) {
  return named("cash", to_string(v));
}
std::string contracts_account(const contract_id& c) {
  return named("contracts", c.view());
}
std::string fees_account(venue_id v) {
  return named("fees", to_string(v));
}
std::string realised_account(venue_id v) {
  return named("realised", to_string(v));
}
std::string equity_account(venue_id v) {
  return named("equity", to_string(v));
}
std::string receivable_account(venue_id v) {
  return named("receivable", to_string(v));
}

std::string_view to_string(ledger_kind k) noexcept {
  switch (k) {
    case ledger_kind::opening:
      return "opening";
    case ledger_kind::fill:
      return "fill";
    case ledger_kind::settlement:
      return "settlement";
    case ledger_kind::payout:
      return "payout";
    case ledger_kind::deposit:
      return "deposit";
    case ledger_kind::adjustment:
      return "adjustment";
  }
  return "adjustment";
}

result<ledger_kind> parse_ledger_kind(std::string_view text) {
  for (const auto k : all_ledger_kinds)
    if (to_string(k) == text) return k;
  return error{errc::invalid_argument, "unknown ledger kind \"" + std::string{text} + "\""};
}

money ledger_transaction::sum() const noexcept {
  money total;
  for (const auto& p : postings) total += p.amount;
  return total;
}

ledger_transaction cash_movement(std::string id, ledger_kind kind, venue_id venue, money amount,
                                 std::string memo, timestamp at) {
  ledger_transaction t;
  t.id = std::move(id);
  t.kind = kind;
  t.at = at;
  t.memo = std::move(memo);
  t.postings = {{cash_account(venue), amount}, {equity_account(venue), -amount}};
  return t;
}

ledger_transaction payout_received(std::string id, venue_id venue, money amount, timestamp at) {
  ledger_transaction t;
  t.id = std::move(id);
  t.kind = ledger_kind::payout;
  t.at = at;
  t.memo = "settlement paid out by the venue";
  t.postings = {{cash_account(venue), amount}, {receivable_account(venue), -amount}};
  return t;
}

void ledger::post(const ledger_transaction& t) {
  invariant(t.sum().is_zero(), "the postings of a transaction sum to zero");
  for (const auto& p : t.postings) balances_[p.account] += p.amount;
}

void ledger::restore(std::string account, money balance) {
  balances_[std::move(account)] = balance;
}

money ledger::balance(std::string_view account) const noexcept {
  const auto it = balances_.find(account);
  return it == balances_.end() ? money{} : it->second;
}

money ledger::sum() const noexcept {
  money total;
  for (const auto& [account, amount] : balances_) total += amount;
  return total;
}

}  // namespace cornice::execution
