// What execution keeps in PostgreSQL: commits of the order manager in, the state of a restart out.
#pragma once

#include "cornice/execution/actions.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cornice::execution {

struct store_config {
  std::string account = "main";
  std::string mode = "paper";
  /// One attempt of a commit; an unanswered one is repeated under the same number, which the
  /// database recognises.
  std::chrono::milliseconds attempt_deadline{2000};
  std::chrono::milliseconds retry_min{50};
  std::chrono::milliseconds retry_max{2000};
  std::size_t batch_max = 64;  ///< commits that queued up behind a slow one go together
};

/// Name of the lease row and of the lock that goes with it.
[[nodiscard]] std::string lease_name(const store_config& c);

/// Executes commits strictly in order, one database call at a time, and repeats each until it is
/// durable. Loop thread only.
class store {
 public:
  store(infra::asio::any_io_executor loop, store_config config, const infra::clock& time,
        infra::pg_pool& db, infra::metrics_registry& metrics);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  /// The lease under which commits are made. Before run().
  void set_fence(std::int64_t fence);
  /// Everything a restart needs. Errors: of the database; corrupt, naming the row, when a stored
  /// value cannot be read.
  infra::task<result<loaded_state>> load(timestamp now);
  /// Keeps a refused opportunity with its refusal: called before the actions of on_opportunity are
  /// submitted.
  void remember(const opportunity& o);
  /// Queues a commit. O(its changes).
  void submit(commit c);
  /// Works until cancelled. `committed` is called for each commit in order; `fenced_off` once when
  /// another daemon holds the lease; `trouble` with true when an attempt failed and with false when
  /// the next one succeeded.
  infra::task<> run(std::function<void(std::uint64_t)> committed,
                    std::function<void(std::string)> fenced_off,
                    std::function<void(bool, std::string)> trouble);
  [[nodiscard]] std::size_t pending() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// The audit trail from `after` on, at most `limit` entries; for verification.
[[nodiscard]] std::vector<audit_record> read_audit(infra::pg_transaction& tx, std::int64_t after,
                                                   std::int64_t limit);

}  // namespace cornice::execution
