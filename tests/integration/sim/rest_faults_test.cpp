// Every fault of the simulated venues' REST side strikes over a real connection; the request after
// it is answered.
#include "venue_clients.hpp"

namespace cornice::sim {
namespace {

struct rest_side {
  const char* venue;
  const char* url_key;
  const char* target;
};

class rest_faults : public venues_test, public testing::WithParamInterface<rest_side> {
 protected:
  void start_with(const std::string& kind, const std::string& keys = "") {
    start_with_fault(kind + ":" + GetParam().venue + keys);
    url_ = url();
    kind_ = kind;
  }
  [[nodiscard]] std::string url() const {
    return addresses_[GetParam().venue][GetParam().url_key].get<std::string>() + GetParam().target;
  }
  void expect_health() {
    EXPECT_EQ(struck(kind_.c_str()), 1);
    const auto next = get(url_);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->status, 200u);
    EXPECT_TRUE(json::accept(next->body)) << next->body;
  }
  std::string url_;
  std::string kind_;
};

TEST_P(rest_faults, statuses_are_told) {
  simulator_options o;
  for (const char* kind : {"429:", "500:", "503:"})
    o.faults.push_back(parse_fault(std::string{kind} + GetParam().venue).value());
  start(std::move(o));
  kind_ = "503";
  url_ = url();
  for (const unsigned status : {429u, 500u, 503u}) {
    const auto answer = get(url_);
    ASSERT_TRUE(answer) << status;
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->headers.get("Retry-After").has_value(), status == 503u);
  }
  expect_health();
}

TEST_P(rest_faults, a_page_instead_of_json_is_told_as_one) {
  start_with("html");
  const auto answer = get(url_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 502u);
  EXPECT_EQ(answer->headers.get("Content-Type"), "text/html");
  EXPECT_FALSE(json::accept(answer->body));
  expect_health();
}

TEST_P(rest_faults, half_a_body_is_complete_to_http_and_broken_to_json) {
  start_with("malformed");
  const auto answer = get(url_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200u);
  EXPECT_FALSE(json::accept(answer->body)) << answer->body;
  expect_health();
}

TEST_P(rest_faults, a_body_that_is_cut_is_no_answer) {
  start_with("truncate");
  const auto answer = get(url_);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().code == errc::io || answer.error().code == errc::protocol)
      << answer.error().message;
  expect_health();
}

TEST_P(rest_faults, a_slow_answer_runs_into_the_deadline) {
  start_with("slow", ":pause=500ms");
  const auto answer = ask(infra::http_method::get, url_, "", std::chrono::milliseconds{100});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::timed_out);
  expect_health();
}

TEST_P(rest_faults, only_what_matches_is_hit) {
  start_with("500", ":match=/nothing-like-this");
  EXPECT_EQ(get(url_)->status, 200u);
  EXPECT_EQ(struck("500"), 0);
}

INSTANTIATE_TEST_SUITE_P(venues, rest_faults,
                         testing::Values(rest_side{"kalshi", "rest_url",
                                                   "/trade-api/v2/exchange/status"},
                                         rest_side{"polymarket", "clob_url", "/version"}),
                         [](const auto& side) { return std::string{side.param.venue}; });

}  // namespace
}  // namespace cornice::sim
