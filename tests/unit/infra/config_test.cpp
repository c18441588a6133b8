#include "cornice/infra/config.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

namespace cornice::infra {
namespace {

struct limits_section {
  std::int64_t order_notional = 250'000'000;
};

struct venue_section {
  std::string key_file;
  bool enabled = false;
};

struct sample {
  std::string mode = "paper";
  std::string address = "127.0.0.1";
  std::int64_t port = 8080;
  bool tls = false;
  limits_section limits;
  std::chrono::milliseconds linger{1500};
  std::chrono::milliseconds idle{60'000};
  std::vector<std::string> tags{"a"};
  std::map<std::string, venue_section> venues;
};

void describe_sample(config_section& s, sample& v) {
  s.choice("mode", v.mode, {"paper", "live"}, "What happens to orders.");
  s.text("address", v.address, "Interface to listen on.", "^[0-9.]+$");
  s.integer("port", v.port, {0, 65535}, "TCP port.");
  s.boolean("tls", v.tls, "Whether to use TLS.");
  s.section(
      "limits",
      [&v](config_section& l) {
        l.millionths("order_notional", v.limits.order_notional, {0, 1'000'000'000'000},
                     "Dollars of one order.");
      },
      "Limits of execution.");
  s.duration_ms("linger_ms", v.linger, {0, 10'000}, "Wait before closing.");
  s.duration_ms("idle_s", v.idle, {1, 3600}, "Wait before giving up.");
  s.texts("tags", v.tags, "Words.");
  std::vector<std::string> present;
  for (const auto& [name, venue] : v.venues) present.push_back(name);
  s.sections(
      "venues",
      [&v](const std::string& name, config_section& one) {
        venue_section& venue = v.venues[name];
        one.required().secret_file("key_file", venue.key_file, "Private key.");
        one.boolean("enabled", venue.enabled, "Whether to connect.");
      },
      "Venues by name.", present);
}

struct outcome {
  sample values;
  result<void> read;
};

outcome read(std::string_view text) {
  outcome out;
  out.read = read_config_text(text, "sample.json",
                              [&](config_section& s) { describe_sample(s, out.values); });
  return out;
}

std::string message_of(std::string_view text) {
  const outcome out = read(text);
  return out.read ? "no error" : out.read.error().message;
}

TEST(config, empty_object_leaves_the_defaults) {
  const outcome out = read("{}");
  ASSERT_TRUE(out.read) << out.read.error().message;
  EXPECT_EQ(out.values.port, 8080);
  EXPECT_EQ(out.values.mode, "paper");
  EXPECT_EQ(out.values.tags, std::vector<std::string>{"a"});
}

TEST(config, every_kind_of_value_reaches_its_target) {
  const outcome out = read(R"(// a comment before everything
    { "$schema": "./sample.schema.json",
      "mode": "live", "address": "0.0.0.0", "port": 0, /* any
      free one */ "tls": true, "limits": {"order_notional": 0.1},
      "linger_ms": 250, "idle_s": 2, "tags": ["x", "\u00e9\ud83d\ude00\n"],
      "venues": {"kalshi": {"key_file": "/etc/key", "enabled": true}, "sim": {"key_file": "k"}}
    } // and one behind)");
  ASSERT_TRUE(out.read) << out.read.error().message;
  EXPECT_EQ(out.values.mode, "live");
  EXPECT_EQ(out.values.address, "0.0.0.0");
  EXPECT_EQ(out.values.port, 0);
  EXPECT_TRUE(out.values.tls);
  EXPECT_EQ(out.values.limits.order_notional, 100'000);
  EXPECT_EQ(out.values.linger, std::chrono::milliseconds{250});
  EXPECT_EQ(out.values.idle, std::chrono::seconds{2});
  EXPECT_EQ(out.values.tags, (std::vector<std::string>{"x", "\u00e9\U0001F600\n"}));
  ASSERT_EQ(out.values.venues.size(), 2u);
  EXPECT_EQ(out.values.venues.at("kalshi").key_file, "/etc/key");
  EXPECT_TRUE(out.values.venues.at("kalshi").enabled);
}

struct bad_file {
  const char* situation;
  const char* text;
  errc code;
  const char* message;
};

class config_refusal : public testing::TestWithParam<bad_file> {};

TEST_P(config_refusal, names_file_line_pointer_and_what_is_right) {
  const outcome out = read(GetParam().text);
  ASSERT_FALSE(out.read);
  EXPECT_EQ(to_string(out.read.error().code), to_string(GetParam().code));
  EXPECT_EQ(out.read.error().message, GetParam().message);
}

const bad_file bad_files[] = {
    {"not_a_decimal", "{\"limits\":\n{\"order_notional\": \"abc\"}}", errc::invalid_argument,
     "sample.json:2: /limits/order_notional: \"abc\" is not a number; expected a "
     "decimal between 0 and 1000000"},
    {"exponent", R"({"limits": {"order_notional": 1e3}})", errc::invalid_argument,
     "sample.json:1: /limits/order_notional: 1e3 has an exponent; expected a "
     "decimal between 0 and 1000000"},
    {"seventh_decimal", R"({"limits": {"order_notional": 0.1234567}})", errc::out_of_range,
     "sample.json:1: /limits/order_notional: 0.1234567 has more than 6 decimals or is too large; "
     "expected a decimal between 0 and 1000000"},
    {"decimal_too_large", R"({"limits": {"order_notional": 1000000.000001}})", errc::out_of_range,
     "sample.json:1: /limits/order_notional: 1000000.000001 is out of range; expected a decimal "
     "between 0 and 1000000"},
    {"boolean_as_decimal", R"({"limits": {"order_notional": true}})", errc::invalid_argument,
     "sample.json:1: /limits/order_notional: true is not a number; expected a decimal between 0 "
     "and 1000000"},
    {"unknown_key", "{\n\n\"prot\": 1}", errc::invalid_argument,
     "sample.json:3: /prot: unknown key; did you mean \"port\"?"},
    {"unknown_key_far_from_all", R"({"venues": {"k": {"key_file": "a", "colour": 1}}})",
     errc::invalid_argument,
     "sample.json:1: /venues/k/colour: unknown key; known keys are enabled, key_file"},
    {"port_too_large", R"({"port": 65536})", errc::out_of_range,
     "sample.json:1: /port: 65536 is out of range; expected a whole number between 0 and 65535"},
    {"port_beyond_64_bits", R"({"port": 99999999999999999999})", errc::out_of_range,
     "sample.json:1: /port: 99999999999999999999 is out of range; expected a whole number between "
     "0 and 65535"},
    {"port_with_fraction", R"({"port": 80.5})", errc::invalid_argument,
     "sample.json:1: /port: 80.5 is not a whole number; expected a whole number between 0 and "
     "65535"},
    {"port_as_text", R"({"port": "80"})", errc::invalid_argument,
     "sample.json:1: /port: \"80\" is not a whole number; expected a whole number between 0 and "
     "65535"},
    {"bad_choice", R"({"mode": "real"})", errc::invalid_argument,
     "sample.json:1: /mode: \"real\" is not a choice; expected one of \"paper\", \"live\""},
    {"null", R"({"tls": null})", errc::invalid_argument,
     "sample.json:1: /tls: null is neither true nor false; expected true or false"},
    {"pattern", R"({"address": "local host"})", errc::invalid_argument,
     "sample.json:1: /address: \"local host\" does not match; expected a text that matches "
     "^[0-9.]+$"},
    {"number_as_text", R"({"mode": 1})", errc::invalid_argument,
     "sample.json:1: /mode: 1 is not a text; expected one of \"paper\", \"live\""},
    {"text_in_list", R"({"tags": ["a", {}]})", errc::invalid_argument,
     "sample.json:1: /tags: an object is not a text; expected a list of texts"},
    {"list_as_object", R"({"limits": []})", errc::invalid_argument,
     "sample.json:1: /limits: not an object; expected an object in braces"},
    {"free_key_not_an_object", R"({"venues": {"a/b~c": 1}})", errc::invalid_argument,
     "sample.json:1: /venues/a~1b~0c: not an object; expected an object in braces"},
    {"missing", "{\"venues\": {\n\"k\": {\n\"enabled\": true\n}}}", errc::missing_field,
     "sample.json:4: /venues/k/key_file: missing; expected the path of a file that holds a secret"},
    {"top_is_a_list", "[]", errc::invalid_argument,
     "sample.json:1: the configuration is not an object; expected one in braces"},
    {"double_key", "{\"limits\": {\"order_notional\": 1,\n\"order_notional\": 2}}", errc::malformed,
     "sample.json:2: /limits/order_notional: the key stands twice; remove one of the two"},
    {"trailing_comma", "{\"port\": 1,\n}", errc::malformed,
     "sample.json:2: a comma before '}' is one too many"},
    {"trailing_comma_in_list", R"({"tags": ["a",]})", errc::malformed,
     "sample.json:1: a comma before ']' is one too many"},
    {"unclosed_comment", "{}\n/* and so on", errc::malformed,
     "sample.json:2: the comment that begins here never ends"},
    {"empty_file", "", errc::malformed,
     "sample.json:1: expected a value, found the end of the file"},
    {"text_behind", "{} x", errc::malformed,
     "sample.json:1: expected the end of the file, found 'x'"},
    {"leading_zero", R"({"port": 010})", errc::malformed,
     "sample.json:1: \"010\" is not a number of JSON"},
    {"bare_key", "{port: 1}", errc::malformed,
     "sample.json:1: expected a key in quotes, found 'p'"},
    {"newline_in_text", "{\"mode\": \"pa\nper\"}", errc::malformed,
     "sample.json:1: the text has no closing quote on its line"},
    {"half_surrogate", R"({"mode": "\ud83d"})", errc::malformed,
     "sample.json:1: half of a surrogate pair"},
    {"invalid_utf8", "{\"mode\": \"\xff\"}", errc::malformed,
     "sample.json:1: byte 0xff is not UTF-8"},
};

INSTANTIATE_TEST_SUITE_P(all, config_refusal, testing::ValuesIn(bad_files),
                         [](const auto& one) { return std::string{one.param.situation}; });

TEST(config, first_problem_of_the_file_is_reported_whatever_the_order_of_description) {
  // `port` is described before `tags`; `zebra` is found last; the file decides.
  EXPECT_TRUE(
      message_of("{\"tags\": 1, \"port\": -1, \"zebra\": 0}").starts_with("sample.json:1: /tags:"));
  EXPECT_TRUE(message_of("{\"zebra\": 0, \"tags\": 1, \"port\": -1}")
                  .starts_with("sample.json:1: /zebra:"));
}

TEST(config, mistyped_required_key_is_reported_as_unknown_not_as_missing) {
  EXPECT_EQ(message_of(R"({"venues": {"k": {"keyfile": "a"}}})"),
            "sample.json:1: /venues/k/keyfile: unknown key; did you mean \"key_file\"?");
}

TEST(config, nesting_has_a_limit) {
  EXPECT_EQ(message_of(std::string(1000, '[')), "sample.json:1: more than 32 levels of nesting");
}

TEST(config, file_size_has_a_limit) {
  EXPECT_EQ(message_of(std::string((1u << 20) + 1, ' ')),
            "sample.json:1: the file is larger than 1 MiB");
}

TEST(config, missing_file_is_not_found) {
  const auto read = read_config("/nonexistent/cornice.json", [](config_section&) {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, errc::not_found);
}

RC_GTEST_PROP(config_property, decimal_is_read_exactly, ()) {
  const auto millionths = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'001);
  const std::string whole = std::to_string(millionths / 1'000'000);
  std::string fraction = std::to_string(millionths % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  const std::string number = whole + "." + fraction;
  for (const std::string& token : {number, "\"" + number + "\""}) {
    const outcome out = read(R"({"limits": {"order_notional": )" + token + "}}");
    RC_ASSERT(out.read.has_value());
    RC_ASSERT(out.values.limits.order_notional == millionths);
  }
}

RC_GTEST_PROP(config_property, any_text_is_read_or_refused_without_harm,
              (const std::string& text)) {
  (void)read(text);
  (void)read("{\"tags\": [" + text + "]}");
}

RC_GTEST_PROP(config_property, printed_values_read_back_the_same, ()) {
  sample written;
  written.mode = *rc::gen::element<std::string>("paper", "live");
  written.port = *rc::gen::inRange<std::int64_t>(0, 65536);
  written.tls = *rc::gen::arbitrary<bool>();
  written.limits.order_notional = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'001);
  written.linger = std::chrono::milliseconds{*rc::gen::inRange(0, 10'001)};
  written.tags = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
  // Text of a configuration is UTF-8; keep the generated one to ASCII.
  for (std::string& tag : written.tags)
    for (char& c : tag) c = static_cast<char>(c & 0x7f);
  written.venues["kalshi"] = {"/etc/key", true};
  const std::string printed =
      config_values([&](config_section& s) { describe_sample(s, written); });
  const outcome out = read(printed);
  RC_ASSERT(out.read.has_value());
  RC_ASSERT(out.values.mode == written.mode);
  RC_ASSERT(out.values.port == written.port);
  RC_ASSERT(out.values.tls == written.tls);
  RC_ASSERT(out.values.limits.order_notional == written.limits.order_notional);
  RC_ASSERT(out.values.linger == written.linger);
  RC_ASSERT(out.values.idle == written.idle);
  RC_ASSERT(out.values.tags == written.tags);
  RC_ASSERT(out.values.venues.at("kalshi").key_file == "/etc/key");
}

TEST(config_schema, tells_types_limits_defaults_and_required_keys) {
  sample defaults;
  const auto schema = nlohmann::json::parse(
      config_schema("Sample", [&](config_section& s) { describe_sample(s, defaults); }));
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema.at("title"), "Sample");
  EXPECT_EQ(schema.at("additionalProperties"), false);
  const auto& properties = schema.at("properties");
  EXPECT_EQ(properties.at("mode").at("enum"), nlohmann::json({"paper", "live"}));
  EXPECT_EQ(properties.at("port"), nlohmann::json({{"type", "integer"},
                                                   {"minimum", 0},
                                                   {"maximum", 65535},
                                                   {"description", "TCP port."},
                                                   {"default", 8080}}));
  EXPECT_EQ(properties.at("address").at("pattern"), "^[0-9.]+$");
  const auto& limits = properties.at("limits");
  EXPECT_EQ(limits.at("description"), "Limits of execution.");
  EXPECT_EQ(limits.at("properties").at("order_notional").at("type"),
            nlohmann::json({"number", "string"}));
  EXPECT_EQ(limits.at("properties").at("order_notional").at("maximum"), 1'000'000);
  EXPECT_EQ(limits.at("properties").at("order_notional").at("default"), "250");
  const auto& venue = properties.at("venues").at("additionalProperties");
  EXPECT_EQ(venue.at("required"), nlohmann::json({"key_file"}));
  EXPECT_FALSE(venue.at("properties").at("key_file").contains("default"));
  EXPECT_EQ(properties.at("idle_s").at("default"), 60);
}

class secret_file_test : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "cornice_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  std::string write(const std::string& content, ::mode_t mode) {
    const std::string path = directory + "/secret";
    std::ofstream{path, std::ios::binary} << content;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  static errc code_of(const std::string& path) {
    const auto secret = read_secret(path);
    EXPECT_FALSE(secret);
    return secret ? errc::internal : secret.error().code;
  }

  std::string directory;
};

TEST_F(secret_file_test, trailing_newline_is_not_part_of_the_secret) {
  const auto secret = read_secret(write("line one\nline two\n", 0640));
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(*secret, "line one\nline two");
}

TEST_F(secret_file_test, readable_by_others_is_refused) {
  EXPECT_EQ(code_of(write("token-of-mine", 0644)), errc::refused);
}

TEST_F(secret_file_test, directory_is_refused) {
  EXPECT_EQ(code_of(directory), errc::refused);
}

TEST_F(secret_file_test, missing_file_is_not_found) {
  EXPECT_EQ(code_of(directory + "/none"), errc::not_found);
}

TEST_F(secret_file_test, empty_file_is_missing_its_content) {
  EXPECT_EQ(code_of(write("\n", 0600)), errc::missing_field);
}

TEST_F(secret_file_test, file_over_64_kib_is_out_of_range) {
  EXPECT_EQ(code_of(write(std::string((64u << 10) + 1, 'x'), 0600)), errc::out_of_range);
  EXPECT_TRUE(read_secret(write(std::string(64u << 10, 'x'), 0600)));
}

TEST_F(secret_file_test, credentials_directory_is_expanded) {
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/cornice", 1), 0);
  const outcome inside = read(R"({"venues": {"k": {"key_file": "${CREDENTIALS_DIRECTORY}/key"}}})");
  ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
  const outcome outside =
      read(R"({"venues": {"k": {"key_file": "${CREDENTIALS_DIRECTORY}/key"}}})");
  EXPECT_EQ(inside.values.venues.at("k").key_file, "/run/credentials/cornice/key");
  EXPECT_EQ(outside.values.venues.at("k").key_file, "${CREDENTIALS_DIRECTORY}/key");
  EXPECT_EQ(code_of("${CREDENTIALS_DIRECTORY}/key"), errc::not_found);
}

}  // namespace
}  // namespace cornice::infra
