#include "cornice/execution/audit.hpp"

#include "cornice/execution/ids.hpp"
#include "market_world.hpp"

namespace cornice::execution::testing {
namespace {

std::vector<audit_record> trail(int n) {
  std::vector<audit_record> records;
  std::string last{audit_genesis};
  for (int i = 0; i < n; ++i) {
    records.push_back(
        chain(i, last, {after_ms(i), "cli:ann", "halt", "global", std::to_string(i)}));
    last = records.back().hash;
  }
  return records;
}

TEST(audit_chain, sha256_is_the_known_function) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(audit_chain, whole_and_partial_ranges_verify) {
  const auto records = trail(10);
  EXPECT_TRUE(verify(0, audit_genesis, records));
  EXPECT_TRUE(verify(4, records[3].hash, std::span{records}.subspan(4)));
  EXPECT_TRUE(verify(0, audit_genesis, {}));
}

TEST(audit_chain, every_kind_of_tampering_is_found_at_its_place) {
  const auto good = trail(6);
  const auto fails_at = [](const std::vector<audit_record>& r, const std::string& place) {
    const auto outcome = verify(0, audit_genesis, r);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::corrupt);
    EXPECT_NE(outcome.error().message.find("entry " + place), std::string::npos)
        << outcome.error().message;
  };
  auto changed = good;
  changed[2].entry.detail = "nothing happened";
  fails_at(changed, "3");
  auto removed = good;
  removed.erase(removed.begin() + 1);
  fails_at(removed, "3");
  auto swapped = good;
  std::swap(swapped[3], swapped[4]);
  fails_at(swapped, "5");
  auto forged = good;
  forged[1] = chain(1, forged[0].hash, {after_ms(9), "cli:eve", "resume", "global", ""});
  fails_at(forged, "3");
}

TEST(audit_chain, fields_cannot_flow_into_each_other) {
  EXPECT_NE(canonical_text(1, {start_time, "a", "bc", "", ""}),
            canonical_text(1, {start_time, "ab", "c", "", ""}));
  EXPECT_NE(canonical_text(1, {start_time, "a\n1:b", "", "", ""}),
            canonical_text(1, {start_time, "a", "b", "", ""}));
}

TEST(order_ids, derive_from_the_decision_and_nothing_else) {
  const auto bundle = bundle_id_of(opportunity_id::of("o1"));
  EXPECT_EQ(bundle, bundle_id_of(opportunity_id::of("o1")));
  EXPECT_NE(bundle, bundle_id_of(opportunity_id::of("o2")));
  EXPECT_EQ(order_id_of(bundle, 0, 0), order_id_of(bundle, 0, 0));
  std::set<order_id> ids;
  for (std::uint32_t leg = 0; leg < 12; ++leg)
    for (std::uint32_t attempt = 0; attempt < 12; ++attempt)
      ids.insert(order_id_of(bundle, leg, attempt));
  EXPECT_EQ(ids.size(), 144u);
  EXPECT_EQ(ids.begin()->str().size(), 36u);
}

}  // namespace
}  // namespace cornice::execution::testing
