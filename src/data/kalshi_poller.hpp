// Kalshi's order books without an account: polled over REST within the public budget.
#pragma once

#include "cornice/data/token_bucket.hpp"
#include "cornice/infra/supervisor.hpp"
#include "data/feed_context.hpp"

#include <set>
#include <string>

namespace cornice::data {

/// Batches of up to 100 tickers round robin; every answer confirms its books. A ticker whose last
/// answer is older than a few rounds is unusable. Loop thread only.
class kalshi_poller {
 public:
  explicit kalshi_poller(feed_context context);
  infra::task<> run(infra::health_reporter& health);
  void reselect();
  [[nodiscard]] feed_counts counts() const;

 private:
  struct polled {
    instant answered{};
    bool usable = false;
  };
  infra::task<result<void>> poll(std::vector<std::string> tickers);
  void publish(const std::string& ticker, const order_book& book, instant received);
  void lose(const std::string& ticker, std::string_view why, instant now);
  void expire(instant now, std::chrono::milliseconds limit);
  [[nodiscard]] std::vector<std::string> next_batch();

  feed_context context_;
  infra::logger log_{"data.kalshi"};
  complaint_log complaints_;
  token_bucket budget_;
  std::map<std::string, polled> books_;
  std::string last_polled_;
};

}  // namespace cornice::data
