// Latency from publish to handler and flood rate of amqp_client, beside a bare rabbitmq-c loop on
// the same broker in the same run. Prints one JSON object a line, the comparisons last.
//
// Environment: CORNICE_SERVICES names the file that `scripts/services start` writes. Arguments:
// [messages for latency] [messages for flood].
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/log.hpp"
#include "infra/amqp_api.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#if __has_include(<rabbitmq-c/tcp_socket.h>)
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_tcp_socket.h>
#endif
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::infra;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t body_bytes = 300;
constexpr std::size_t warm_up = 500;

amqp_config services_config() {
  const char* path = std::getenv("CORNICE_SERVICES");
  if (path == nullptr) throw std::runtime_error{"CORNICE_SERVICES is not set"};
  std::ifstream file{path};
  const auto broker = nlohmann::json::parse(file).at("rabbitmq");
  amqp_config c;
  c.host = broker.at("host").get<std::string>();
  c.port = broker.at("port").get<std::uint16_t>();
  c.user = broker.at("user").get<std::string>();
  c.password = broker.at("password").get<std::string>();
  c.vhost = broker.at("amqp_vhost").get<std::string>();
  c.connection_name = "cornice bench";
  return c;
}

// What was measured, by name: the peer runs before and after the client, so that a machine that
// changes its pace meanwhile shows.
std::map<std::string, std::vector<double>> measured;

void compare(const char* name, const char* unit, const char* peer, double goal, bool higher) {
  const auto mean = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  const double value = mean(measured.at(name));
  const double limit = mean(measured.at(peer));
  std::printf(
      "{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"limit_name\":\"%s\","
      "\"limit_value\":%.1f,\"ratio\":%.3f,\"goal\":%.2f,\"higher_is_better\":%s}\n",
      name, value, unit, peer, limit, value / limit, goal, higher ? "true" : "false");
}

void report(const std::string& name, std::vector<std::int64_t> latencies_ns) {
  std::sort(latencies_ns.begin(), latencies_ns.end());
  const auto at = [&](std::size_t per_mille) {
    return latencies_ns[(latencies_ns.size() - 1) * per_mille / 1000] / 1000;
  };
  std::printf("{\"name\":\"%s\",\"unit\":\"us\",\"p50\":%lld,\"p99\":%lld,\"n\":%zu}\n",
              name.c_str(), static_cast<long long>(at(500)), static_cast<long long>(at(990)),
              latencies_ns.size());
  measured[name].push_back(static_cast<double>(at(500)));
}

void report_rate(const std::string& name, std::size_t messages, clock_type::duration took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  std::printf("{\"name\":\"%s\",\"unit\":\"messages/s\",\"value\":%lld,\"n\":%zu}\n", name.c_str(),
              static_cast<long long>(messages) * 1'000'000 / std::max<long long>(us, 1), messages);
  measured[name].push_back(static_cast<double>(messages) * 1e6 /
                           static_cast<double>(std::max<long long>(us, 1)));
}

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error{what};
}

// The peer: rabbitmq-c as its examples use it, one connection each way.
class bare_connection {
 public:
  explicit bare_connection(const amqp_config& c) : state_{amqp_new_connection()} {
    amqp_socket_t* socket = amqp_tcp_socket_new(state_);
    require(amqp_socket_open(socket, c.host.c_str(), c.port) == AMQP_STATUS_OK, "connect");
    require(amqp_login(state_, c.vhost.c_str(), 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN,
                       c.user.c_str(), c.password.c_str())
                    .reply_type == AMQP_RESPONSE_NORMAL,
            "login");
    require(amqp_channel_open(state_, 1) != nullptr, "channel");
  }
  ~bare_connection() { amqp_destroy_connection(state_); }
  bare_connection(const bare_connection&) = delete;
  bare_connection& operator=(const bare_connection&) = delete;
  [[nodiscard]] amqp_connection_state_t get() const noexcept { return state_; }

 private:
  amqp_connection_state_t state_;
};

