#include "app/cli/command_line.hpp"
#include "app/cli/maintenance.hpp"
#include "scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <vector>

namespace cornice::app::cli {
namespace {

using cornice_test::scratch_folder;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

struct outcome {
  int status;
  std::string out;
  std::string err;
};

outcome type(std::vector<std::string> words) {
  std::vector<const char*> argv{"cornice"};
  for (const std::string& w : words) argv.push_back(w.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int status =
      run_command_line(static_cast<int>(argv.size()), argv.data(), terminal{out, err});
  return {status, out.str(), err.str()};
}

// A port where nothing listens, in databases and brokers alike.
const char* const unreachable = R"({
  "postgres": {"host": "127.0.0.1", "port": 1}, "rabbitmq": {"host": "127.0.0.1", "port": 1},
  "api": {"port": 1}})";

TEST(command_line, help_names_every_command_and_exit_status) {
  const auto r = type({"--help"});
  EXPECT_EQ(r.status, exit_ok);
  for (const char* word :
       {"run", "migrate", "check-config", "status", "markets", "orders", "positions", "pnl", "halt",
        "resume", "cancel-all", "audit", "token", "record", "version", "Exit status"})
    EXPECT_THAT(r.out, HasSubstr(word));
  EXPECT_THAT(r.err, IsEmpty());
}

TEST(command_line, help_of_a_command_shows_its_options) {
  const auto r = type({"orders", "--help"});
  EXPECT_EQ(r.status, exit_ok);
  for (const char* word : {"--config", "--overlay", "--json", "--venue", "--state", "--limit"})
    EXPECT_THAT(r.out, HasSubstr(word));
}

TEST(command_line, mistakes_are_status_2_and_one_sentence) {
  const std::vector<std::vector<std::string>> mistakes = {
      {},
      {"fly"},
      {"orders", "--colour", "red"},
      {"orders", "extra"},
      {"markets"},
      {"markets", "import"},
      {"markets", "approve", "m1"},
      {"markets", "approve", "--reason", "why"},
      {"markets", "approve", "m1", "--all", "--reason", "why"},
      {"markets", "reject", "--all", "--reason", "why"},
      {"audit"},
      {"token", "create"},
      {"token", "create", "--name", "a", "--role", "root"},
      {"halt"},
      {"halt", "--reason", ""},
      {"halt", "--reason", "why", "--scope", "mars"},
      {"halt", "--reason", "why", "--timeout", "0"},
      {"record"},
      {"check-config", "--print-schema", "--print-values"},
      {"orders", "--limit", "0"},
      {"orders", "--since", "yesterday"},
      {"orders", "--cursor", "zz"},
      {"status", "--url", "ftp://x"},
  };
  for (const auto& words : mistakes) {
    const auto r = type(words);
    const std::string typed = testing::PrintToString(words);
    EXPECT_EQ(r.status, exit_usage) << typed << r.err;
    EXPECT_THAT(r.err, StartsWith("cornice: ")) << typed;
    EXPECT_THAT(r.out, IsEmpty()) << typed;
  }
}

TEST(command_line, a_missing_configuration_is_named_by_every_command) {
  const scratch_folder folder;
  const std::string file = folder.file("absent.json");
  const std::string mappings = folder.write("mappings.json", "{\"markets\":[]}");
  const std::vector<std::vector<std::string>> commands = {
      {"migrate"},
      {"check-config"},
      {"status"},
      {"markets", "list"},
      {"markets", "import", mappings},
      {"markets", "approve", "m1", "--reason", "why"},
      {"orders"},
      {"positions"},
      {"pnl"},
      {"audit", "list"},
      {"audit", "verify"},
      {"halt", "--reason", "why"},
      {"token", "create", "--name", "a"},
      {"run"},
  };
  for (auto words : commands) {
    words.insert(words.end(), {"--config", file});
    const auto r = type(words);
    EXPECT_EQ(r.status, exit_usage) << testing::PrintToString(words);
    // The daemon writes to the process's own stderr.
    if (words[0] == "run") continue;
    EXPECT_THAT(r.err, HasSubstr(file)) << testing::PrintToString(words);
  }
}

TEST(command_line, what_cannot_be_reached_is_status_3) {
  const scratch_folder folder;
  // The migrations are there; only the servers are not.
  std::string with_migrations{unreachable};
  with_migrations.replace(with_migrations.find('{'), 1,
                          "{\"migrations\": \"" CORNICE_SOURCE_DIR "/migrations\",");
  const std::string config = folder.write("cornice.json", with_migrations);
  const std::string mappings = folder.write("mappings.json", "{\"markets\":[]}");
  const std::vector<std::vector<std::string>> commands = {
      {"migrate"},
      {"status"},
      {"orders"},
      {"markets", "list", "--json"},
      {"markets", "import", mappings},
      {"markets", "approve", "--all", "--reason", "why"},
      {"audit", "verify"},
      {"halt", "--reason", "why", "--timeout", "1"},
  };
  for (auto words : commands) {
    words.insert(words.end(), {"--config", config});
    const auto r = type(words);
    EXPECT_EQ(r.status, exit_unavailable) << testing::PrintToString(words) << r.err;
    EXPECT_THAT(r.err, StartsWith("cornice: ")) << testing::PrintToString(words);
    EXPECT_THAT(r.out, IsEmpty()) << testing::PrintToString(words);
  }
}

TEST(command_line, a_wrong_configuration_is_told_with_file_and_place) {
  const scratch_folder folder;
  const std::string config = folder.write("cornice.json", R"({"api": {"port": "many"}})");
  const auto r = type({"check-config", "--config", config});
  EXPECT_EQ(r.status, exit_usage);
  EXPECT_THAT(r.err, HasSubstr(config));
  EXPECT_THAT(r.err, HasSubstr("/api/port"));
}

TEST(command_line, an_overlay_takes_precedence) {
  const scratch_folder folder;
  const std::string config = folder.write("cornice.json", R"({"api": {"port": 1111}})");
  const std::string overlay = folder.write("overlay.json", R"({"api": {"port": 2222}})");
  const auto r = type({"check-config", "--print-values", "--config", config, "--overlay", overlay});
  EXPECT_EQ(r.status, exit_ok) << r.err;
  EXPECT_EQ(nlohmann::json::parse(r.out).at("api").at("port"), 2222);
}

TEST(command_line, the_schema_needs_no_configuration) {
  const auto r = type({"check-config", "--print-schema", "--config", "/nowhere"});
  EXPECT_EQ(r.status, exit_ok);
  EXPECT_EQ(r.out, schema_text());
}

TEST(command_line, the_version_is_text_or_json) {
  EXPECT_THAT(type({"version"}).out, StartsWith("cornice "));
  EXPECT_TRUE(nlohmann::json::parse(type({"version", "--json"}).out).contains("version"));
}

TEST(command_line, a_token_is_printed_once_and_its_hash_kept) {
  const scratch_folder folder;
  const std::string file = folder.file("tokens.json");
  const auto r = type({"token", "create", "--name", "anna", "--role", "operator", "--file", file});
  EXPECT_EQ(r.status, exit_ok) << r.err;
  EXPECT_THAT(r.out, StartsWith("cornice_"));
  const std::string token = r.out.substr(0, r.out.size() - 1);
  EXPECT_THAT(folder.read(file), Not(HasSubstr(token)));
  EXPECT_THAT(r.err, Not(HasSubstr(token)));
}

}  // namespace
}  // namespace cornice::app::cli
