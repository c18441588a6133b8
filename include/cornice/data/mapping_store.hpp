// Mappings in PostgreSQL: what people decide about which listings belong together.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/model/listing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::data {

/// One line of `cornice markets list`.
struct mapping_row {
  market_id market;
  market_kind kind = market_kind::binary;
  std::string title;
  market_contract member;
  std::string listing_title;
  std::string current_rule_hash;
  std::string evidence;
  std::string decided_by;
  timestamp decided{};
};

/// All functions run inside one transaction on a pool thread, write one audit entry for each
/// decision, and throw pg_error (refused, with a text for people) when a rule is broken; nothing is
/// changed then.

[[nodiscard]] std::vector<mapping_row> list_mappings(infra::pg_transaction& tx,
                                                     std::optional<mapping_status> status);
[[nodiscard]] std::vector<market> load_markets(infra::pg_transaction& tx);
/// Makes or extends a market with proposed members. Members that exist keep their status. Returns
/// how many are new. `score_ppm`: how sure the proposer is.
std::size_t propose(infra::pg_transaction& tx, const market& m, const std::string& evidence,
                    const std::string& by, timestamp now,
                    std::optional<std::int64_t> score_ppm = {});
struct proposal_report {
  std::size_t proposals = 0;    ///< markets that look right, known ones included
  std::size_t new_members = 0;  ///< what was stored
};
/// Compares every open listing of the catalogue's tables and proposes what looks like one question
/// (mapping.hpp: propose_markets); never approves. Takes seconds with many listings.
[[nodiscard]] proposal_report propose_look_alikes(infra::pg_transaction& tx, const std::string& by,
                                                  timestamp now);
/// Approves every proposed or suspended member. Refused when a member's rule text changed since it
/// was looked at (its hash differs from the stored one), when fewer than two members remain, or
/// when a member is approved in another market.
void approve(infra::pg_transaction& tx, const market_id& id, const std::string& by,
             const std::string& reason, timestamp now);
void reject(infra::pg_transaction& tx, const market_id& id, const std::string& by,
            const std::string& reason, timestamp now);
void suspend(infra::pg_transaction& tx, const market_id& id, const std::string& by,
             const std::string& reason, timestamp now);
/// Suspends the approved members that belong to a listing whose rules changed. Returns the markets
/// concerned.
[[nodiscard]] std::vector<market_id> suspend_changed(infra::pg_transaction& tx,
                                                     const listing& changed, timestamp now);

/// Reads {"markets":[{"market_id","kind","title","contracts":[{"contract_id","relation"}…]}…]}.
/// Errors: malformed, missing_field, with the JSON pointer.
[[nodiscard]] result<std::vector<market>> decode_mapping_file(std::string_view json);

}  // namespace cornice::data
