// A tape on disk, played over real sockets.
#include "cornice/venue/kalshi/rest.hpp"
#include "cornice/venue/polymarket/gamma.hpp"
#include "cornice_test/taped_run.hpp"
#include "venue_clients.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace cornice::sim {
namespace {

constexpr timestamp recorded = from_unix_s(1'780'000'000);

const test::taped_run& run() {
  static const test::taped_run r =
      test::taped_run_of("default", 11, recorded, std::chrono::seconds{12});
  return r;
}

// Through the file, as the recorder writes it and cornice-sim reads it.
simulator_options options_for_the_tape(std::int64_t speed_ppm = 1'000'000) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("cornice-tape-test-" + std::to_string(::getpid()));
  {
    std::string bytes;
    venue::tape::encode_header(bytes);
    for (const venue::tape::record& r : run().tape.records)
      venue::tape::encode(bytes, r.view()).value();
    std::ofstream{file, std::ios::binary} << bytes;
  }
  simulator_options o;
  o.tape = load_tape(file.string()).value();
  o.speed_ppm = speed_ppm;
  std::filesystem::remove(file);
  return o;
}

std::size_t books_unlike_the_recorded(const nlohmann::json& listings) {
  std::size_t unlike = 0;
  for (const auto& l : listings) {
    const order_book& then = run().last_books.at(l["id"].get<std::string>());
    if (side_of(then, book_side::bid) != l["bids"] || side_of(then, book_side::ask) != l["asks"])
      ++unlike;
  }
  return unlike;
}

TEST_F(kalshi_client, plays_a_tape_to_the_recorded_books) {
  start(options_for_the_tape());
  follow();
  EXPECT_FALSE(truth()["tape"]["ended"].get<bool>());
  live(250);
  EXPECT_TRUE(truth()["tape"]["ended"].get<bool>());
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(books_unlike_the_recorded(listings("kalshi")), 0u);
  EXPECT_EQ(feed_.gaps(), 0u);
  EXPECT_EQ(broken_, 0);
  for (const auto& [ticker, book] : feed_.books()) {
    EXPECT_LE(book.venue_time(), clock_.now()) << ticker;
    EXPECT_GE(book.venue_time(), from_unix_s(1'795'000'000)) << ticker;
  }
}

TEST_F(polymarket_client, plays_a_tape_to_the_recorded_books_with_hashes_that_hold) {
  start(options_for_the_tape());
  follow();
  live(250);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(books_unlike_the_recorded(listings("polymarket")), 0u);
  EXPECT_EQ(feed_.counters().resyncs, 0u);
  EXPECT_GT(feed_.counters().proofs.hash_checked, 50u);
  EXPECT_EQ(feed_.counters().proofs.hash_mismatched, 0u);
}

TEST_F(kalshi_client, holds_the_last_books_live_after_the_end_of_the_tape) {
  start(options_for_the_tape(10'000'000));
  follow();
  live(40);
  ASSERT_TRUE(truth()["tape"]["ended"].get<bool>());
  ASSERT_EQ(command("/fault", {{"spec", "drop:kalshi"}}), 200u);
  live(20);
  EXPECT_EQ(losses_, 1);
  EXPECT_TRUE(reached([this] { return equal(); })) << "a client that comes back gets them again";
}

TEST_F(kalshi_client, faults_strike_a_tape_too) {
  simulator_options o = options_for_the_tape();
  o.faults.push_back(parse_fault("gap:kalshi:at=3s").value());
  start(std::move(o));
  follow();
  live(120);
  EXPECT_EQ(feed_.gaps(), 1u);
  EXPECT_TRUE(recovers());
}

TEST_F(venues_test, answers_rest_from_the_tape_and_nothing_else) {
  start(options_for_the_tape());
  const std::string kalshi = addresses_["kalshi"]["rest_url"];
  const std::string polymarket = addresses_["polymarket"]["gamma_url"];
  const auto events = get(kalshi + run().kalshi_events_target);
  ASSERT_TRUE(events);
  EXPECT_GT(venue::kalshi::decode_event_page(events->body)->events.size(), 10u);
  const auto gamma = get(polymarket + run().polymarket_events_target);
  ASSERT_TRUE(gamma);
  EXPECT_GT(venue::polymarket::gamma::decode_events_page(gamma->body)->rows.size(), 10u);
  for (const std::string& unknown :
       {kalshi + "/trade-api/v2/series/KXNONE", polymarket + "/tags"}) {
    const auto none = get(unknown);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->status, 404u);
    EXPECT_NE(none->body.find("the tape holds no answer"), std::string::npos) << none->body;
  }
  EXPECT_EQ(command("/scenario-event", {{"kind", "list"}}), 409u);
}

}  // namespace
}  // namespace cornice::sim
