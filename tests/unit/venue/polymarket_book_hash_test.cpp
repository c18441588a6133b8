#include "cornice/venue/polymarket/asset_mirror.hpp"
#include "cornice/venue/polymarket/book_hash.hpp"
#include "polymarket_support.hpp"

namespace cornice::venue::polymarket {
namespace {

using test::lvl;

constexpr std::int64_t t0 = 1'790'000'000'000;

// The vector of the venue's own Python client, which lists asks best first and hashes them so.
TEST(polymarket_book_hash, reproduces_the_clients_vector) {
  const std::vector<wire_level> bids{lvl("0.3", "100"), lvl("0.4", "100")};
  const std::vector<wire_level> asks{lvl("0.6", "100"), lvl("0.7", "100")};
  book_hasher hasher;
  const book_identity id{"0xaabbcc", "100", "123456789", "100", "0.01", false, "0.5"};
  EXPECT_EQ(as_text(hasher.hash(id, bids, asks)), "0458ea5755c9f73d64a14636fa5c36ed460ec394");
  EXPECT_EQ(hasher.preimage(),
            R"({"market":"0xaabbcc","asset_id":"100","timestamp":"123456789","hash":"",)"
            R"("bids":[{"price":"0.3","size":"100"},{"price":"0.4","size":"100"}],)"
            R"("asks":[{"price":"0.6","size":"100"},{"price":"0.7","size":"100"}],)"
            R"("min_order_size":"100","tick_size":"0.01","neg_risk":false,)"
            R"("last_trade_price":"0.5"})");
}

TEST(polymarket_book_hash, depends_on_the_text_of_a_level) {
  book_hasher hasher;
  text_book a;
  text_book b;
  ASSERT_TRUE(a.set(book_side::bid, lvl("0.5", "1")));
  ASSERT_TRUE(b.set(book_side::bid, lvl("0.50", "1")));
  const book_identity id{"0x1", "1", "1", "5", "0.01", false, ""};
  EXPECT_NE(hasher.hash(id, a), hasher.hash(id, b));
  EXPECT_EQ(hasher.hash(id, a), hasher.hash(id, a));
}

class polymarket_mirror : public testing::Test {
 protected:
  polymarket_mirror() {
    venue.put(book_side::bid, "0.4", "100");
    venue.put(book_side::ask, "0.6", "100");
  }
  mirror_verdict load(std::int64_t time_ms) {
    mirror_verdict v{};
    venue.view(time_ms, true, [&](const book_view& b) { v = mirror.load(b, hasher, counters); });
    return v;
  }
  mirror_verdict apply(const std::string& frame) {
    ws::decoder decoder;
    const auto decoded = decoder.decode(frame);
    const auto& m = std::get<ws::price_change>(decoded->messages[0]);
    const auto& c = m.changes[0];
    if (const auto v = mirror.admit(m.timestamp_ms, c.hash); v != mirror_verdict::ok) return v;
    if (const auto v = mirror.set(c.side, c.level); v != mirror_verdict::ok) return v;
    return mirror.settle(c, m.timestamp_text, m.timestamp_ms, policy, hasher, counters);
  }

  test::venue_asset venue{"100"};
  asset_mirror mirror{"100", "0xabc", {}};
  book_hasher hasher;
  hash_policy policy;
  mirror_counters counters;
};

TEST_F(polymarket_mirror, proves_a_rest_book_and_the_changes_after_it) {
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  EXPECT_EQ(apply(venue.change(t0 + 1, book_side::bid, "0.45", "7.5")), mirror_verdict::ok);
  EXPECT_EQ(counters.hash_checked, 2u);
  EXPECT_EQ(counters.hash_unchecked, 0u);
}

TEST_F(polymarket_mirror, a_wrong_level_is_a_hash_mismatch) {
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  venue.put(book_side::bid, "0.2", "1");  // a change that never reached us
  EXPECT_EQ(apply(venue.change(t0 + 1, book_side::bid, "0.3", "1")), mirror_verdict::hash_mismatch);
}

TEST_F(polymarket_mirror, another_best_price_is_noticed_without_hash) {
  policy.every_small = 0;
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  venue.put(book_side::bid, "0.45", "1");
  EXPECT_EQ(apply(venue.change(t0 + 1, book_side::bid, "0.3", "1")), mirror_verdict::best_mismatch);
}

TEST_F(polymarket_mirror, a_trade_price_is_guessed_and_proved_by_the_hash) {
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  venue.last_trade_price = "0.600";
  EXPECT_EQ(apply(venue.change(t0 + 1, book_side::ask, "0.6", "40")), mirror_verdict::ok);
  EXPECT_EQ(apply(venue.change(t0 + 2, book_side::bid, "0.41", "40")), mirror_verdict::ok);
  EXPECT_EQ(counters.hash_unproven, 0u);
}

TEST_F(polymarket_mirror, an_unknown_last_price_is_borne_for_a_while) {
  policy.unproven_max = 2;
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  mirror.trade_seen("");
  venue.last_trade_price = "0.123";
  EXPECT_EQ(apply(venue.change(t0 + 1, book_side::bid, "0.41", "1")), mirror_verdict::ok);
  EXPECT_EQ(apply(venue.change(t0 + 2, book_side::bid, "0.41", "2")), mirror_verdict::ok);
  EXPECT_EQ(counters.hash_unproven, 2u);
  EXPECT_EQ(apply(venue.change(t0 + 3, book_side::bid, "0.41", "3")),
            mirror_verdict::hash_mismatch);
}

TEST_F(polymarket_mirror, times_before_and_at_the_snapshot_are_stale) {
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  const std::string same_state = venue.change_frame(t0, book_side::bid, "0.4", "100");
  EXPECT_EQ(apply(same_state), mirror_verdict::stale);
  EXPECT_EQ(apply(venue.change_frame(t0 - 1, book_side::bid, "0.4", "1")), mirror_verdict::stale);
  EXPECT_EQ(apply(venue.change(t0, book_side::bid, "0.42", "1")), mirror_verdict::ok);
  EXPECT_EQ(apply(venue.change(t0 + 5, book_side::bid, "0.43", "1")), mirror_verdict::ok);
  EXPECT_EQ(apply(venue.change(t0 + 4, book_side::bid, "0.44", "1")),
            mirror_verdict::time_backwards);
}

TEST_F(polymarket_mirror, large_books_are_hashed_now_and_then) {
  policy.small_book_levels = 1;
  policy.every_large = 4;
  EXPECT_EQ(load(t0), mirror_verdict::ok);
  const auto before = counters.hash_checked;
  for (int i = 1; i <= 8; ++i)
    EXPECT_EQ(apply(venue.change(t0 + i, book_side::bid, "0.41", std::to_string(i))),
              mirror_verdict::ok);
  EXPECT_EQ(counters.hash_checked - before, 2u);
}

}  // namespace
}  // namespace cornice::venue::polymarket
