#include "app/cli/control.hpp"
#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"
#include "scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace cornice::app::cli {
namespace {

using testing::StartsWith;

TEST(cli_setup, the_named_configuration_is_taken_whether_it_exists_or_not) {
  const auto nothing = [](const std::string&) { return false; };
  EXPECT_EQ(config_file_of({"my.json", ""}, nothing), "my.json");
}

TEST(cli_setup, else_the_first_default_that_exists) {
  const auto only = [](const std::string& name) {
    return [name](const std::string& asked) { return asked == name; };
  };
  EXPECT_EQ(config_file_of({}, only("config/cornice.json")), "config/cornice.json");
  EXPECT_EQ(config_file_of({}, only("/etc/cornice/cornice.json")), "/etc/cornice/cornice.json");
  EXPECT_EQ(config_file_of({}, [](const std::string&) { return true; }), "config/cornice.json");
  EXPECT_EQ(config_file_of({}, only("neither")), "config/cornice.json");
}

TEST(cli_setup, the_caller_is_a_person_at_the_command_line) {
  EXPECT_THAT(caller_name(), StartsWith("cli:"));
  EXPECT_GT(caller_name().size(), 4U);
}

TEST(cli_setup, a_missing_file_is_not_found) {
  const cornice_test::scratch_folder folder;
  EXPECT_EQ(read_file(folder.file("absent")).error().code, errc::not_found);
  EXPECT_EQ(*read_file(folder.write("there", "a\0b")), "a");
  EXPECT_FALSE(read_file(folder.file("")).has_value()) << "a folder is no file";
}

TEST(cli_exit, the_status_tells_out_of_reach_from_refused) {
  for (const errc code : all_errc) {
    const bool away = code == errc::unavailable || code == errc::timed_out;
    EXPECT_EQ(exit_code_of(code), away ? exit_unavailable : exit_failed) << to_string(code);
  }
}

TEST(cli_exit, an_error_is_one_line_on_stderr) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(fail({out, err}, {errc::timed_out, "no answer"}), exit_unavailable);
  EXPECT_EQ(err.str(), "cornice: no answer\n");
  EXPECT_EQ(out.str(), "");
}

TEST(cli_control, a_reply_is_shown_in_the_form_of_the_admin_endpoints) {
  EXPECT_EQ(nlohmann::json::parse(reply_json({"r-1", true, "halted \xff"})),
            nlohmann::json(
                {{"request_id", "r-1"}, {"accepted", true}, {"message", "halted \xEF\xBF\xBD"}}));
}

}  // namespace
}  // namespace cornice::app::cli
