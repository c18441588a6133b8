#include "app/cli/token_create.hpp"
#include "cornice/api/tokens.hpp"
#include "scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace cornice::app::cli {
namespace {

using cornice_test::scratch_folder;
using testing::HasSubstr;
using testing::Not;

mode_t mode_of(const std::string& path) {
  struct stat s {};
  EXPECT_EQ(::stat(path.c_str(), &s), 0);
  return s.st_mode & 0777U;
}

TEST(cli_token, tokens_are_long_and_never_the_same) {
  const auto a = make_token();
  const auto b = make_token();
  ASSERT_TRUE(a.has_value());
  ASSERT_TRUE(b.has_value());
  EXPECT_EQ(a->size(), std::string{"cornice_"}.size() + 64);
  EXPECT_THAT(*a, HasSubstr("cornice_"));
  EXPECT_NE(*a, *b);
}

TEST(cli_token, a_new_file_is_for_its_owner_only_and_holds_no_token) {
  const scratch_folder folder;
  const std::string file = folder.file("tokens.json");
  ASSERT_TRUE(add_token(file, "anna", "operator", "the-secret-token").has_value());
  EXPECT_EQ(mode_of(file), 0600U);
  const std::string text = folder.read(file);
  EXPECT_THAT(text, Not(HasSubstr("the-secret-token")));
  const auto list = api::token_list::parse(text);
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->find("the-secret-token")->name, "anna");
}

TEST(cli_token, a_second_token_joins_the_first) {
  const scratch_folder folder;
  const std::string file = folder.file("tokens.json");
  ASSERT_TRUE(add_token(file, "anna", "viewer", "token-a").has_value());
  ASSERT_TRUE(add_token(file, "otto", "admin", "token-b").has_value());
  const auto list = api::token_list::parse(folder.read(file));
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->size(), 2U);
  EXPECT_EQ(list->find("token-a")->may, api::role::viewer);
  EXPECT_EQ(list->find("token-b")->may, api::role::admin);
  EXPECT_EQ(mode_of(file), 0600U);
}

TEST(cli_token, a_refused_addition_leaves_the_file_as_it_was) {
  const scratch_folder folder;
  const std::string file = folder.file("tokens.json");
  ASSERT_TRUE(add_token(file, "anna", "viewer", "token-a").has_value());
  const std::string before = folder.read(file);
  EXPECT_EQ(add_token(file, "anna", "admin", "token-b").error().code, errc::conflict);
  EXPECT_EQ(add_token(file, "o tto", "admin", "token-b").error().code, errc::invalid_argument);
  EXPECT_EQ(add_token(file, "otto", "root", "token-b").error().code, errc::invalid_argument);
  EXPECT_EQ(folder.read(file), before);
  EXPECT_TRUE(add_token(file, "otto", "admin", "token-b").has_value()) << "no lock is left behind";
}

TEST(cli_token, a_file_that_is_something_else_is_not_overwritten) {
  const scratch_folder folder;
  const std::string file = folder.write("tokens.json", "{\"mine\":1}");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_THAT(add_token(file, "anna", "viewer", "t").error().message, HasSubstr(file));
  EXPECT_EQ(folder.read(file), "{\"mine\":1}");
}

TEST(cli_token, two_writers_do_not_meet) {
  const scratch_folder folder;
  const std::string file = folder.file("tokens.json");
  folder.write("tokens.json.new", "");
  EXPECT_EQ(add_token(file, "anna", "viewer", "t").error().code, errc::conflict);
}

}  // namespace
}  // namespace cornice::app::cli