struct bare_pair {
  explicit bare_pair(const amqp_config& c) : publisher{c}, consumer{c} {
    require(amqp_exchange_declare(publisher.get(), 1, amqp::bytes_of("bench.bare"),
                                  amqp::bytes_of("topic"), 0, 1, 0, 0, amqp_empty_table) != nullptr,
            "exchange");
    const auto* q =
        amqp_queue_declare(consumer.get(), 1, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    require(q != nullptr, "queue");
    const std::string name{amqp::text_of(q->queue)};
    require(amqp_queue_bind(consumer.get(), 1, amqp::bytes_of(name), amqp::bytes_of("bench.bare"),
                            amqp::bytes_of("#"), amqp_empty_table) != nullptr,
            "bind");
    require(amqp_basic_consume(consumer.get(), 1, amqp::bytes_of(name), amqp_empty_bytes, 0, 1, 0,
                               amqp_empty_table) != nullptr,
            "consume");
  }
  void publish(const std::string& body) {
    amqp_basic_properties_t p{};
    p._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    p.content_type = amqp::bytes_of("application/json");
    p.delivery_mode = 1;
    require(amqp_basic_publish(publisher.get(), 1, amqp::bytes_of("bench.bare"),
                               amqp::bytes_of("book.kalshi.X"), 0, 0, &p,
                               amqp::bytes_of(body)) == AMQP_STATUS_OK,
            "publish");
  }
  void receive() {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(consumer.get());
    require(amqp_consume_message(consumer.get(), &envelope, nullptr, 0).reply_type ==
                AMQP_RESPONSE_NORMAL,
            "consume message");
    amqp_destroy_envelope(&envelope);
  }
  bare_connection publisher;
  bare_connection consumer;
};

void bench_bare(const amqp_config& c, std::size_t latency_messages, std::size_t flood_messages) {
  bare_pair pair{c};
  const std::string body(body_bytes, 'x');
  std::vector<std::int64_t> latencies;
  for (std::size_t i = 0; i < latency_messages + warm_up; ++i) {
    const auto begin = clock_type::now();
    pair.publish(body);
    pair.receive();
    if (i >= warm_up) latencies.push_back((clock_type::now() - begin).count());
  }
  report("amqp.bare.latency", std::move(latencies));

  const auto begin = clock_type::now();
  std::size_t received = 0;
  for (std::size_t i = 0; i < flood_messages; ++i) {
    pair.publish(body);
    // Bounded lead, as a publisher that cares about freshness would keep it.
    while (i - received > 2000) {
      pair.receive();
      ++received;
    }
  }
  for (; received < flood_messages; ++received) pair.receive();
  report_rate("amqp.bare.flood", flood_messages, clock_type::now() - begin);
}

class client_bench {
 public:
  client_bench(const amqp_config& c, std::size_t latency_messages, std::size_t flood_messages)
      : latency_messages_{latency_messages},
        flood_messages_{flood_messages},
        client_{loop_.get_executor(), c, metrics_} {
    client_.declare_topic("bench.client");
    amqp_queue queue;
    queue.bindings = {{"bench.client", "#"}};
    queue.auto_ack = true;
    client_.consume(std::move(queue), [this](amqp_delivery) { on_message(); });
    client_.on_state_change([this] {
      if (client_.publish_state() == amqp_state::up && client_.consume_state() == amqp_state::up &&
          count_ == 0)
        publish();
    });
  }
  void run() {
    client_.start();
    loop_.run();
  }

 private:
  void publish() {
    amqp_message m;
    m.topic = "bench.client";
    m.routing_key = "book.kalshi.X";
    m.body.assign(body_bytes, 'x');
    sent_at_ = clock_type::now();
    if (client_.publish(std::move(m))) ++published_;
  }
  void on_message() {
    ++count_;
    const auto now = clock_type::now();
    if (count_ <= latency_messages_ + warm_up) {
      if (count_ > warm_up) latencies_.push_back((now - sent_at_).count());
      if (count_ < latency_messages_ + warm_up) return publish();
      report("amqp.client.latency", std::move(latencies_));
      flood_begin_ = now;
      published_ = 0;
      count_ = latency_messages_ + warm_up;
    }
    const std::size_t received = count_ - latency_messages_ - warm_up;
    while (published_ < flood_messages_ && published_ - received < 2000) publish();
    if (received < flood_messages_) return;
    report_rate("amqp.client.flood", flood_messages_, now - flood_begin_);
    loop_.stop();
  }

  const std::size_t latency_messages_;
  const std::size_t flood_messages_;
  boost::asio::io_context loop_{1};
  metrics_registry metrics_;
  amqp_client client_;
  std::vector<std::int64_t> latencies_;
  clock_type::time_point sent_at_{};
  clock_type::time_point flood_begin_{};
  std::size_t count_ = 0;
  std::size_t published_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::size_t latency_messages = argc > 1 ? std::stoul(argv[1]) : 10'000;
    const std::size_t flood_messages = argc > 2 ? std::stoul(argv[2]) : 100'000;
    set_log_level(log_level::warn);
    const amqp_config config = services_config();
    bench_bare(config, latency_messages, flood_messages);
    client_bench{config, latency_messages, flood_messages}.run();
    bench_bare(config, latency_messages, flood_messages);
    compare("amqp.client.latency", "us", "amqp.bare.latency", 2.0, false);
    compare("amqp.client.flood", "messages/s", "amqp.bare.flood", 0.7, true);
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "amqp_bench: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
