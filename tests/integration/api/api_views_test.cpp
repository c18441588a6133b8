#include "api_world.hpp"
#include "cornice/api/views.hpp"
#include "cornice_test/json_schema.hpp"

#include <gmock/gmock.h>

#include <set>

namespace cornice::api {
namespace {

using namespace test;
using testing::HasSubstr;

class api_views_test : public testing::Test {
 protected:
  static void SetUpTestSuite() { rows_ = std::make_unique<seeded_database>(); }
  static void TearDownTestSuite() { rows_.reset(); }
  static cornice_test::throwaway_database& database() { return rows_->database; }

  // What the view shows, counted in another way than by paging through it.
  static std::size_t rows_of(const view& v) {
    std::string sql = "SELECT count(*) FROM " + std::string{v.source};
    if (v.by_mode) sql += " WHERE mode = 'paper'";
    return static_cast<std::size_t>(database().exec(sql).integer(0, 0));
  }
  // Every row of a view, page by page.
  std::vector<json> all_pages(const std::string& target, std::size_t limit) {
    std::vector<json> out;
    std::string cursor;
    for (int page = 0; page < 200; ++page) {
      const json here = world.ok(target + "limit=" + std::to_string(limit) +
                                 (cursor.empty() ? "" : "&cursor=" + cursor));
      EXPECT_LE(here["items"].size(), limit) << target;
      out.insert(out.end(), here["items"].begin(), here["items"].end());
      if (here["next_cursor"].is_null()) return out;
      EXPECT_EQ(here["items"].size(), limit) << target << ": only the last page may be short";
      cursor = here["next_cursor"];
    }
    ADD_FAILURE() << target << " has no last page";
    return out;
  }

  api_world world{database().config(), no_broker()};

