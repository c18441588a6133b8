#include "cornice/data/mapping_store.hpp"

#include "../../unit/data/listings.hpp"
#include "cornice/data/recorder.hpp"
#include "cornice_test/services.hpp"
#include "data/catalogue_store.hpp"

#include <gtest/gtest.h>

namespace cornice::data {
namespace {

using infra::pg_transaction;
using test::at_second;
using test::make_listing;

class mapping_store_test : public testing::Test {
 protected:
  mapping_store_test() {
    infra::apply_migrations(db.config(), std::string{CORNICE_SOURCE_DIR} + "/migrations").value();
    store({a, b});
  }
  // One transaction; answers its error, if any.
  result<void> in_transaction(const std::function<void(pg_transaction&)>& body) {
    return infra::run_blocking(db.config(), body);
  }
  void ok(const std::function<void(pg_transaction&)>& body) {
    const auto done = in_transaction(body);
    ASSERT_TRUE(done) << done.error().message;
  }
  void store(const std::vector<listing>& listings) {
    ok([&](pg_transaction& tx) { store_listings(tx, listings, at_second(0)); });
  }
  [[nodiscard]] market pair() const {
    market m;
    m.id = market_id::of("rain");
    m.title = "Rain?";
    m.contracts = {{a.yes, mapping_relation::same, {}, ""},
                   {b.yes, mapping_relation::same, {}, ""}};
    return m;
  }
  void propose_pair() {
    ok([&](pg_transaction& tx) {
      EXPECT_EQ(propose(tx, pair(), "same words", "data", at_second(1), 900'000), 2u);
    });
  }
  std::vector<market> markets() {
    std::vector<market> out;
    ok([&](pg_transaction& tx) { out = load_markets(tx); });
    return out;
  }
  std::vector<market_contract> members() { return markets().at(0).contracts; }
  [[nodiscard]] std::int64_t audit_entries() const {
    return db.exec("SELECT count(*) FROM audit_log").integer(0, 0);
  }

  cornice_test::throwaway_database db;
  listing a = make_listing(venue_id::kalshi, "A", "Rain in Paris", "Yes", "It rains.");
  listing b = make_listing(venue_id::polymarket, "0x1", "Will it rain?", "Yes", "Rain falls.");
};

TEST_F(mapping_store_test, listings_come_back_as_they_were) {
  listing settled = make_listing(venue_id::kalshi, "S");
  settled.status = listing_status::settled;
  settled.settlement_value = ratio{1'000'000};
  store({settled});
  stored_catalogue read;
  ok([&](pg_transaction& tx) { read = load_stored(tx); });
  EXPECT_EQ(read.listings, (std::vector<listing>{a, b})) << "settled ones stay in the table only";
}

TEST_F(mapping_store_test, a_proposal_is_only_a_proposal_until_a_person_approves_it) {
  propose_pair();
  auto found = markets();
  ASSERT_EQ(found.size(), 1u);
  for (const market_contract& m : found[0].contracts) EXPECT_EQ(m.status, mapping_status::proposed);
  EXPECT_EQ(db.exec("SELECT min(score) FROM market_contract").integer(0, 0), 900'000);
  ok([&](pg_transaction& tx) { approve(tx, pair().id, "ada", "read both", at_second(2)); });
  found = markets();
  for (const market_contract& m : found[0].contracts) EXPECT_EQ(m.status, mapping_status::approved);
  EXPECT_EQ(found[0].contracts[0].rule_hash, a.rule_hash);
  EXPECT_EQ(audit_entries(), 2);
}

TEST_F(mapping_store_test, proposing_again_changes_nothing) {
  propose_pair();
  ok([&](pg_transaction& tx) { reject(tx, pair().id, "ada", "different sources", at_second(2)); });
  const auto before = markets();
  ok([&](pg_transaction& tx) {
    EXPECT_EQ(propose(tx, pair(), "again", "data", at_second(3)), 0u);
  });
  EXPECT_EQ(markets(), before);
}

TEST_F(mapping_store_test, changed_rules_suspend_and_a_reader_of_the_old_text_cannot_approve) {
  propose_pair();
  listing changed = b;
  changed.rules = "Rain or snow falls.";
  changed.rule_hash = rule_hash_of(changed.rules);
  store({changed});
  const auto refused = in_transaction(
      [&](pg_transaction& tx) { approve(tx, pair().id, "ada", "read", at_second(2)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  ok([&](pg_transaction& tx) {
    EXPECT_EQ(suspend_changed(tx, changed, at_second(3)), std::vector<market_id>{pair().id});
    EXPECT_TRUE(suspend_changed(tx, changed, at_second(3)).empty()) << "once";
  });
  for (const market_contract& m : members()) EXPECT_EQ(m.status, mapping_status::suspended);
  ok([&](pg_transaction& tx) { approve(tx, pair().id, "ada", "read the new text", at_second(4)); });
  for (const market_contract& m : members()) {
    EXPECT_EQ(m.status, mapping_status::approved);
    if (m.contract == changed.yes) {
      EXPECT_EQ(m.rule_hash, changed.rule_hash);
    }
  }
}

TEST_F(mapping_store_test, a_contract_is_approved_in_one_market_only) {
  propose_pair();
  ok([&](pg_transaction& tx) { approve(tx, pair().id, "ada", "read", at_second(2)); });
  market other = pair();
  other.id = market_id::of("other");
  ok([&](pg_transaction& tx) { propose(tx, other, "", "bob", at_second(3)); });
  const auto refused = in_transaction(
      [&](pg_transaction& tx) { approve(tx, other.id, "bob", "read", at_second(4)); });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("rain"), std::string::npos) << refused.error().message;
}

TEST_F(mapping_store_test, what_makes_no_sense_is_refused_and_leaves_nothing_behind) {
  market unknown = pair();
  unknown.contracts[1].contract = contract_id::make(venue_id::polymarket, "404");
  market alone = pair();
  alone.contracts.resize(1);
  market odd = pair();
  odd.contracts[0].relation = mapping_relation::member;
  for (const market& m : {unknown, alone, odd}) {
    const auto refused =
        in_transaction([&](pg_transaction& tx) { propose(tx, m, "", "ada", at_second(1)); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::refused);
  }
  EXPECT_FALSE(
      in_transaction([&](pg_transaction& tx) { reject(tx, pair().id, "ada", "", at_second(1)); }));
  EXPECT_TRUE(markets().empty());
  EXPECT_EQ(audit_entries(), 0);
}

TEST_F(mapping_store_test, what_looks_the_same_is_stored_as_proposed_once) {
  store({make_listing(venue_id::kalshi, "G", "Gold above $5,000 by Jan 1, 2027"),
         make_listing(venue_id::polymarket, "0x9", "Gold above $5,000 by Jan 1, 2027?")});
  ok([&](pg_transaction& tx) {
    const proposal_report r = propose_look_alikes(tx, "ann", at_second(5));
    EXPECT_EQ(r.proposals, 1u);
    EXPECT_EQ(r.new_members, 4u);
  });
  const auto found = markets();
  ASSERT_EQ(found.size(), 1u);
  for (const market_contract& m : found[0].contracts) EXPECT_EQ(m.status, mapping_status::proposed);
  ok([&](pg_transaction& tx) {
    EXPECT_EQ(propose_look_alikes(tx, "ann", at_second(6)).new_members, 0u);
  });
}

TEST_F(mapping_store_test, book_partitions_are_made_ahead_and_dropped_when_old) {
  const auto partitions = [&] {
    return db.exec("SELECT count(*) FROM pg_inherits WHERE inhparent = 'book_snapshot'::regclass")
        .integer(0, 0);
  };
  ok([&](pg_transaction& tx) { EXPECT_EQ(keep_partitions(tx, at_second(0), 3), 0u); });
  EXPECT_EQ(partitions(), 3);
  ok([&](pg_transaction& tx) { EXPECT_EQ(keep_partitions(tx, at_second(0), 3), 0u); });
  EXPECT_EQ(partitions(), 3);
  const timestamp later = at_second(4 * 86'400);
  ok([&](pg_transaction& tx) { EXPECT_EQ(keep_partitions(tx, later, 3), 2u); });
  EXPECT_EQ(partitions(), 4);
}

}  // namespace
}  // namespace cornice::data
