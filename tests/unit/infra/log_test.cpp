#include "cornice/infra/log.hpp"

#include "infra/log_line.hpp"
#include "infra/log_redactor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <span>

namespace cornice::infra {
namespace {

const timestamp noon = parse_rfc3339("2026-11-22T12:34:56.789012Z").value();

log_record record_of(std::span<const log_field> fields) {
  return {noon, log_level::warn, "kalshi", "book_gap", fields};
}

TEST(json_log_line, has_the_fixed_keys_first_and_the_fields_in_order) {
  const std::array<log_field, 5> fields{
      log_field{"trace_id", "01J"}, log_field{"missed", 3}, log_field{"again", true},
      log_field{"lowest", std::numeric_limits<std::int64_t>::min()},
      log_field{"highest", std::numeric_limits<std::uint64_t>::max()}};
  EXPECT_EQ(json_log_line(record_of(fields), {}),
            R"({"ts":"2026-11-22T12:34:56.789012Z","level":"warn","event":"book_gap",)"
            R"("component":"kalshi","trace_id":"01J","missed":3,"again":true,)"
            R"("lowest":-9223372036854775808,"highest":18446744073709551615})");
}

TEST(json_log_line, field_that_takes_a_fixed_key_is_renamed) {
  const std::array<log_field, 1> fields{log_field{"level", "high"}};
  const auto line = nlohmann::json::parse(json_log_line(record_of(fields), {}));
  EXPECT_EQ(line.at("level"), "warn");
  EXPECT_EQ(line.at("level_"), "high");
}

TEST(json_log_line, invalid_utf8_becomes_the_replacement_character) {
  // A lone continuation, an overlong slash, a surrogate and a cut character.
  const std::array<log_field, 1> fields{log_field{"text",
                                                  "a\x80"
                                                  "b\xC0\xAF\xED\xA0\x80 \xE2\x82"}};
  const auto line = nlohmann::json::parse(json_log_line(record_of(fields), {}));
  const std::string bad = "\uFFFD";
  EXPECT_EQ(line.at("text"), "a" + bad + "b" + bad + bad + bad + bad + bad + " " + bad + bad);
}

TEST(json_log_line, long_value_is_cut_between_characters) {
  std::string text(log_value_limit - 1, 'x');
  text += "\u20AC\u20AC";
  const std::array<log_field, 1> fields{log_field{"text", text}};
  const auto line = nlohmann::json::parse(json_log_line(record_of(fields), {}));
  EXPECT_EQ(line.at("text"), std::string(log_value_limit - 1, 'x') + "\u2026");
}

TEST(json_log_line, secret_across_the_cut_does_not_survive_in_part) {
  log_redactor redactor;
  redactor.add("hunter2hunter2");
  const std::string text = std::string(log_value_limit - 5, 'x') + "hunter2hunter2";
  const std::array<log_field, 1> fields{log_field{"text", text}};
  const std::string line =
      json_log_line(record_of(fields), [&](std::string& t) { redactor.apply(t); });
  EXPECT_EQ(line.find("hunte"), std::string::npos);
}

RC_GTEST_PROP(json_log_line_property, any_bytes_make_valid_json_without_control_characters,
              (const std::string& event, const std::string& value)) {
  const std::array<log_field, 1> fields{log_field{"value", value}};
  log_record record = record_of(fields);
  record.event = event;
  const std::string line = json_log_line(record, {});
  for (const char c : line) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  RC_ASSERT(nlohmann::json::accept(line));
}

TEST(human_log_line, shows_time_level_component_event_and_fields) {
  const std::array<log_field, 4> fields{log_field{"ticker", "KXA-1"}, log_field{"n", 5},
                                        log_field{"reason", "two words"}, log_field{"empty", ""}};
  EXPECT_EQ(human_log_line(record_of(fields), false, {}),
            "12:34:56.789 WARN  kalshi book_gap ticker=KXA-1 n=5 reason=\"two words\" empty=\"\"");
}

TEST(human_log_line, value_cannot_steer_the_terminal) {
  const std::array<log_field, 1> fields{log_field{"text", "\x1b[2J\nfake line\u009b31m"}};
  const std::string line = human_log_line(record_of(fields), false, {});
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find("\u009b"), std::string::npos);
}

TEST(human_log_line, colour_only_when_asked) {
  EXPECT_EQ(human_log_line(record_of({}), false, {}).find('\x1b'), std::string::npos);
  EXPECT_NE(human_log_line(record_of({}), true, {}).find('\x1b'), std::string::npos);
}

std::string redacted(const log_redactor& redactor, std::string text) {
  redactor.apply(text);
  return text;
}

TEST(log_redactor, every_occurrence_is_replaced) {
  log_redactor redactor;
  redactor.add("s3cr3t");
  EXPECT_EQ(redacted(redactor, "a s3cr3t and s3cr3ts3cr3t"),
            "a [redacted] and [redacted][redacted]");
}

TEST(log_redactor, secret_is_found_in_its_escaped_form) {
  log_redactor redactor;
  redactor.add("pass\"word\\1");
  EXPECT_EQ(redacted(redactor, R"({"p":"pass\"word\\1"})"), R"({"p":"[redacted]"})");
}

TEST(log_redactor, longer_secret_wins_over_one_inside_it) {
  log_redactor redactor;
  redactor.add("secret");
  redactor.add("my-secret-token");
  EXPECT_EQ(redacted(redactor, "my-secret-token secret"), "[redacted] [redacted]");
}

TEST(log_redactor, single_line_of_a_pem_key_is_secret_but_its_banner_is_not) {
  log_redactor redactor;
  redactor.add("-----BEGIN KEY-----\r\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQ\r\n-----END KEY-----\r\n");
  EXPECT_EQ(redacted(redactor, "-----BEGIN KEY----- kqhkiG9w0BAQ"),
            "-----BEGIN KEY----- [redacted]");
}

TEST(log_redactor, short_words_are_left_alone) {
  log_redactor redactor;
  redactor.add("order");
  redactor.add("");
  EXPECT_EQ(redacted(redactor, "order"), "order");
}

TEST(log_level, names_read_back) {
  for (const log_level level : {log_level::trace, log_level::debug, log_level::info,
                                log_level::warn, log_level::error, log_level::critical}) {
    log_level read = level == log_level::trace ? log_level::info : log_level::trace;
    EXPECT_TRUE(parse_log_level(to_string(level), read));
    EXPECT_EQ(read, level);
  }
  log_level untouched = log_level::error;
  EXPECT_FALSE(parse_log_level("loud", untouched));
  EXPECT_EQ(untouched, log_level::error);
}

// Puts a pipe in the place of a standard stream. The program under test runs in a child, because
// logging starts once per process.
class child_log : public testing::Test {
 protected:
  // Runs `body` in a child whose stdout and stderr are pipes; returns what came out of `fd`.
  template <class Body>
  static std::string output_of(int fd, Body body) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], fd);
      body();
      ::_exit(0);
    }
    ::close(ends[1]);
    std::string out;
    std::array<char, 4096> chunk{};
    for (ssize_t n = 0; (n = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
      out.append(chunk.data(), static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    return out;
  }
};

TEST_F(child_log, line_before_start_goes_to_stderr) {
  const std::string out = output_of(STDERR_FILENO, [] {
    logger{"early"}.info("first", {{"n", 1}});
  });
  const auto line = nlohmann::json::parse(out);
  EXPECT_EQ(line.at("event"), "first");
  EXPECT_EQ(line.at("component"), "early");
}

TEST_F(child_log, started_log_goes_to_stdout_as_json_lines_without_secrets) {
  const std::string out = output_of(STDOUT_FILENO, [] {
    start_logging(log_level::info, log_format::automatic);
    redact_in_logs("the-api-token");
    const logger log{"test"};
    log.debug("too_low");
    log.info("kept", {{"header", "Bearer the-api-token"}});
    set_log_level(log_level::error);
    log.warn("too_low_now");
    flush_logging();
  });
  ASSERT_FALSE(out.empty());
  EXPECT_EQ(out.find('\n'), out.size() - 1) << out;
  const auto line = nlohmann::json::parse(out);
  EXPECT_EQ(line.at("event"), "kept");
  EXPECT_EQ(line.at("header"), "Bearer [redacted]");
}

TEST_F(child_log, stalled_stdout_loses_lines_and_counts_them_but_never_blocks) {
  const std::string out = output_of(STDERR_FILENO, [] {
    std::array<int, 2> stalled{};  // nobody reads it
    if (::pipe(stalled.data()) != 0) return;
    ::dup2(stalled[1], STDOUT_FILENO);
    start_logging(log_level::info, log_format::json);
    const logger log{"test"};
    for (int i = 0; i < 20'000; ++i) log.info("flood", {{"i", i}});
    const std::string dropped = std::to_string(log_lines_dropped());
    if (::write(STDERR_FILENO, dropped.data(), dropped.size()) < 0) ::_exit(1);
  });
  ASSERT_FALSE(out.empty());
  EXPECT_GT(std::stoull(out), 10'000u);
  EXPECT_LT(std::stoull(out), 12'000u);
}

}  // namespace
}  // namespace cornice::infra
