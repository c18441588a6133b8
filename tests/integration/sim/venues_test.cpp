// Both simulated venues over real sockets, followed by the daemon's own feed machines.
#include "venue_clients.hpp"

namespace cornice::sim {
namespace {

TEST_F(kalshi_client, books_equal_the_venues_after_traffic) {
  start();
  follow();
  live(100);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.gaps(), 0u);
  EXPECT_GT(truth()["world"]["mispricings"], 0);
}

TEST_F(kalshi_client, unsigned_handshake_is_refused_when_keys_are_demanded) {
  simulator_options o;
  o.kalshi_require_auth = true;
  start(std::move(o));
  connect(addresses_["kalshi"]["ws_url"]);
  EXPECT_EQ(refusal_.code, errc::refused);
  EXPECT_NE(refusal_.message.find("401"), std::string::npos);
}

TEST_F(polymarket_client, books_equal_the_venues_after_traffic) {
  start();
  follow();
  live(100);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.counters().resyncs, 0u);
  EXPECT_EQ(feed_.counters().bad_messages, 0u);
  EXPECT_GT(feed_.counters().proofs.hash_checked, 0u);
}

}  // namespace
}  // namespace cornice::sim
