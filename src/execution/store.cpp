#include "cornice/execution/store.hpp"

#include "cornice/infra/log.hpp"
#include "execution/commit_document.hpp"
#include "execution/store_load.hpp"

#include <algorithm>
#include <deque>

namespace cornice::execution {
namespace {

// A refused opportunity is written with its refusal in the same turn of the loop; older ones were
// never refused.
constexpr std::size_t max_remembered = 1024;
constexpr std::chrono::seconds load_deadline{30};
// SQLSTATE object_not_in_prerequisite_state arrives as `internal` or `refused`; the text of our own
// RAISE tells it apart.
constexpr std::string_view fenced_text = "is held under fence";

constexpr const char* commit_sql = "SELECT execution_commit($1, $2, $3, $4, $5::jsonb)";

}  // namespace

std::string lease_name(const store_config& c) {
  return c.mode + ":" + c.account;
}

struct store::state {
  state(infra::asio::any_io_executor loop, store_config c, const infra::clock& t, infra::pg_pool& d,
        infra::metrics_registry& m)
      : config{std::move(c)}, time{t}, db{d}, arrived{std::move(loop)} {
    commit_seconds = m.make_histogram("cornice_execution_commit_seconds",
                                      "From the database call to its answer.");
    durable = m.make_counter("cornice_execution_commits_total", "Commits that became durable.");
    failed_attempts = m.make_counter("cornice_execution_commit_failures_total",
                                     "Attempts of a commit that failed.");
    pending_gauge = m.make_gauge("cornice_execution_commits_pending", "Commits not yet durable.");
  }

  store_config config;
  const infra::clock& time;
  infra::pg_pool& db;
  infra::async_event arrived;
  std::int64_t fence = 0;
  std::deque<commit> queue;
  refused_opportunities refused;
  std::deque<opportunity_id> refused_order;
  infra::logger log{"execution"};
  infra::histogram commit_seconds;
  infra::counter durable;
  infra::counter failed_attempts;
  infra::gauge pending_gauge;

  infra::task<result<void>> attempt(std::size_t batch);
};

store::store(infra::asio::any_io_executor loop, store_config config, const infra::clock& time,
             infra::pg_pool& db, infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), std::move(config), time, db, metrics)} {}
store::~store() = default;

void store::set_fence(std::int64_t fence) {
  state_->fence = fence;
}

std::size_t store::pending() const noexcept {
  return state_->queue.size();
}

void store::remember(const opportunity& o) {
  state& s = *state_;
  if (!s.refused.emplace(o.id, o).second) return;
  s.refused_order.push_back(o.id);
  if (s.refused_order.size() <= max_remembered) return;
  s.refused.erase(s.refused_order.front());
  s.refused_order.pop_front();
}

void store::submit(commit c) {
  state_->queue.push_back(std::move(c));
  state_->pending_gauge.set(static_cast<std::int64_t>(state_->queue.size()));
  state_->arrived.notify();
}

infra::task<result<void>> store::state::attempt(std::size_t batch) {
  const std::vector<commit> commits(queue.begin(),
                                    queue.begin() + static_cast<std::ptrdiff_t>(batch));
  infra::pg_params params;
  params.add(lease_name(config))
      .add(fence)
      .add(static_cast<std::int64_t>(commits.back().id))
      .add(config.mode)
      .add(commit_document(commits, refused, std::to_string(fence) + "-", time.now()));
  const instant begun = time.monotonic();
  const auto answer = co_await db.exec(config.attempt_deadline, commit_sql, std::move(params));
  commit_seconds.observe_us(
      std::chrono::duration_cast<std::chrono::microseconds>(time.monotonic() - begun).count());
  if (!answer) co_return answer.error();
  co_return result<void>{};
}

infra::task<> store::run(std::function<void(std::uint64_t)> committed,
                         std::function<void(std::string)> fenced_off,
                         std::function<void(bool, std::string)> trouble) {
  const std::shared_ptr<state> s = state_;
  std::chrono::milliseconds wait = s->config.retry_min;
  bool in_trouble = false;
  for (;;) {
    if (s->queue.empty()) {
      (void)co_await s->arrived.wait(std::chrono::seconds{1});
      continue;
    }
    // A batch keeps its members until it is durable: its number must always mean the same commits.
    const std::size_t batch = std::min(s->queue.size(), s->config.batch_max);
    auto done = co_await s->attempt(batch);
    while (!done) {
      s->failed_attempts.add();
      if (done.error().message.find(fenced_text) != std::string::npos) {
        s->log.critical("commit_fenced_off", {{"error", done.error().message}});
        fenced_off(done.error().message);
        co_return;
      }
      s->log.warn("commit_failed", {{"error", done.error().message}, {"commits", batch}});
      if (!in_trouble) trouble(true, done.error().message);
      in_trouble = true;
      if (!co_await infra::sleep_for(wait)) co_return;
      wait = std::min(wait * 2, s->config.retry_max);
      done = co_await s->attempt(batch);
    }
    if (in_trouble) trouble(false, "");
    in_trouble = false;
    wait = s->config.retry_min;
    for (std::size_t i = 0; i < batch; ++i) {
      const std::uint64_t id = s->queue.front().id;
      s->queue.pop_front();
      s->durable.add();
      s->pending_gauge.set(static_cast<std::int64_t>(s->queue.size()));
      committed(id);
    }
  }
}

infra::task<result<loaded_state>> store::load(timestamp now) {
  const std::string mode = state_->config.mode;
  auto body = [mode, now](infra::pg_transaction& tx) { return load_state(tx, mode, now); };
  auto loaded = co_await state_->db.run(load_deadline, std::move(body));
  if (!loaded) co_return loaded.error().within("loading the state of execution");
  co_return std::move(*loaded);
}

}  // namespace cornice::execution
