#include "cornice/model/listing.hpp"

#include "samples.hpp"

#include <gtest/gtest.h>

namespace cornice_test {
namespace {

TEST(rule_hashes, are_sha_256_in_lower_case_hex) {
  // FIPS 180-4 examples.
  EXPECT_EQ(rule_hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(rule_hash_of("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(rule_hashes, change_with_every_byte) {
  EXPECT_NE(rule_hash_of("resolves Yes"), rule_hash_of("resolves Yes "));
}

TEST(listings, name_their_contracts_by_outcome) {
  const listing m = full_listing();
  EXPECT_EQ(m.contract(outcome::yes), m.yes);
  EXPECT_EQ(m.contract(outcome::no), m.no);
}

TEST(listings, trade_only_when_everything_needed_is_known) {
  EXPECT_TRUE(full_listing().tradable());
  EXPECT_FALSE(listing{}.tradable());
  listing m = full_listing();
  m.accepting_orders = false;
  EXPECT_FALSE(m.tradable());
  m = full_listing();
  m.fees.kind = fee_schedule::model::unknown;
  EXPECT_FALSE(m.tradable()) << "an unknown fee could cost more than the edge";
  m = full_listing();
  m.grid = {};
  EXPECT_FALSE(m.tradable());
}

TEST(listings, trade_in_no_status_but_open) {
  for (const listing_status status :
       {listing_status::pending, listing_status::paused, listing_status::closed,
        listing_status::determined, listing_status::disputed, listing_status::settled,
        listing_status::unknown}) {
    listing m = full_listing();
    m.status = status;
    EXPECT_FALSE(m.tradable()) << to_string(status);
  }
}

}  // namespace
}  // namespace cornice_test
