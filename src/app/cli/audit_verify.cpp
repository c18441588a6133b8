#include "app/cli/audit_verify.hpp"

#include "cornice/execution/audit.hpp"
#include "cornice/execution/store.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace cornice::app::cli {
namespace {

constexpr std::int64_t batch_size = 10'000;

}  // namespace

result<audit_extent> verify_trail(const infra::pg_config& db, std::int64_t batch) {
  audit_extent seen;
  seen.last_hash = execution::audit_genesis;
  result<void> intact;
  const auto read = infra::run_blocking(db, [&](infra::pg_transaction& tx) {
    for (;;) {
      const auto range = execution::read_audit(tx, seen.entries, batch);
      if (range.empty()) return;
      intact = execution::verify(seen.entries, seen.last_hash, range);
      if (!intact) return;
      seen.entries = range.back().sequence;
      seen.last_hash = range.back().hash;
    }
  });
  if (!read) return read.error().within("reading the audit trail");
  if (!intact) return intact.error();
  return seen;
}

int audit_verify(const audit_options& options, const terminal& t) {
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  const auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  const auto seen = verify_trail(*db, batch_size);
  if (!seen) {
    if (options.json) {
      const nlohmann::ordered_json body = {{"intact", false}, {"error", seen.error().message}};
      t.out << body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }
    return fail(t, seen.error());
  }
  if (options.json) {
    const nlohmann::ordered_json body = {
        {"intact", true}, {"entries", seen->entries}, {"last_hash", seen->last_hash}};
    t.out << body.dump() << '\n';
  } else {
    t.out << "audit trail intact: " << seen->entries << " entries, last hash " << seen->last_hash
          << '\n';
  }
  return exit_ok;
}

}  // namespace cornice::app::cli
