// Who may execute for an account: one daemon, told apart from its predecessors by a fencing number.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/postgres.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cornice::execution {

/// A held lease. Lives on a database session of its own: the server lets go of the lock when that
/// session ends, however the daemon died. Loop thread only.
class lease {
 public:
  /// Tries once. Errors: conflict (another daemon holds it; the text names it), and those of the
  /// database.
  static infra::task<result<std::unique_ptr<lease>>> acquire(infra::asio::any_io_executor loop,
                                                             infra::pg_config config,
                                                             std::string name, std::string holder);
  /// Commits under an older number are refused by the database.
  [[nodiscard]] std::int64_t fence() const noexcept { return fence_; }
  /// False once the session is lost: stop sending at once, somebody else may hold it.
  [[nodiscard]] bool held() const noexcept { return session_->alive(); }

 private:
  lease(std::unique_ptr<infra::pg_session> session, std::int64_t fence)
      : session_{std::move(session)}, fence_{fence} {}
  std::unique_ptr<infra::pg_session> session_;
  std::int64_t fence_;
};

}  // namespace cornice::execution
