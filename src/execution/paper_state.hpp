// What the paper venue is made of; private to paper_venue.cpp and paper_reports.cpp.
#pragma once

#include "cornice/execution/paper_matcher.hpp"
#include "cornice/execution/paper_venue.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace cornice::execution {

/// One call of the database.
inline constexpr std::chrono::seconds paper_db_deadline{2};
/// From the arrival of an order to its answer: below the order manager's own patience.
inline constexpr std::chrono::seconds paper_place_limit{8};

struct paper_venue::state : std::enable_shared_from_this<paper_venue::state> {
  state(infra::asio::any_io_executor l, paper_config c, const infra::clock& t,
        infra::amqp_client& b, infra::pg_pool& d, infra::metrics_registry& m)
      : loop{l},
        config{std::move(c)},
        time{t},
        bus{b},
        db{d},
        matcher{std::chrono::milliseconds{config.replenish_ms}},
        random{static_cast<std::uint64_t>(config.seed)},
        turn{l},
        to_report{l},
        tasks{l} {
    fills = m.make_counter("cornice_paper_fills_total", "Fills of the paper venue.");
    refused =
        m.make_counter("cornice_paper_rejections_total", "Orders that the paper venue refused.");
    undecodable = m.make_counter("cornice_paper_undecodable_total",
                                 "Bus messages that could not be decoded.");
  }

  infra::asio::any_io_executor loop;
  paper_config config;
  const infra::clock& time;
  infra::amqp_client& bus;
  infra::pg_pool& db;
  paper_matcher matcher;
  std::mt19937_64 random;
  infra::logger log{"paper"};
  infra::async_event turn;  // the books are free again
  infra::async_event to_report;
  infra::stop_source tasks;
  book_signal_decoder books;
  bool busy = false;
  bool loaded = false;  // false: memory may differ from the tables, read them first
  bool reports_waiting = true;
  bool reporting = false;         // the pump outlives a restart of the component
  std::set<contract_id> crossed;  // books that changed while the venue was busy
  infra::counter fills;
  infra::counter refused;
  infra::counter undecodable;

  std::int64_t draw(std::int64_t below) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  }

  // The turn that enter() gave. A call that is cut off in the middle gives it back too, and what it
  // was writing may or may not be in the tables: they are read again then.
  class held_turn {
   public:
    explicit held_turn(state& s) : state_{s} {}
    ~held_turn() {
      if (!finished_) state_.loaded = false;
      state_.leave();
    }
    held_turn(const held_turn&) = delete;
    held_turn& operator=(const held_turn&) = delete;
    void finish() { finished_ = true; }

   private:
    state& state_;
    bool finished_ = false;
  };

  infra::task<bool> enter(instant until);
  void leave();
  infra::task<result<void>> ensure_loaded();
  infra::task<result<void>> commit(paper_result r);
  infra::task<std::optional<send_outcome>> try_execute(order_terms terms);
  infra::task<send_outcome> execute(order_terms terms);
  infra::task<cancel_outcome> withdraw(order_id id, venue_id venue);
  infra::task<> cross(contract_id contract);
  infra::task<> pay_out(listing l);
  infra::task<> answer_reconcile(command_request c);
  infra::task<std::optional<account_snapshot>> take_snapshot(std::string request, venue_id venue,
                                                             timestamp since, timestamp now);
  infra::task<> keep_reporting();
  infra::task<result<bool>> report_once();
  infra::task<> serve(infra::health_reporter& health);
  infra::task<> run(infra::health_reporter& health);
  void on_signal(const infra::amqp_delivery& d);
  void on_command(const infra::amqp_delivery& d);
};

}  // namespace cornice::execution
