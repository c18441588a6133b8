#include "cornice/data/mapping_store.hpp"

#include <gtest/gtest.h>

namespace cornice::data {
namespace {

errc code_of(std::string_view text) {
  const auto read = decode_mapping_file(text);
  EXPECT_FALSE(read.has_value()) << text;
  return read ? errc::internal : read.error().code;
}

TEST(mapping_file, a_pair_is_read) {
  const auto read = decode_mapping_file(R"({"markets":[{"market_id":"rain","kind":"binary",
    "title":"Rain?","contracts":[{"contract_id":"kalshi:KXRAIN:yes","relation":"same"},
    {"contract_id":"polymarket:12","relation":"complement"}]}]})");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  const market& m = read->front();
  EXPECT_EQ(m.id.str(), "rain");
  EXPECT_EQ(m.kind, market_kind::binary);
  ASSERT_EQ(m.contracts.size(), 2u);
  EXPECT_EQ(m.contracts[1].contract.str(), "polymarket:12");
  EXPECT_EQ(m.contracts[1].relation, mapping_relation::complement);
  EXPECT_EQ(m.contracts[1].status, mapping_status::proposed);
}

TEST(mapping_file, an_empty_list_is_fine) {
  EXPECT_TRUE(decode_mapping_file(R"({"markets":[]})").value().empty());
}

TEST(mapping_file, what_is_wrong_is_named) {
  EXPECT_EQ(code_of("{"), errc::malformed);
  EXPECT_EQ(code_of("[]"), errc::missing_field);
  EXPECT_EQ(code_of(R"({"markets":{}})"), errc::missing_field);
  EXPECT_EQ(code_of(R"({"markets":[1]})"), errc::malformed);
  EXPECT_EQ(code_of(R"({"markets":[{"kind":"binary","title":"x","contracts":[]}]})"),
            errc::missing_field);
  EXPECT_EQ(code_of(R"({"markets":[{"market_id":"m","kind":"binary","title":7,"contracts":[]}]})"),
            errc::malformed);
  const auto read = decode_mapping_file(R"({"markets":[{"market_id":"m","kind":"binary",
    "title":"x","contracts":[{"contract_id":"kalshi:A:yes","relation":"same"},
    {"contract_id":"nowhere","relation":"same"}]}]})");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("/markets/0/contracts/1/contract_id"), std::string::npos)
      << read.error().message;
}

}  // namespace
}  // namespace cornice::data
