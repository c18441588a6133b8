// The command line against a real database and a real broker.
#include "app/cli/audit_verify.hpp"
#include "app/cli/command_line.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/model/codec.hpp"
#include "cornice_test/services.hpp"
#include "data/catalogue_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <sstream>
#include <thread>

namespace cornice::app::cli {
namespace {

using cornice_test::services;
using nlohmann::json;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct outcome {
  int status;
  std::string out;
  std::string err;
};

constexpr const char* catalogue_sql = R"sql(
INSERT INTO listing (venue, listing_id, event_id, title, rules, rule_hash, status, accepting_orders, body, first_seen,
                     last_seen, changed)
SELECT v, 'L' || n, 'E', 'Title', 'rules', repeat('a', 64), 'open', true, '{}', now(), now(), now()
  FROM generate_series(1, 4) n, (VALUES ('kalshi'), ('polymarket')) t(v);
INSERT INTO contract (contract_id, venue, listing_id, outcome)
SELECT venue || ':' || listing_id || ':yes', venue, listing_id, 'yes' FROM listing;
)sql";

json entry(const std::string& id, const std::string& listing) {
  return {{"market_id", id},
          {"kind", "binary"},
          {"title", "Market " + id},
          {"contracts",
           {{{"contract_id", "kalshi:" + listing + ":yes"}, {"relation", "same"}},
            {{"contract_id", "polymarket:" + listing + ":yes"}, {"relation", "same"}}}}};
}

class cli_test : public testing::Test {
 protected:
  cli_test() {
    std::filesystem::create_directories(folder_);
    const json& env = services::get().env();
    write_secret("pg", env.at("postgres").at("password"));
    write_secret("mq", env.at("rabbitmq").at("password"));
    const json config = {{"migrations", std::string{CORNICE_SOURCE_DIR} + "/migrations"},
                         {"postgres",
                          {{"host", env.at("postgres").at("host")},
                           {"port", env.at("postgres").at("port")},
                           {"database", database.name()},
                           {"user", env.at("postgres").at("user")},
                           {"password_file", file("pg")}}},
                         {"rabbitmq",
                          {{"host", vhost().settings().host},
                           {"port", vhost().settings().port},
                           {"vhost", vhost().settings().vhost},
                           {"user", vhost().settings().user},
                           {"password_file", file("mq")}}}};
    write("cornice.json", config.dump());
  }
  ~cli_test() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  static void TearDownTestSuite() { vhost_.reset(); }

  outcome type(std::vector<std::string> words) {
    words.insert(words.end(), {"--config", file("cornice.json")});
    std::vector<const char*> argv{"cornice"};
    for (const std::string& w : words) argv.push_back(w.c_str());
    std::ostringstream out;
    std::ostringstream err;
    const int status =
        run_command_line(static_cast<int>(argv.size()), argv.data(), terminal{out, err});
    return {status, out.str(), err.str()};
  }
  // With the schema and a small catalogue.
  void prepare() {
    ASSERT_EQ(type({"migrate"}).status, exit_ok);
    add_catalogue();
  }
  void add_catalogue() {
    const auto done = infra::run_blocking(
        database.config(), [](infra::pg_transaction& tx) { tx.exec_script(catalogue_sql); });
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  [[nodiscard]] std::string mappings(const std::vector<json>& markets) const {
    return write("mappings.json", json({{"markets", markets}}).dump());
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder_ / name).string();
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{file(name), std::ios::binary} << text;
    return file(name);
  }
  static cornice_test::throwaway_vhost& vhost() {
    if (!vhost_) vhost_ = std::make_unique<cornice_test::throwaway_vhost>();
    return *vhost_;
  }

  cornice_test::throwaway_database database;

