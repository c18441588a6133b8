#include "cornice/execution/outbox.hpp"

#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"

namespace cornice::execution {
namespace {

constexpr std::int64_t batch_max = 256;
constexpr std::chrono::seconds deadline{5};
// A commit wakes the pump; the poll only finds what an earlier life left behind.
constexpr std::chrono::seconds poll{1};
constexpr std::chrono::milliseconds retry{250};

struct outbox_row {
  std::int64_t number;
  infra::amqp_message message;
};

}  // namespace

struct outbox_pump::state {
  state(infra::asio::any_io_executor loop, infra::amqp_client& b, infra::pg_pool& d,
        infra::metrics_registry& m)
      : bus{b}, db{d}, arrived{std::move(loop)} {
    published = m.make_counter("cornice_execution_outbox_published_total",
                               "Outbox rows confirmed by the broker.");
    failures = m.make_counter("cornice_execution_outbox_failures_total",
                              "Attempts to publish that failed.");
    backlog =
        m.make_gauge("cornice_execution_outbox_rows", "Outbox rows read and not yet confirmed.");
  }
  infra::amqp_client& bus;
  infra::pg_pool& db;
  infra::async_event arrived;
  infra::logger log{"execution"};
  infra::counter published;
  infra::counter failures;
  infra::gauge backlog;
  bool woken = true;
  bool failing = false;

  infra::task<result<std::vector<outbox_row>>> read();
  infra::task<result<bool>> turn();
};

outbox_pump::outbox_pump(infra::asio::any_io_executor loop, infra::amqp_client& bus,
                         infra::pg_pool& db, infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), bus, db, metrics)} {}
outbox_pump::~outbox_pump() = default;

void outbox_pump::wake() {
  state_->woken = true;
  state_->arrived.notify();
}

infra::task<result<std::vector<outbox_row>>> outbox_pump::state::read() {
  infra::pg_params params;
  params.add(batch_max);
  const auto rows = co_await db.exec(
      deadline,
      "SELECT outbox_no, routing_key, type, message_id, body, "
      "extract(epoch FROM created)::bigint FROM outbox ORDER BY outbox_no LIMIT $1",
      std::move(params));
  if (!rows) co_return rows.error();
  std::vector<outbox_row> out;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    infra::amqp_message m;
    m.topic = topic::execution;
    m.routing_key = rows->text(i, 1);
    m.type = rows->text(i, 2);
    m.message_id = rows->text(i, 3);
    m.body = rows->text(i, 4);
    m.timestamp_s = static_cast<std::uint64_t>(rows->integer(i, 5));
    m.schema_version = bus_schema_version;
    m.persistent = true;
    out.push_back({rows->integer(i, 0), std::move(m)});
  }
  co_return out;
}

// True when a full batch went out: there is probably more.
infra::task<result<bool>> outbox_pump::state::turn() {
  auto rows = co_await read();
  if (!rows) co_return rows.error();
  backlog.set(static_cast<std::int64_t>(rows->size()));
  if (rows->empty()) co_return false;
  std::vector<infra::amqp_message> messages;
  messages.reserve(rows->size());
  for (outbox_row& r : *rows) messages.push_back(std::move(r.message));
  const auto confirmed = co_await bus.publish_confirmed_batch(std::move(messages), deadline);
  if (!confirmed) co_return confirmed.error();
  if (*confirmed > 0) {
    infra::pg_params up_to;
    up_to.add((*rows)[*confirmed - 1].number);
    // Rows commit in order of their number: one writer makes them, one commit after another.
    const auto gone =
        co_await db.exec(deadline, "DELETE FROM outbox WHERE outbox_no <= $1", std::move(up_to));
    if (!gone) co_return gone.error();
    published.add(*confirmed);
    backlog.set(static_cast<std::int64_t>(rows->size() - *confirmed));
  }
  if (*confirmed < rows->size())
    co_return error{errc::unavailable, "the broker confirmed " + std::to_string(*confirmed) +
                                           " of " + std::to_string(rows->size()) + " messages"};
  co_return rows->size() == static_cast<std::size_t>(batch_max);
}

infra::task<> outbox_pump::run() {
  const std::shared_ptr<state> s = state_;
  for (;;) {
    if (!s->woken) (void)co_await s->arrived.wait(poll);
    s->woken = false;
    const auto more = co_await s->turn();
    if (!more) {
      s->failures.add();
      if (!s->failing) s->log.warn("outbox_stalled", {{"error", more.error().message}});
      s->failing = true;
      s->woken = true;
      if (!co_await infra::sleep_for(retry)) co_return;
      continue;
    }
    if (s->failing) s->log.info("outbox_resumed");
    s->failing = false;
    if (*more) s->woken = true;
  }
}

}  // namespace cornice::execution
