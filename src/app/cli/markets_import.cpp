#include "app/cli/database_loop.hpp"
#include "app/cli/markets.hpp"
#include "cornice/data/mapping_store.hpp"
#include "cornice/infra/clock.hpp"

#include <filesystem>
#include <ostream>

namespace cornice::app::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto transaction_limit = 10s;
constexpr auto retry_every = 500ms;

// The first contract of `m` that the catalogue does not have; empty when it has all.
std::string first_missing(infra::pg_transaction& tx, const market& m) {
  std::vector<std::string> ids;
  for (const market_contract& c : m.contracts) ids.push_back(c.contract.str());
  infra::pg_params p;
  p.add_array(ids);
  const infra::pg_rows rows = tx.exec(
      "SELECT w.id FROM unnest($1::text[]) AS w(id) WHERE NOT EXISTS (SELECT 1 FROM contract k "
      "WHERE k.contract_id = w.id) LIMIT 1",
      p);
  return rows.empty() ? std::string{} : std::string{rows.text(0, 0)};
}

struct import_run {
  const import_options& options;
  const terminal& t;
  std::string evidence;
  std::string by;
  std::vector<mapping_entry> waiting;  // entries that may still succeed
  std::size_t proposed = 0;
  std::size_t failed = 0;

  void report(const std::string& name, const std::string& why) {
    ++failed;
    note(t, "market " + name + ": " + why);
  }
};

// Answers the contract that is missing, or nothing when the market is in.
infra::task<result<std::string>> propose_one(infra::pg_pool& db, market m, std::string evidence,
                                             std::string by) {
  const timestamp now = infra::system_clock().now();
  auto body = [m = std::move(m), evidence = std::move(evidence), by = std::move(by),
               now](infra::pg_transaction& tx) {
    std::string missing = first_missing(tx, m);
    if (missing.empty()) data::propose(tx, m, evidence, by, now);
    return missing;
  };
  co_return co_await db.run(transaction_limit, std::move(body));
}

// One try of everything that waits. `last` reports what is still missing.
infra::task<> propose_all(infra::pg_pool& db, import_run& run, bool last) {
  std::vector<mapping_entry> entries = std::move(run.waiting);
  run.waiting.clear();
  for (mapping_entry& entry : entries) {
    const auto missing = co_await propose_one(db, *entry.what, run.evidence, run.by);
    if (!missing) {
      run.report(entry.name, missing.error().message);
    } else if (missing->empty()) {
      ++run.proposed;
    } else if (last) {
      run.report(entry.name, "contract " + *missing +
                                 " is not in the catalogue: a running daemon discovers it; wait "
                                 "for that (--wait SECONDS) or correct the id");
    } else {
      run.waiting.push_back(std::move(entry));
    }
  }
}

infra::task<> import_all(infra::pg_pool& db, import_run& run) {
  const auto& time = infra::system_clock();
  const instant until = time.monotonic() + std::chrono::seconds{run.options.wait_s};
  for (;;) {
    const bool last = time.monotonic() >= until;
    co_await propose_all(db, run, last);
    if (last || run.waiting.empty()) co_return;
    (void)co_await infra::sleep_for(retry_every);
  }
}

}  // namespace

int import_markets(const import_options& options, const terminal& t) {
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  const auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  const auto text = read_file(options.file);
  if (!text) return fail_usage(t, text.error().message);
  auto entries = read_entries(*text);
  if (!entries) return fail_usage(t, options.file + ": " + entries.error().message);
  import_run run{options, t, options.evidence, caller_name(), {}, 0, 0};
  if (run.evidence.empty())
    run.evidence = "imported from " + std::filesystem::path{options.file}.filename().string();
  for (mapping_entry& entry : *entries) {
    if (entry.what)
      run.waiting.push_back(std::move(entry));
    else
      run.report(entry.name, entry.what.error().message);
  }
  const auto done =
      with_database(*db, [&run](infra::pg_pool& pool) { return import_all(pool, run); });
  if (!done) return fail(t, done.error());
  t.out << run.proposed << " markets proposed, " << run.failed << " failed\n";
  if (run.proposed > 0) announce_mappings(*config, run.evidence, t);
  return run.failed == 0 ? exit_ok : exit_failed;
}

}  // namespace cornice::app::cli