 private:
  void write_secret(const std::string& name, const std::string& text) const {
    write(name, text);
    ::chmod(file(name).c_str(), 0600);
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / cornice_test::unique_name("cornice-cli");
  static inline std::unique_ptr<cornice_test::throwaway_vhost> vhost_;
};

TEST_F(cli_test, migrate_brings_the_schema_and_repeats_harmlessly) {
  const auto first = type({"migrate"});
  EXPECT_EQ(first.status, exit_ok) << first.err;
  EXPECT_THAT(first.out, HasSubstr("applied 0001_catalogue.sql"));
  const auto again = type({"migrate"});
  EXPECT_EQ(again.status, exit_ok);
  EXPECT_THAT(again.out, HasSubstr("0 applied"));
}

TEST_F(cli_test, every_read_answers_on_an_empty_database) {
  ASSERT_EQ(type({"migrate"}).status, exit_ok);
  const std::vector<std::vector<std::string>> reads = {
      {"orders"},    {"fills"},    {"positions"},       {"pnl"},           {"bundles"},
      {"contracts"}, {"breakers"}, {"markets", "list"}, {"audit", "list"}, {"opportunities"}};
  for (auto words : reads) {
    EXPECT_EQ(type(words).status, exit_ok) << words[0];
    words.emplace_back("--json");
    const auto r = type(words);
    EXPECT_EQ(json::parse(r.out), json({{"items", json::array()}, {"next_cursor", nullptr}}));
  }
}

TEST_F(cli_test, a_mapping_goes_from_file_to_approval_and_out_again) {
  prepare();
  const auto imported = type({"markets", "import", mappings({entry("m1", "L1"), entry("m2", "L2")}),
                              "--reason", "read both rule texts"});
  EXPECT_EQ(imported.status, exit_ok) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("2 markets proposed, 0 failed"));
  const auto approved = type({"markets", "approve", "m1", "--reason", "same question"});
  EXPECT_EQ(approved.status, exit_ok) << approved.err;
  const auto listed = [&](const char* status) {
    return json::parse(type({"markets", "list", "--status", status, "--json"}).out)["items"];
  };
  ASSERT_EQ(listed("approved").size(), 2U);
  EXPECT_EQ(listed("approved")[0]["market_id"], "m1");
  EXPECT_THAT(std::string{listed("approved")[0]["decided_by"]}, testing::StartsWith("cli:"));
  EXPECT_EQ(listed("proposed")[0]["market_id"], "m2");
  EXPECT_EQ(type({"markets", "suspend", "m1", "--reason", "rules changed"}).status, exit_ok);
  EXPECT_EQ(type({"markets", "reject", "m2", "--reason", "another question"}).status, exit_ok);
  EXPECT_EQ(listed("suspended").size(), 2U);
  EXPECT_EQ(listed("rejected").size(), 2U);
  const auto trail = json::parse(type({"audit", "list", "--json"}).out)["items"];
  ASSERT_EQ(trail.size(), 5U);
  EXPECT_EQ(trail[0]["action"], "mapping.rejected");
  EXPECT_THAT(std::string{trail[0]["detail"]}, HasSubstr("another question"));
}

TEST_F(cli_test, propose_finds_look_alikes_once_and_approves_nothing) {
  ASSERT_EQ(type({"migrate"}).status, exit_ok);
  EXPECT_THAT(type({"markets", "propose"}).out, HasSubstr("0 markets look right"));
  const auto add = [this](venue_id v, const std::string& id, const std::string& title) {
    listing l;
    l.venue = v;
    l.id = listing_id::of(id);
    l.title = title;
    l.rules = "Resolves YES if " + title;
    l.rule_hash = rule_hash_of(l.rules);
    l.status = listing_status::open;
    l.accepting_orders = true;
    l.grid = tick_grid::uniform(10'000).value();
    l.close_time = from_unix_s(1'798'761'600);
    l.yes = contract_id::make(v, id + ":yes");
    l.no = contract_id::make(v, id + ":no");
    const auto stored = infra::run_blocking(database.config(), [&](infra::pg_transaction& tx) {
      data::store_listings(tx, {l}, from_unix_s(1'795'363'200));
    });
    ASSERT_TRUE(stored.has_value()) << stored.error().message;
  };
  add(venue_id::kalshi, "G", "Gold above $5,000 by Jan 1, 2027");
  add(venue_id::polymarket, "0x9", "Gold above $5,000 by Jan 1, 2027?");
  const auto found = type({"markets", "propose"});
  EXPECT_EQ(found.status, exit_ok) << found.err;
  EXPECT_THAT(found.out, HasSubstr("1 markets look right, 4 contracts newly proposed"));
  EXPECT_THAT(type({"markets", "propose"}).out, HasSubstr("0 contracts newly proposed"));
  const json rows = json::parse(type({"markets", "list", "--json"}).out).at("items");
  ASSERT_EQ(rows.size(), 4u);
  for (const json& row : rows) EXPECT_EQ(row.at("status"), "proposed");
}

TEST_F(cli_test, all_means_what_is_proposed_and_was_never_suspended) {
  prepare();
  ASSERT_EQ(type({"markets", "import",
                  mappings({entry("m1", "L1"), entry("m2", "L2"), entry("m3", "L3")})})
                .status,
            exit_ok);
  ASSERT_EQ(type({"markets", "suspend", "m2", "--reason", "to read"}).status, exit_ok);
  const auto r = type({"markets", "approve", "--all", "--reason", "drill"});
  EXPECT_EQ(r.status, exit_ok) << r.err;
  EXPECT_THAT(r.out, HasSubstr("2 markets approved"));
  EXPECT_EQ(
      json::parse(type({"markets", "list", "--market", "m2", "--json"}).out)["items"][0]["status"],
      "suspended");
}

TEST_F(cli_test, one_bad_market_is_named_and_does_not_lose_the_others) {
  prepare();
  json wrong = entry("m2", "L2");
  wrong["kind"] = "circular";
  const auto r = type({"markets", "import",
                       mappings({entry("m1", "L1"), wrong, entry("m3", "L9"), entry("m4", "L4")})});
  EXPECT_EQ(r.status, exit_failed);
  EXPECT_THAT(r.out, HasSubstr("2 markets proposed, 2 failed"));
  EXPECT_THAT(r.err, HasSubstr("market m2: /markets/1/kind"));
  EXPECT_THAT(r.err, HasSubstr("market m3: contract kalshi:L9:yes is not in the catalogue"));
}

TEST_F(cli_test, wait_lets_discovery_catch_up) {
  ASSERT_EQ(type({"migrate"}).status, exit_ok);
  const std::string path = mappings({entry("m1", "L1")});
  outcome r{};
  std::thread import{[&] { r = type({"markets", "import", path, "--wait", "30"}); }};
  add_catalogue();
  import.join();
  EXPECT_EQ(r.status, exit_ok) << r.err;
  EXPECT_THAT(r.out, HasSubstr("1 markets proposed, 0 failed"));
}

TEST_F(cli_test, decisions_about_unknown_markets_fail_by_name) {
  prepare();
  const auto r = type({"markets", "approve", "nobody", "not an id", "--reason", "drill"});
  EXPECT_EQ(r.status, exit_failed);
  EXPECT_THAT(r.err, HasSubstr("market nobody:"));
  EXPECT_THAT(r.err, HasSubstr("market not an id:"));
}

TEST_F(cli_test, audit_verify_proves_the_chain_and_names_the_break) {
  prepare();
  database.exec(
      "SELECT audit_append(now(), 'a', 'b', 'c', 'd' || n) FROM generate_series(1, 25) n");
  const auto good = type({"audit", "verify", "--json"});
  EXPECT_EQ(good.status, exit_ok) << good.err;
  const json found = json::parse(good.out);
  EXPECT_EQ(found["entries"], 25);
  EXPECT_EQ(found["last_hash"],
            database.exec("SELECT hash FROM audit_log WHERE audit_no = 25").text(0, 0));
  // Batches that end in the middle come to the same end.
  for (const std::int64_t batch : {1, 7, 25, 26})
    EXPECT_EQ(verify_trail(database.config(), batch)->last_hash, found["last_hash"]) << batch;
  database.exec("ALTER TABLE audit_log DISABLE TRIGGER USER");
  database.exec("UPDATE audit_log SET detail = 'nothing happened' WHERE audit_no = 17");
  const auto bad = type({"audit", "verify"});
  EXPECT_EQ(bad.status, exit_failed);
  EXPECT_THAT(bad.err, HasSubstr("17"));
  EXPECT_THAT(verify_trail(database.config(), 5).error().message, HasSubstr("17"));
  database.exec("DELETE FROM audit_log WHERE audit_no BETWEEN 10 AND 20");
  EXPECT_EQ(type({"audit", "verify"}).status, exit_failed);
}

// Answers commands on a loop and thread of its own, as a daemon in another process would.
class fake_daemon {
 public:
  explicit fake_daemon(const cornice_test::amqp_settings& s, bool accepts)
      : accepts_{accepts}, bus_{io_.get_executor(), settings(s), metrics_} {
    infra::amqp_queue commands;
    for (const char* name : {"halt", "resume", "cancel-all", "mappings-changed"})
      commands.bindings.emplace_back(topic::command, name);
    commands.auto_ack = true;
    bus_.consume(std::move(commands), [this](infra::amqp_delivery d) { answer(d); });
    bus_.start();
    const bool up =
        cornice_test::run_on_loop(io_, cornice_test::eventually(
                                           [this] {
                                             return bus_.consume_state() == infra::amqp_state::up &&
                                                    bus_.publish_state() == infra::amqp_state::up;
                                           },
                                           10s));
    if (!up) throw std::runtime_error{"no broker: " + bus_.last_error()};
    io_.restart();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~fake_daemon() {
    io_.stop();
    thread_.join();
  }
  fake_daemon(const fake_daemon&) = delete;
  fake_daemon& operator=(const fake_daemon&) = delete;

  // Only after whoever sent it has its answer.
  [[nodiscard]] const std::vector<command_request>& seen() const { return seen_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  static infra::amqp_config settings(const cornice_test::amqp_settings& s) {
    infra::amqp_config c;
    c.host = s.host;
    c.port = s.port;
    c.vhost = s.vhost;
    c.user = s.user;
    c.password = s.password;
    return c;
  }
  void answer(const infra::amqp_delivery& d) {
    const auto c = decode<command_request>(d.message.body);
    if (!c) return;
    seen_.push_back(*c);
    ++count_;
    if (d.message.reply_to.empty()) return;
    infra::amqp_message m;
    m.routing_key = d.message.reply_to;
    m.correlation_id = d.message.correlation_id;
    m.type = message_type<command_reply>();
    m.body = encode(command_reply{c->request_id, accepts_, accepts_ ? "done" : "not now"});
    EXPECT_TRUE(bus_.publish(std::move(m)).has_value());
  }

  bool accepts_;
  std::vector<command_request> seen_;
  std::atomic<std::size_t> count_{0};
  infra::metrics_registry metrics_;
  boost::asio::io_context io_;
  infra::amqp_client bus_;
  std::thread thread_;
};

TEST_F(cli_test, a_command_is_accepted_with_the_caller_s_name_and_reason) {
  const fake_daemon daemon{vhost().settings(), true};
  for (const char* name : {"halt", "resume", "cancel-all"}) {
    const auto r = type({name, "--scope", "kalshi", "--reason", "drill", "--json"});
    EXPECT_EQ(r.status, exit_ok) << r.err;
    EXPECT_EQ(json::parse(r.out)["accepted"], true);
    ASSERT_FALSE(daemon.seen().empty());
    const command_request& c = daemon.seen().back();
    EXPECT_EQ(c.name, name);
    EXPECT_EQ(c.scope, "kalshi");
    EXPECT_EQ(c.reason, "drill");
    EXPECT_THAT(c.caller, testing::StartsWith("cli:"));
    EXPECT_EQ(json::parse(r.out)["request_id"], c.request_id);
  }
}

TEST_F(cli_test, a_refusal_is_status_1_with_the_daemon_s_words) {
  const fake_daemon daemon{vhost().settings(), false};
  const auto r = type({"resume", "--reason", "drill"});
  EXPECT_EQ(r.status, exit_failed);
  EXPECT_THAT(r.err, HasSubstr("not now"));
}

TEST_F(cli_test, a_command_that_nobody_hears_is_status_3) {
  const auto r = type({"halt", "--reason", "drill", "--timeout", "1"});
  EXPECT_EQ(r.status, exit_unavailable);
  EXPECT_THAT(r.err, HasSubstr("not confirmed"));
}

TEST_F(cli_test, a_listening_daemon_hears_of_changed_mappings) {
  prepare();
  const fake_daemon daemon{vhost().settings(), true};
  const auto r = type({"markets", "import", mappings({entry("m1", "L1")})});
  EXPECT_EQ(r.status, exit_ok);
  EXPECT_EQ(r.err, "");
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (daemon.count() == 0 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  ASSERT_EQ(daemon.count(), 1U);
  EXPECT_EQ(daemon.seen().back().name, "mappings-changed");
}

}  // namespace
}  // namespace cornice::app::cli
