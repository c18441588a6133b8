// Commits of the order manager as the one JSON document that execution_commit() takes
// (migrations/0005_functions.sql).
#pragma once

#include "cornice/execution/actions.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <span>
#include <string>

namespace cornice::execution {

/// Opportunities that were refused and whose body should be kept with the refusal.
using refused_opportunities = std::map<opportunity_id, opportunity>;

/// Later states of a row replace earlier ones; events, fills, postings, outbox rows and audit
/// entries all stay, in order. `message_prefix` makes message ids unique across daemons: fence and
/// commit number are in it.
[[nodiscard]] std::string commit_document(std::span<const commit> commits,
                                          const refused_opportunities& refused,
                                          const std::string& message_prefix, timestamp now);

}  // namespace cornice::execution
