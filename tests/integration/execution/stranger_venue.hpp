// A venue as execution sees one: a gateway that answers as told, an account that speaks on the bus,
// and a look into the database at the very moment an order arrives.
#pragma once

#include "cornice/execution/gateway.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/model/codec.hpp"
#include "execution_database.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cornice::execution::testing {

inline infra::amqp_message on_bus(std::string_view to, std::string key, std::string_view type,
                                  std::string body, std::string id) {
  infra::amqp_message m;
  m.topic = to;
  m.routing_key = std::move(key);
  m.type = type;
  m.message_id = std::move(id);
  m.schema_version = bus_schema_version;
  m.body = std::move(body);
  return m;
}

template <class T>
infra::amqp_message on_bus(const T& what, std::string id = "test") {
  return on_bus(message_topic<T>(), routing_key(what), message_type<T>(), encode(what),
                std::move(id));
}

class stranger_venue final : public gateway {
 public:
  enum class manner {
    fills,         ///< executes and answers
    rests,         ///< keeps the order and answers
    says_nothing,  ///< executes, never answers
    loses,         ///< the order never reached it, never answers
  };
  struct arrival {
    order_terms terms;
    std::string stored_state;  ///< of the order in the database when it arrived here
  };

  stranger_venue(infra::asio::io_context& io, const execution_database& database,
                 infra::amqp_client& bus)
      : database_{database}, bus_{bus}, never_{io.get_executor()}, tasks_{io.get_executor()} {
    infra::amqp_queue commands;
    commands.bindings = {{std::string{topic::command}, "reconcile.polymarket"}};
    commands.auto_ack = true;
    bus.consume(std::move(commands), [this](infra::amqp_delivery d) {
      const auto c = decode<command_request>(d.message.body);
      if (c && answers_snapshots) publish(snapshot(c->request_id));
    });
  }
  // Before the loop and the client go.
  infra::task<> end() {
    tasks_.request();
    return tasks_.drained();
  }

  infra::task<send_outcome> place(approved_order order) override {
    const order_terms terms = order.terms();
    // The loop stands still for this: nothing can become durable between the call and the look.
    arrivals.push_back({terms, database_.value("SELECT state FROM orders WHERE order_id = '" +
                                               terms.id.str() + "'")});
    if (on_arrival) on_arrival();
    send_outcome out;
    if (how != manner::loses) execute(terms);
    if (how == manner::loses || how == manner::says_nothing) {
      (void)co_await never_.wait(1h);
      out.reason = "no answer";
      co_return out;
    }
    out.result = proof::done;
    out.venue_order = name_of(terms.id);
    out.state = orders_.at(terms.id).state;
    out.filled = orders_.at(terms.id).filled;
    co_return out;
  }
  infra::task<cancel_outcome> cancel(send_cancel request) override {
    cancels.push_back(request.order);
    cancel_outcome out;
    const auto found = orders_.find(request.order);
    if (found == orders_.end() || found->second.state != order_report::status::resting) {
      out.result = proof::not_done;
      co_return out;
    }
    found->second.state = order_report::status::cancelled;
    out.result = proof::done;
    out.filled = found->second.filled;
    co_return out;
  }
  infra::task<> cancel_all(venue_id venue) override {
    mass_cancels.push_back(venue);
    co_return;
  }

  // Reports every fill so far once more: whoever counts must recognise them.
  void repeat_fills() {
    for (const fill_report& f : fills_) publish(f);
  }
  [[nodiscard]] std::size_t executions() const { return fills_.size(); }

  manner how = manner::fills;
  std::function<void()> on_arrival;
  bool answers_snapshots = true;
  bool reports_fills = true;
  std::vector<arrival> arrivals;
  std::vector<order_id> cancels;
  std::vector<venue_id> mass_cancels;

 private:
  struct known {
    order_terms terms;
    order_report::status state = order_report::status::resting;
    quantity filled;
  };

  static venue_order_id name_of(const order_id& id) { return venue_order_id::of("v-" + id.str()); }

  void execute(const order_terms& t) {
    known& o = orders_[t.id];
    o.terms = t;
    if (how == manner::rests) return;
    o.state = order_report::status::filled;
    o.filled = t.size;
    fill_report f;
    f.venue = t.contract.venue();
    f.fill = venue_fill_id::of("fill-" + t.id.str());
    f.venue_order = name_of(t.id);
    f.order = t.id;
    f.contract = t.contract;
    f.side = t.side;
    f.p = t.limit;
    f.q = t.size;
    f.fee = usd(1);
    f.venue_time = infra::system_clock().now();
    f.trace = t.trace;
    const bool buys = t.side == order_side::buy;
    held_[t.contract] += buys ? t.size : -t.size;
    const money amount = notional(f.p, f.q, buys ? rounding::up : rounding::down);
    cash_ += (buys ? -amount : amount) - f.fee;
    fills_.push_back(f);
    if (reports_fills) publish(f);
  }

  account_snapshot snapshot(const std::string& request) const {
    account_snapshot s;
    s.venue = venue_id::polymarket;
    s.request_id = request;
    s.cash = cash_;
    s.observed = infra::system_clock().now();
    s.fills = fills_;
    for (const auto& [id, o] : orders_) {
      order_report r;
      r.venue = s.venue;
      r.order = id;
      r.venue_order = name_of(id);
      r.state = o.state;
      r.filled = o.filled;
      r.remaining = o.state == order_report::status::resting ? o.terms.size - o.filled : quantity{};
      r.venue_time = s.observed;
      s.orders.push_back(std::move(r));
    }
    for (const auto& [contract, q] : held_)
      if (!q.is_zero()) s.positions.push_back({contract, q});
    return s;
  }

  template <class T>
  void publish(const T& what) {
    tasks_.spawn("stranger.publish", send(on_bus(what)));
  }
  infra::task<> send(infra::amqp_message m) {
    m.persistent = true;
    (void)co_await bus_.publish_confirmed(std::move(m), 10s);
  }

  const execution_database& database_;
  infra::amqp_client& bus_;
  infra::async_event never_;
  infra::stop_source tasks_;
  std::map<order_id, known> orders_;
  std::map<contract_id, quantity> held_;
  std::vector<fill_report> fills_;
  money cash_ = usd(1'000'000);
};

}  // namespace cornice::execution::testing
