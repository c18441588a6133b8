#include "api_world.hpp"
#include "cornice/model/codec.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace cornice::api {
namespace {

using namespace test;
using testing::HasSubstr;

const std::string why = R"({"reason":"drill"})";

// Answers commands as execution would.
class fake_execution {
 public:
  explicit fake_execution(api_world& world, const infra::amqp_config& broker)
      : world_{world}, bus_{world.io.get_executor(), broker, world.metrics} {
    infra::amqp_queue commands;
    commands.bindings = {{std::string{topic::command}, "halt"},
                         {std::string{topic::command}, "resume"},
                         {std::string{topic::command}, "cancel-all"}};
    commands.auto_ack = true;
    bus_.consume(std::move(commands), [this](infra::amqp_delivery d) { answer(d); });
    bus_.start();
    const bool up =
        run_on_loop(world_.io, cornice_test::eventually(
                                   [this] {
                                     return bus_.consume_state() == infra::amqp_state::up &&
                                            bus_.publish_state() == infra::amqp_state::up &&
                                            world_.bus.publish_state() == infra::amqp_state::up;
                                   },
                                   10s));
    if (!up) throw std::runtime_error{"the broker is not reachable: " + bus_.last_error()};
  }
  ~fake_execution() { run_on_loop(world_.io, bus_.shutdown(200ms)); }
  fake_execution(const fake_execution&) = delete;
  fake_execution& operator=(const fake_execution&) = delete;

  bool accepts = true;
  bool silent = false;
  std::vector<command_request> seen;

 private:
  void answer(const infra::amqp_delivery& d) {
    auto command = decode<command_request>(d.message.body);
    ASSERT_TRUE(command.has_value()) << d.message.body;
    seen.push_back(*command);
    if (silent) return;
    infra::amqp_message m;
    m.routing_key = d.message.reply_to;
    m.correlation_id = d.message.correlation_id;
    m.type = message_type<command_reply>();
    m.body = encode(command_reply{command->request_id, accepts, accepts ? "halted" : "not now"});
    EXPECT_TRUE(bus_.publish(std::move(m)).has_value());
  }

  api_world& world_;
  infra::amqp_client bus_;
};

class api_admin_test : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    vhost_ = std::make_unique<cornice_test::throwaway_vhost>();
    database_ = std::make_unique<cornice_test::throwaway_database>();
  }
  static void TearDownTestSuite() {
    vhost_.reset();
    database_.reset();
  }
  static infra::amqp_config broker() { return broker_settings(vhost_->settings()); }
  static infra::pg_config database() { return database_->config(); }

 private:
  static inline std::unique_ptr<cornice_test::throwaway_vhost> vhost_;
  static inline std::unique_ptr<cornice_test::throwaway_database> database_;
};

TEST_F(api_admin_test, only_a_token_with_the_role_may_act) {
  api_world world{database(), no_broker()};
  EXPECT_EQ(world.post("/api/v1/admin/halt", why, "").status, 401U);
  EXPECT_EQ(world.post("/api/v1/admin/halt", why, "wrong-token").status, 401U);
  EXPECT_EQ(world.post("/api/v1/admin/halt", why, "vera-token").status, 403U);
  for (const char* scheme : {"Basic otto-token", "bearer", "Bearer", "otto-token"}) {
    infra::http_request r;
    r.method = infra::http_method::post;
    r.url = "http://127.0.0.1:" + std::to_string(world.service.port()) + "/api/v1/admin/halt";
    r.headers.add("Authorization", scheme);
    r.body = why;
    const auto answer = run_on_loop(world.io, world.http.send(std::move(r)));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 401U) << scheme;
  }
}

