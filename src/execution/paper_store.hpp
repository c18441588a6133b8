// The paper venue's tables.
#pragma once

#include "cornice/execution/paper_config.hpp"
#include "cornice/execution/paper_matcher.hpp"
#include "cornice/infra/postgres.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cornice::execution {

struct paper_books {
  std::map<venue_id, money> cash;
  std::vector<std::pair<contract_id, quantity>> held;
  std::vector<paper_order> resting;
};

/// All run inside one transaction on a pool thread and throw as pg_transaction does.

/// Opens accounts that do not exist yet.
[[nodiscard]] paper_books load_paper(infra::pg_transaction& tx, const paper_config& config);
/// Order (insert or update), fills, cash, holdings. Throws conflict, and changes nothing, when the
/// account does not hold `cash_before`: a write that nobody waited for any more came in between,
/// and the result was made without it.
void write_paper(infra::pg_transaction& tx, const paper_result& r, money cash_before,
                 timestamp now);
/// What became of a client order id.
[[nodiscard]] std::optional<paper_order> find_paper(infra::pg_transaction& tx, venue_id venue,
                                                    const order_id& id);
/// Fills that the broker has not confirmed, oldest first.
[[nodiscard]] std::vector<fill_report> unreported_fills(infra::pg_transaction& tx,
                                                        std::int64_t limit);
void mark_reported(infra::pg_transaction& tx, const std::vector<std::string>& fill_ids);
[[nodiscard]] account_snapshot paper_snapshot(infra::pg_transaction& tx, venue_id venue,
                                              std::string request_id, timestamp since,
                                              timestamp now);

}  // namespace cornice::execution
