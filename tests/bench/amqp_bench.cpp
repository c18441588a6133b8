// Latency of one hop and rate of one publisher to several consumers of amqp_client, beside a bare
// rabbitmq-c loop on the same broker. Either side runs on one thread, with one connection to
// publish and one for each consumer.
#include "bare_broker.hpp"
#include "bench.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/log.hpp"
#include "service_env.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace cornice::infra;
using namespace cornice_bench;

constexpr std::size_t rounds = 11;
constexpr std::size_t body_bytes = 300;
constexpr std::size_t warm_up = 200;
constexpr std::size_t hops = 2'000;
constexpr std::size_t fan_out_messages = 10'000;
// Bounded lead over the slowest consumer, as a publisher that cares about freshness keeps it.
constexpr std::size_t lead_max = 1'000;

// What both sides answer: the median and the 99th percentile of a hop, and deliveries a second.
struct figures {
  double hop_p50 = 0;
  double hop_p99 = 0;
  double deliveries_a_second = 0;
};

figures bare(const amqp_config& c, std::size_t consumers) {
  const std::string topic = "bench.bare";
  const std::string body(body_bytes, 'x');
  bare_publisher publisher{c, topic};
  std::vector<std::unique_ptr<bare_consumer>> all;
  for (std::size_t i = 0; i < consumers; ++i)
    all.push_back(std::make_unique<bare_consumer>(c, topic));
  figures out;
  std::vector<double> latencies;
  for (std::size_t i = 0; consumers == 1 && i < hops + warm_up; ++i) {
    const double took = seconds_of([&] {
      publisher.publish(body);
      all.front()->receive();
    });
    if (i >= warm_up) latencies.push_back(took * 1e6);
  }
  if (!latencies.empty()) {
    out.hop_p50 = median(latencies);
    out.hop_p99 = quantile(latencies, 0.99);
  }
  const double took = seconds_of([&] {
    std::size_t received = 0;
    const auto receive = [&] {
      for (auto& consumer : all) consumer->receive();
      ++received;
    };
    for (std::size_t sent = 1; sent <= fan_out_messages; ++sent) {
      publisher.publish(body);
      while (sent - received > lead_max) receive();
    }
    while (received < fan_out_messages) receive();
  });
  out.deliveries_a_second = static_cast<double>(fan_out_messages * consumers) / took;
  return out;
}

class client_side {
 public:
  client_side(const amqp_config& c, std::size_t consumers) : received_(consumers) {
    publisher_ = std::make_unique<amqp_client>(loop_.get_executor(), c, metrics_);
    publisher_->declare_topic(topic);
    publisher_->on_state_change([this] { begin_when_up(); });
    for (std::size_t i = 0; i < consumers; ++i) {
      amqp_client& client = *consumers_.emplace_back(
          std::make_unique<amqp_client>(loop_.get_executor(), c, metrics_));
      client.declare_topic(topic);
      amqp_queue queue;
      queue.bindings = {{topic, "#"}};
      queue.auto_ack = true;
      client.consume(std::move(queue), [this, i](amqp_delivery) { on_message(i); });
      client.on_state_change([this] { begin_when_up(); });
    }
  }
  figures run() {
    publisher_->start();
    for (auto& c : consumers_) c->start();
    loop_.run();
    return out_;
  }

 private:
  void begin_when_up() {
    if (begun_ || publisher_->publish_state() != amqp_state::up) return;
    for (const auto& c : consumers_)
      if (c->consume_state() != amqp_state::up) return;
    begun_ = true;
    if (consumers_.size() == 1) return hop();
    begin_fan_out();
  }
  void publish() {
    amqp_message m;
    m.topic = topic;
    m.routing_key = "book.kalshi.X";
    m.body.assign(body_bytes, 'x');
    require(publisher_->publish(std::move(m)).has_value(), "publish");
  }
  void hop() {
    sent_at_ = bench_clock::now();
    publish();
  }
  void on_message(std::size_t consumer) {
    if (!fanning_out_) {
      const std::chrono::duration<double, std::micro> took = bench_clock::now() - sent_at_;
      if (++hops_done_ > warm_up) latencies_.push_back(took.count());
      if (hops_done_ < hops + warm_up) return hop();
      out_.hop_p50 = median(latencies_);
      out_.hop_p99 = quantile(latencies_, 0.99);
      return begin_fan_out();
    }
    ++received_[consumer];
    const std::size_t slowest = *std::min_element(received_.begin(), received_.end());
    while (sent_ < fan_out_messages && sent_ - slowest < lead_max) {
      publish();
      ++sent_;
    }
    if (slowest < fan_out_messages) return;
    const std::chrono::duration<double> took = bench_clock::now() - fan_out_begun_;
    out_.deliveries_a_second =
        static_cast<double>(fan_out_messages * consumers_.size()) / took.count();
    loop_.stop();
  }
  void begin_fan_out() {
    fanning_out_ = true;
    fan_out_begun_ = bench_clock::now();
    for (; sent_ < lead_max; ++sent_) publish();
  }

  static constexpr const char* topic = "bench.client";
  metrics_registry metrics_;  // coroutines that end with the loop still count
  boost::asio::io_context loop_{1};
  std::unique_ptr<amqp_client> publisher_;
  std::vector<std::unique_ptr<amqp_client>> consumers_;
  std::vector<std::size_t> received_;
  std::vector<double> latencies_;
  bench_clock::time_point sent_at_{};
  bench_clock::time_point fan_out_begun_{};
  figures out_;
  std::size_t hops_done_ = 0;
  std::size_t sent_ = 0;
  bool begun_ = false;
  bool fanning_out_ = false;
};

void run() {
  set_log_level(log_level::warn);
  const amqp_config config = broker_config(cornice_test::services::get().rabbitmq());
  comparison p50{"bus hop p50", "us", "bare rabbitmq-c loop", {}, {}};
  comparison p99{"bus hop p99", "us", "bare rabbitmq-c loop", {}, {}};
  comparison one{"bus, 1 publisher to 1 consumer", "deliveries/s", "bare rabbitmq-c loop", {}, {}};
  comparison four{
      "bus, 1 publisher to 4 consumers", "deliveries/s", "bare rabbitmq-c loop", {}, {}};
  for (std::size_t i = 0; i < rounds; ++i) {
    const figures limit = bare(config, 1);
    const figures ours = client_side{config, 1}.run();
    p50.add(ours.hop_p50, limit.hop_p50);
    p99.add(ours.hop_p99, limit.hop_p99);
    one.add(ours.deliveries_a_second, limit.deliveries_a_second);
    const double limit_of_four = bare(config, 4).deliveries_a_second;
    four.add(client_side{config, 4}.run().deliveries_a_second, limit_of_four);
  }
  report(p50, "2");
  report(p99, "null");  // a tail of the scheduler's, not of either loop
  report(one, "0.7", better::higher);
  report(four, "0.8", better::higher);
}

}  // namespace

int main() {
  return run_benchmark("amqp_bench", run);
}
