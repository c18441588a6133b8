#include "app/cli/database_loop.hpp"
#include "app/cli/markets.hpp"
#include "cornice/data/mapping_store.hpp"
#include "cornice/infra/clock.hpp"

#include <ostream>

namespace cornice::app::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto transaction_limit = 10s;

std::string_view verb_of(mapping_decision d) {
  switch (d) {
    case mapping_decision::approve:
      return "approved";
    case mapping_decision::reject:
      return "rejected";
    case mapping_decision::suspend:
      return "suspended";
  }
  return "decided";
}

struct decide_run {
  const decide_options& options;
  const terminal& t;
  std::string by;
  std::size_t done = 0;
  std::size_t failed = 0;

  void report(const std::string& id, const std::string& why) {
    ++failed;
    note(t, "market " + id + ": " + why);
  }
};

// A suspended member waits for a person to read its changed rules: never part of "all".
std::vector<std::string> all_proposed(infra::pg_transaction& tx) {
  const infra::pg_rows rows = tx.exec(
      "SELECT market_id FROM market_contract GROUP BY market_id HAVING bool_or(status = "
      "'proposed') AND NOT bool_or(status = 'suspended') ORDER BY market_id");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.emplace_back(rows.text(i, 0));
  return out;
}

infra::task<result<void>> decide_one(infra::pg_pool& db, mapping_decision decision, market_id id,
                                     std::string by, std::string reason) {
  const timestamp now = infra::system_clock().now();
  auto body = [=](infra::pg_transaction& tx) {
    switch (decision) {
      case mapping_decision::approve:
        return data::approve(tx, id, by, reason, now);
      case mapping_decision::reject:
        return data::reject(tx, id, by, reason, now);
      case mapping_decision::suspend:
        return data::suspend(tx, id, by, reason, now);
    }
  };
  co_return co_await db.run(transaction_limit, std::move(body));
}

infra::task<> decide_all(infra::pg_pool& db, decide_run& run) {
  std::vector<std::string> ids = run.options.ids;
  if (run.options.all) {
    auto body = [](infra::pg_transaction& tx) { return all_proposed(tx); };
    const auto proposed = co_await db.run(transaction_limit, std::move(body));
    if (!proposed) {
      ++run.failed;
      note(run.t, proposed.error().message);
      co_return;
    }
    ids = *proposed;
  }
  for (const std::string& text : ids) {
    const auto id = market_id::parse(text);
    if (!id) {
      run.report(text, id.error().message);
      continue;
    }
    const auto decided =
        co_await decide_one(db, run.options.decision, *id, run.by, run.options.reason);
    if (decided)
      ++run.done;
    else
      run.report(text, decided.error().message);
  }
}

}  // namespace

int decide_markets(const decide_options& options, const terminal& t) {
  if (options.reason.empty())
    return fail_usage(t, "--reason must say why: it goes into the audit trail");
  if (options.all == !options.ids.empty())
    return fail_usage(t, options.all ? "either market ids or --all, not both"
                                     : "which markets? `cornice markets list` shows their ids");
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  const auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  decide_run run{options, t, caller_name(), 0, 0};
  const auto done =
      with_database(*db, [&run](infra::pg_pool& pool) { return decide_all(pool, run); });
  if (!done) return fail(t, done.error());
  t.out << run.done << " markets " << verb_of(options.decision) << ", " << run.failed
        << " failed\n";
  if (run.done > 0) announce_mappings(*config, options.reason, t);
  return run.failed == 0 ? exit_ok : exit_failed;
}

}  // namespace cornice::app::cli
