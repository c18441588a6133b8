// What the paper venue says on the bus of its own accord and when asked: fills until the broker has
// them, snapshots of the account.
#include "cornice/model/codec.hpp"
#include "execution/paper_state.hpp"
#include "execution/paper_store.hpp"

#include <string>
#include <vector>

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t report_batch = 256;
constexpr auto report_deadline = 5s;
constexpr auto report_retry = 250ms;

}  // namespace

void paper_venue::state::on_command(const infra::amqp_delivery& d) {
  auto c = decode<command_request>(d.message.body);
  if (!c) return undecodable.add();
  if (time.now() > c->expires) return;
  tasks.spawn("paper.reconcile", answer_reconcile(std::move(*c)));
}

infra::task<std::optional<account_snapshot>> paper_venue::state::take_snapshot(std::string request,
                                                                               venue_id venue,
                                                                               timestamp since,
                                                                               timestamp now) {
  if (!co_await enter(time.monotonic() + paper_place_limit)) co_return std::nullopt;
  held_turn turn_of_account{*this};
  const auto readable = co_await ensure_loaded();
  auto body = [venue, id = std::move(request), since, now](infra::pg_transaction& tx) {
    return paper_snapshot(tx, venue, id, since, now);
  };
  auto snapshot = co_await db.run(paper_db_deadline, std::move(body));
  turn_of_account.finish();
  if (!snapshot || !readable) co_return std::nullopt;
  co_return std::move(*snapshot);
}

infra::task<> paper_venue::state::answer_reconcile(command_request c) {
  const std::shared_ptr<state> self = shared_from_this();
  const auto venue = parse_venue(c.scope);
  const auto since = parse_rfc3339(c.argument);
  if (!venue || !since) {
    log.warn("reconcile_refused", {{"scope", c.scope}, {"argument", c.argument}});
    co_return;
  }
  const timestamp now = time.now();
  const auto snapshot = co_await take_snapshot(c.request_id, *venue, *since, now);
  if (!snapshot) co_return;  // asked again when no answer comes
  infra::amqp_message m;
  m.topic = topic::account;
  m.routing_key = routing_key(*snapshot);
  m.type = message_type<account_snapshot>();
  m.message_id = "snapshot-" + c.request_id;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(now) / 1000);
  m.schema_version = bus_schema_version;
  m.persistent = true;
  m.body = encode(*snapshot);
  const auto sent = co_await bus.publish_confirmed(std::move(m), report_deadline);
  if (!sent)
    log.warn("snapshot_not_published", {{"venue", c.scope}, {"error", sent.error().message}});
}

infra::task<result<bool>> paper_venue::state::report_once() {
  auto body = [](infra::pg_transaction& tx) { return unreported_fills(tx, report_batch); };
  const auto waiting = co_await db.run(paper_db_deadline, std::move(body));
  if (!waiting) co_return waiting.error();
  if (waiting->empty()) co_return false;
  std::vector<infra::amqp_message> messages;
  for (const fill_report& f : *waiting) {
    infra::amqp_message m;
    m.topic = topic::account;
    m.routing_key = routing_key(f);
    m.type = message_type<fill_report>();
    m.message_id = f.fill.str();
    m.timestamp_s = static_cast<std::uint64_t>(unix_ms(f.venue_time) / 1000);
    m.schema_version = bus_schema_version;
    m.persistent = true;
    m.body = encode(f);
    messages.push_back(std::move(m));
  }
  const auto confirmed = co_await bus.publish_confirmed_batch(std::move(messages), report_deadline);
  if (!confirmed) co_return confirmed.error();
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < *confirmed; ++i) ids.push_back((*waiting)[i].fill.str());
  auto mark = [ids](infra::pg_transaction& tx) { mark_reported(tx, ids); };
  const auto marked = co_await db.run(paper_db_deadline, std::move(mark));
  if (!marked) co_return marked.error();
  co_return ids.size() == static_cast<std::size_t>(report_batch);
}

infra::task<> paper_venue::state::keep_reporting() {
  const std::shared_ptr<state> self = shared_from_this();
  for (;;) {
    if (!reports_waiting) (void)co_await to_report.wait(1s);
    reports_waiting = false;
    const auto more = co_await report_once();
    if (!more) {
      reports_waiting = true;
      if (!co_await infra::sleep_for(report_retry)) co_return;
    } else if (*more) {
      reports_waiting = true;
    }
  }
}

}  // namespace cornice::execution
