#include "cornice/api/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cornice::api {
namespace {

using testing::HasSubstr;

const std::string some_hash(64, 'a');

std::string list_with(const std::string& row) {
  return "{\"tokens\":[" + row + "]}";
}

TEST(tokens, a_hash_is_sha256_in_lower_case_hex) {
  EXPECT_EQ(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(tokens, a_presented_token_finds_its_entry_and_only_that) {
  token_list list;
  ASSERT_TRUE(list.add({"anna", role::viewer, hash_token("secret-a")}).has_value());
  ASSERT_TRUE(list.add({"otto", role::operator_, hash_token("secret-b")}).has_value());
  const auto found = list.find("secret-b");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, "otto");
  EXPECT_EQ(found->may, role::operator_);
  for (const char* wrong : {"", "secret-", "secret-c", "secret-bb", "SECRET-B"})
    EXPECT_FALSE(list.find(wrong).has_value()) << wrong;
}

TEST(tokens, the_hash_itself_opens_nothing) {
  token_list list;
  ASSERT_TRUE(list.add({"anna", role::admin, hash_token("secret-a")}).has_value());
  EXPECT_FALSE(list.find(hash_token("secret-a")).has_value());
}

TEST(tokens, a_list_survives_being_written_and_read) {
  token_list list;
  ASSERT_TRUE(list.add({"anna", role::viewer, hash_token("a")}).has_value());
  ASSERT_TRUE(list.add({"otto", role::admin, hash_token("b")}).has_value());
  const auto read = token_list::parse(list.to_json());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->size(), 2U);
  EXPECT_EQ(read->to_json(), list.to_json());
  EXPECT_EQ(read->find("b")->may, role::admin);
}

TEST(tokens, a_name_exists_once) {
  token_list list;
  ASSERT_TRUE(list.add({"anna", role::viewer, hash_token("a")}).has_value());
  const auto again = list.add({"anna", role::admin, hash_token("b")});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, errc::conflict);
  EXPECT_EQ(list.size(), 1U);
}

TEST(tokens, a_wrong_file_is_refused_with_the_place) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "tokens"},
      {"[]", "tokens"},
      {"{\"tokens\":{}}", "tokens"},
      {list_with("1"), "/tokens/0"},
      {list_with(R"({"role":"admin","sha256":")" + some_hash + "\"}"), "/tokens/0/name"},
      {list_with(R"({"name":"a","sha256":")" + some_hash + "\"}"), "/tokens/0/role"},
      {list_with(R"({"name":"a","role":"root","sha256":")" + some_hash + "\"}"), "/tokens/0/role"},
      {list_with(R"({"name":"a","role":"admin"})"), "/tokens/0/sha256"},
      {list_with(R"({"name":"a","role":"admin","sha256":"abc"})"), "/tokens/0/sha256"},
      {list_with(R"({"name":"a","role":"admin","sha256":")" + std::string(64, 'A') + "\"}"),
       "/tokens/0/sha256"},
      {list_with(R"({"name":1,"role":"admin","sha256":")" + some_hash + "\"}"), "/tokens/0/name"},
  };
  for (const auto& [text, place] : cases) {
    const auto read = token_list::parse(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(place)) << text;
  }
}

TEST(tokens, roles_are_ordered_and_named) {
  EXPECT_LT(role::viewer, role::operator_);
  EXPECT_LT(role::operator_, role::admin);
  for (const role r : {role::viewer, role::operator_, role::admin})
    EXPECT_EQ(parse_role(to_string(r)).value(), r);
  EXPECT_FALSE(parse_role("Admin").has_value());
}

}  // namespace
}  // namespace cornice::api