 private:
  static inline std::unique_ptr<seeded_database> rows_;
};

TEST_F(api_views_test, all_pages_together_show_each_row_once) {
  for (const view& v : views()) {
    const std::string target = "/api/v1/" + std::string{v.name} + "?";
    const std::vector<json> whole = world.ok(target + "limit=1000")["items"];
    EXPECT_EQ(whole.size(), rows_of(v)) << v.name;
    ASSERT_FALSE(whole.empty()) << v.name;
    EXPECT_EQ(std::set<json>(whole.begin(), whole.end()).size(), whole.size()) << v.name;
    for (const std::size_t limit : {std::size_t{1}, std::size_t{7}, whole.size()})
      EXPECT_EQ(all_pages(target, limit), whole) << v.name << " by " << limit;
  }
}

TEST_F(api_views_test, every_answer_is_what_the_documentation_says) {
  const json document = json::parse(world.get("/openapi.json").body);
  cornice_test::json_schema schema{document};
  for (const auto& [path, operations] : document["paths"].items()) {
    if (!operations.contains("get")) continue;
    const json& content = operations["get"]["responses"]["200"]["content"];
    if (!content.contains("application/json")) continue;
    if (path == "/openapi.json") continue;
    const json answer = world.ok(path);
    EXPECT_THAT(schema.validate(content["application/json"]["schema"], answer), testing::IsEmpty())
        << path;
  }
  const auto wrong = world.get("/api/v1/orders?limit=0");
  EXPECT_THAT(
      schema.validate(document["components"]["schemas"]["problem"], json::parse(wrong.body)),
      testing::IsEmpty());
}

TEST_F(api_views_test, filters_select_exactly_their_rows) {
  const auto all = [&](const std::string& target, const char* key, const json& value) {
    const json items = world.ok(target + "&limit=1000")["items"];
    EXPECT_FALSE(items.empty()) << target;
    for (const json& item : items) EXPECT_EQ(item[key], value) << target;
    return items.size();
  };
  EXPECT_EQ(all("/api/v1/orders?venue=kalshi", "venue", "kalshi"), 19U);
  EXPECT_EQ(all("/api/v1/orders?venue=kalshi&state=filled", "state", "filled"), 6U);
  EXPECT_EQ(all("/api/v1/orders?order=x7", "order_id", "x7"), 1U);
  EXPECT_EQ(all("/api/v1/markets?status=approved", "status", "approved"), 20U);
  EXPECT_EQ(all("/api/v1/contracts?venue=polymarket&listing=L3", "listing_id", "L3"), 2U);
  EXPECT_EQ(all("/api/v1/opportunities?verdict=refused", "verdict", "refused"), 22U);
  EXPECT_EQ(all("/api/v1/breakers?scope=kalshi", "scope", "kalshi"), 1U);
  EXPECT_TRUE(world.ok("/api/v1/orders?venue=nowhere")["items"].empty());
}

TEST_F(api_views_test, filters_hold_on_every_page) {
  const auto rows = all_pages("/api/v1/fills?venue=polymarket&", 5);
  EXPECT_EQ(rows.size(), 38U);
  for (const json& r : rows) EXPECT_EQ(r["venue"], "polymarket");
}

TEST_F(api_views_test, a_time_span_includes_its_begin_and_excludes_its_end) {
  const json items =
      world.ok("/api/v1/orders?since=2026-11-01T00:00:01Z&until=2026-11-01T00:00:03Z")["items"];
  ASSERT_EQ(items.size(), 8U);
  EXPECT_EQ(items.front()["created"], "2026-11-01T00:00:02.000000Z") << "newest first";
  EXPECT_EQ(items.back()["created"], "2026-11-01T00:00:01.000000Z");
}

TEST_F(api_views_test, amounts_are_exact_decimal_strings) {
  const json order = world.ok("/api/v1/orders?order=x1")["items"][0];
  EXPECT_EQ(order["price"], "0.43");
  EXPECT_EQ(order["fees"], "0.001234");
  EXPECT_EQ(order["size"], "10.00");
  const json pnl = world.ok("/api/v1/pnl?venue=kalshi")["items"][0];
  EXPECT_EQ(pnl["cash"], "9999.5693");
  EXPECT_EQ(pnl["fees"], "0.0007");
  EXPECT_EQ(pnl["net_realised"], "-0.0007");
  EXPECT_EQ(pnl["paid_in"], "10000.00");
  EXPECT_EQ(pnl["open_positions"], 20);
}

TEST_F(api_views_test, rows_of_the_other_mode_stay_out) {
  EXPECT_TRUE(world.ok("/api/v1/orders?order=x39")["items"].empty());
  EXPECT_TRUE(world.ok("/api/v1/bundles?bundle=b39")["items"].empty());
}

TEST_F(api_views_test, wrong_parameters_are_refused_by_name) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"orders?limit=0", "limit"},         {"orders?limit=1001", "limit"},
      {"orders?limit=ten", "limit"},       {"orders?colour=red", "colour"},
      {"orders?venue=a&venue=b", "venue"}, {"orders?since=yesterday", "since"},
      {"orders?cursor=zz", "cursor"},      {"orders?cursor=5b5d", "cursor"},
      {"books?colour=red", "colour"},      {"books?limit=0", "limit"},
      {"orders?venue=%00", "venue"},       {"orders?venue=%zz", "%"},
  };
  for (const auto& [target, name] : cases) {
    const auto r = world.get("/api/v1/" + target);
    EXPECT_EQ(r.status, 400U) << target << r.body;
    EXPECT_EQ(*r.headers.get("Content-Type"), "application/problem+json") << target;
    EXPECT_THAT(r.body, HasSubstr(name)) << target;
  }
  // Bytes that are no text reach PostgreSQL and are refused there.
  EXPECT_EQ(world.get("/api/v1/orders?venue=%ff").status, 400U);
}

TEST_F(api_views_test, a_value_is_never_read_as_sql) {
  const json page = world.ok("/api/v1/orders?venue=%27%20OR%20%271%27%3D%271");
  EXPECT_TRUE(page["items"].empty());
}

}  // namespace
}  // namespace cornice::api