TEST_F(api_admin_test, an_operator_s_command_reaches_execution_and_its_answer_comes_back) {
  api_world world{database(), broker()};
  fake_execution execution{world, broker()};
  for (const char* name : {"halt", "resume", "cancel-all"}) {
    const auto r = world.post("/api/v1/admin/" + std::string{name},
                              R"({"scope":"kalshi","reason":"drill"})", "otto-token");
    EXPECT_EQ(r.status, 200U) << r.body;
    const json body = json::parse(r.body);
    ASSERT_FALSE(execution.seen.empty());
    const command_request& c = execution.seen.back();
    EXPECT_EQ(c.name, name);
    EXPECT_EQ(c.scope, "kalshi");
    EXPECT_EQ(c.reason, "drill");
    EXPECT_EQ(c.caller, "otto");
    EXPECT_GT(c.expires, c.issued);
    EXPECT_EQ(body,
              json({{"request_id", c.request_id}, {"accepted", true}, {"message", "halted"}}));
  }
  EXPECT_EQ(world.post("/api/v1/admin/halt", why, "anna-token").status, 200U);
  EXPECT_EQ(execution.seen.back().scope, "global");
}

TEST_F(api_admin_test, a_refusal_of_execution_is_a_conflict_with_its_words) {
  api_world world{database(), broker()};
  fake_execution execution{world, broker()};
  execution.accepts = false;
  const auto r = world.post("/api/v1/admin/resume", why, "otto-token");
  EXPECT_EQ(r.status, 409U);
  EXPECT_EQ(json::parse(r.body)["message"], "not now");
  EXPECT_EQ(json::parse(r.body)["accepted"], false);
}

TEST_F(api_admin_test, the_caller_s_request_id_is_kept_so_that_a_repetition_is_recognised) {
  api_world world{database(), broker()};
  fake_execution execution{world, broker()};
  const auto r =
      world.post("/api/v1/admin/halt", R"({"reason":"drill","request_id":"mine-1"})", "otto-token");
  EXPECT_EQ(json::parse(r.body)["request_id"], "mine-1");
  EXPECT_EQ(execution.seen.back().request_id, "mine-1");
}

TEST_F(api_admin_test, silence_is_not_success) {
  api_world world{database(), broker()};
  fake_execution execution{world, broker()};
  execution.silent = true;
  const auto r = world.post("/api/v1/admin/halt", why, "otto-token");
  EXPECT_EQ(r.status, 504U) << r.body;
  EXPECT_EQ(execution.seen.size(), 1U);
  EXPECT_THAT(r.body, HasSubstr("may still have been carried out"));
}

TEST_F(api_admin_test, without_broker_or_listener_the_answer_says_so) {
  api_world away{database(), no_broker()};
  const auto r = away.post("/api/v1/admin/halt", why, "otto-token");
  EXPECT_THAT(r.status, testing::AnyOf(503U, 504U)) << r.body;
  api_world unheard{database(), broker()};
  const auto s = unheard.post("/api/v1/admin/halt", why, "otto-token");
  EXPECT_THAT(s.status, testing::AnyOf(503U, 504U)) << s.body;
}

TEST_F(api_admin_test, a_wrong_body_is_refused_by_place_and_reaches_nobody) {
  api_world world{database(), broker()};
  fake_execution execution{world, broker()};
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "reason"},
      {"{}", "/reason"},
      {R"({"reason":""})", "/reason"},
      {R"({"reason":7})", "/reason"},
      {R"({"reason":"x","scope":"mars"})", "/scope"},
      {R"({"reason":"x","scope":null})", "/scope"},
      {R"({"reason":"x","colour":"red"})", "/colour"},
      {"[]", "object"},
      {"not json", "object"},
      {"\xff", "object"},
  };
  for (const auto& [body, place] : cases) {
    const auto r = world.post("/api/v1/admin/halt", body, "otto-token");
    EXPECT_EQ(r.status, 400U) << body;
    EXPECT_THAT(r.body, HasSubstr(place)) << body;
  }
  EXPECT_TRUE(execution.seen.empty());
}

TEST_F(api_admin_test, admin_actions_are_posts_and_few) {
  api_world world{database(), no_broker()};
  const auto r = world.send(infra::http_method::get, "/api/v1/admin/halt", "", "otto-token");
  EXPECT_EQ(r.status, 405U);
  EXPECT_EQ(*r.headers.get("Allow"), "POST");
  EXPECT_EQ(world.post("/api/v1/admin/launch", why, "anna-token").status, 404U);
}

}  // namespace
}  // namespace cornice::api
