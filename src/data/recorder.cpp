#include "cornice/data/recorder.hpp"

#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace cornice::data {

using namespace std::chrono_literals;

namespace {

using row = std::vector<std::optional<std::string>>;

constexpr std::size_t rows_max = 100'000;
constexpr std::size_t rows_per_copy = 20'000;
constexpr std::int64_t queue_length = 50'000;
constexpr auto db_deadline = 30s;
constexpr auto partitions_every = 1h;
constexpr auto retry_every = 2s;
constexpr std::string_view prefix = "book_snapshot_";

std::chrono::sys_days day_of(timestamp t) {
  return std::chrono::floor<std::chrono::days>(t);
}

std::string digits_of(std::chrono::sys_days day) {
  std::string text = to_rfc3339(timestamp{day}).substr(0, 10);
  std::erase(text, '-');
  return text;
}

void append_side(std::string& out, const std::vector<level>& levels) {
  out = "[";
  for (const level& l : levels) {
    if (out.size() > 1) out += ',';
    out += "[\"" + format_millionths(l.p.micros(), 0) + "\",\"" +
           format_millionths(l.q.micros(), 0) + "\"]";
  }
  out += "]";
}

row row_of(const book_signal& b) {
  row r(8);
  r[0] = b.contract.str();
  r[1] = to_rfc3339(b.received);
  if (b.venue_time != timestamp{}) r[2] = to_rfc3339(b.venue_time);
  r[3] = std::to_string(b.epoch);
  r[4] = std::to_string(b.revision);
  r[5] = b.usable ? "true" : "false";
  append_side(r[6].emplace(), b.bids);
  append_side(r[7].emplace(), b.asks);
  return r;
}

}  // namespace

void describe_recorder(infra::config_section& s, recorder_config& c) {
  s.boolean("enabled", c.enabled, "Keep every published book in table book_snapshot.");
  s.integer("retention_days", c.retention_days, {1, 3'650}, "Days that books are kept.");
  s.integer("batch_ms", c.batch_ms, {50, 60'000}, "Between two writes.");
}

std::size_t keep_partitions(infra::pg_transaction& tx, timestamp now, std::int64_t retention_days) {
  const std::chrono::sys_days today = day_of(now);
  // Yesterday too: books received before midnight are written after it.
  for (int ahead = -1; ahead <= 1; ++ahead) {
    const std::chrono::sys_days day = today + std::chrono::days{ahead};
    const std::string name = std::string{prefix} + digits_of(day);
    const std::string from = to_rfc3339(timestamp{day});
    const std::string to = to_rfc3339(timestamp{day + std::chrono::days{1}});
    tx.exec_script("CREATE TABLE IF NOT EXISTS " + name +
                   " PARTITION OF book_snapshot FOR VALUES FROM ('" + from + "') TO ('" + to +
                   "')");
  }
  const std::string oldest =
      std::string{prefix} + digits_of(today - std::chrono::days{retention_days});
  infra::pg_params p;
  p.add(oldest);
  const infra::pg_rows gone = tx.exec(
      "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent "
      "= 'book_snapshot'::regclass AND c.relname ~ '^book_snapshot_[0-9]{8}$' AND c.relname < $1",
      p);
  for (std::size_t i = 0; i < gone.size(); ++i)
    tx.exec_script("DROP TABLE " + std::string{gone.text(i, 0)});
  return gone.size();
}

struct recorder::state {
  state(recorder_config c, const infra::clock& t, infra::amqp_client& b, infra::pg_pool& d,
        infra::metrics_registry& metrics)
      : config{c}, time{t}, bus{b}, db{d} {
    written = metrics.make_counter("cornice_recorder_rows_total", "Books written.");
    dropped =
        metrics.make_counter("cornice_recorder_rows_dropped_total", "Books that were not written.");
  }

  void on_book(const infra::amqp_delivery& d);
  infra::task<result<void>> keep();
  infra::task<result<void>> write();
  infra::task<> run(infra::health_reporter& health);

  recorder_config config;
  const infra::clock& time;
  infra::amqp_client& bus;
  infra::pg_pool& db;
  infra::logger log{"data.recorder"};
  book_signal_decoder decoder;
  std::deque<row> waiting;
  std::optional<instant> next_keep;
  timestamp first{};  // rows from here …
  timestamp end{};    // … to here have a partition
  infra::counter written;
  infra::counter dropped;
};

recorder::recorder(recorder_config config, const infra::clock& time, infra::amqp_client& bus,
                   infra::pg_pool& db, infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(config, time, bus, db, metrics)} {}
recorder::~recorder() = default;

void recorder::declare() {
  if (!state_->config.enabled) return;
  infra::amqp_queue books;
  books.bindings = {{std::string{topic::signal}, "book.#"}};
  books.auto_ack = true;
  books.max_length = queue_length;
  state_->bus.consume(std::move(books),
                      [s = state_](const infra::amqp_delivery& d) { s->on_book(d); });
}

std::vector<infra::component> recorder::components() {
  if (!state_->config.enabled) return {};
  return {{"data.recorder", false, [s = state_](infra::health_reporter& h) { return s->run(h); }}};
}

void recorder::state::on_book(const infra::amqp_delivery& d) {
  const auto b = decoder.decode(d.message.body);
  // Before the first partitions there is no place for it either.
  if (!b || b->received < first || b->received >= end) return dropped.add();
  if (waiting.size() >= rows_max) {
    waiting.pop_front();
    dropped.add();
  }
  waiting.push_back(row_of(*b));
}

infra::task<result<void>> recorder::state::keep() {
  const timestamp now = time.now();
  const std::int64_t days = config.retention_days;
  auto body = [now, days](infra::pg_transaction& tx) { return keep_partitions(tx, now, days); };
  const auto done = co_await db.run(db_deadline, std::move(body));
  if (!done) co_return done.error().within("partitions of book_snapshot");
  if (*done > 0) log.info("recorder_partitions_dropped", {{"partitions", *done}});
  const std::chrono::sys_days today = day_of(now);
  first = timestamp{today - std::chrono::days{1}};
  end = timestamp{today + std::chrono::days{2}};
  next_keep = time.monotonic() + partitions_every;
  co_return result<void>{};
}

infra::task<result<void>> recorder::state::write() {
  std::vector<row> batch;
  while (!waiting.empty() && batch.size() < rows_per_copy) {
    batch.push_back(std::move(waiting.front()));
    waiting.pop_front();
  }
  const std::size_t n = batch.size();
  auto body = [rows = std::move(batch)](infra::pg_transaction& tx) {
    static const std::vector<std::string> columns{"contract_id", "received", "venue_time", "epoch",
                                                  "revision",    "usable",   "bids",       "asks"};
    tx.copy_in("book_snapshot", columns, rows);
  };
  const auto done = co_await db.run(db_deadline, std::move(body));
  if (!done) {
    // Not tried again: the books of an outage are old news, and the next ones are coming.
    dropped.add(n);
    co_return done.error().within("writing books");
  }
  written.add(n);
  co_return result<void>{};
}

infra::task<> recorder::state::run(infra::health_reporter& health) {
  for (;;) {
    result<void> done;
    if (!next_keep || time.monotonic() >= *next_keep) done = co_await keep();
    while (done && !waiting.empty()) done = co_await write();
    if (done)
      health.up();
    else
      health.degraded(done.error().message);
    const std::chrono::milliseconds pause =
        done ? std::chrono::milliseconds{config.batch_ms} : std::chrono::milliseconds{retry_every};
    if (!co_await infra::sleep_for(pause)) co_return;
  }
}

}  // namespace cornice::data
