#include "cornice/data/selection.hpp"

#include "listings.hpp"

#include <gtest/gtest.h>

namespace cornice::data {
namespace {

using test::make_listing;
using test::make_market;

std::vector<std::string> chosen(const catalogue& c, const discovery_config& config) {
  std::vector<std::string> out;
  for (const listing_id& id : select(c, venue_id::kalshi, config)) out.push_back(id.str());
  return out;
}

TEST(selection, takes_open_listings_in_order_up_to_the_maximum) {
  catalogue c;
  for (const char* id : {"C", "A", "B"}) ASSERT_TRUE(c.apply(make_listing(venue_id::kalshi, id)));
  ASSERT_TRUE(c.apply(make_listing(venue_id::polymarket, "D")));
  discovery_config config;
  config.stream_max = 2;
  EXPECT_EQ(chosen(c, config), (std::vector<std::string>{"A", "B"}));
}

TEST(selection, never_cuts_mapped_listings) {
  catalogue c;
  for (const char* id : {"A", "B", "C"}) ASSERT_TRUE(c.apply(make_listing(venue_id::kalshi, id)));
  c.set_market(make_market("m", {c.find(venue_id::kalshi, listing_id::of("B"))->yes,
                                 c.find(venue_id::kalshi, listing_id::of("C"))->no}));
  discovery_config config;
  config.stream_max = 1;
  EXPECT_EQ(chosen(c, config), (std::vector<std::string>{"B", "C"}));
}

TEST(selection, a_rejected_mapping_is_none) {
  catalogue c;
  const listing l = make_listing(venue_id::kalshi, "A");
  ASSERT_TRUE(c.apply(l));
  c.set_market(make_market("m", {l.yes}, mapping_status::rejected));
  discovery_config config;
  config.stream_max = 0;
  EXPECT_TRUE(chosen(c, config).empty());
}

TEST(selection, settled_listings_need_no_stream_even_when_mapped) {
  catalogue c;
  listing l = make_listing(venue_id::kalshi, "A");
  l.status = listing_status::settled;
  listing paused = make_listing(venue_id::kalshi, "B");
  paused.status = listing_status::paused;
  ASSERT_TRUE(c.apply(l));
  ASSERT_TRUE(c.apply(paused));
  c.set_market(make_market("m", {l.yes, paused.yes}));
  EXPECT_EQ(chosen(c, {}), std::vector<std::string>{"B"});
}

TEST(selection, words_match_title_series_and_category_in_any_case) {
  catalogue c;
  listing by_title = make_listing(venue_id::kalshi, "A", "Will BITCOIN rise?");
  listing by_series = make_listing(venue_id::kalshi, "B");
  by_series.series = "KXBITCOIN";
  listing by_category = make_listing(venue_id::kalshi, "C");
  by_category.category = "bitcoin";
  for (const listing& l : {by_title, by_series, by_category, make_listing(venue_id::kalshi, "D")})
    ASSERT_TRUE(c.apply(l));
  discovery_config config;
  config.stream_words = {"Bitcoin"};
  EXPECT_EQ(chosen(c, config), (std::vector<std::string>{"A", "B", "C"}));
}

}  // namespace
}  // namespace cornice::data
