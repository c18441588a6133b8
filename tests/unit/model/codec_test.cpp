#include "cornice/model/codec.hpp"

#include "model_generators.hpp"
#include "samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

namespace cornice_test {
namespace {

template <class T>
class codec : public ::testing::Test {};
TYPED_TEST_SUITE(codec, coded_types);

TYPED_TEST(codec, decoding_what_was_encoded_gives_the_same_message) {
  EXPECT_TRUE(holds_for_all<TypeParam>([](const TypeParam& m) {
    const auto decoded = decode<TypeParam>(encode(m));
    if (!decoded) RC_FAIL(decoded.error().message);
    RC_ASSERT(*decoded == m);
  }));
}

TYPED_TEST(codec, encoding_is_byte_stable_over_a_round_trip) {
  EXPECT_TRUE(holds_for_all<TypeParam>([](const TypeParam& m) {
    const std::string once = encode(m);
    RC_ASSERT(encode(decode<TypeParam>(once).value()) == once);
  }));
}

TYPED_TEST(codec, encoded_bytes_are_json_to_an_independent_parser) {
  EXPECT_TRUE(holds_for_all<TypeParam>(
      [](const TypeParam& m) { RC_ASSERT(nlohmann::json::accept(encode(m))); }));
}

TYPED_TEST(codec, unknown_keys_of_a_newer_sender_are_ignored) {
  for (const TypeParam& sample : samples<TypeParam>()) {
    auto body = nlohmann::json::parse(encode(sample));
    body["added_in_version_9"] = {{"nested", {1, 2, 3}}};
    const auto decoded = decode<TypeParam>(body.dump());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, sample);
  }
}

// Pointers to every value inside `body`, not to itself.
std::vector<nlohmann::json::json_pointer> places(const nlohmann::json& body) {
  std::vector<nlohmann::json::json_pointer> found;
  const std::function<void(const nlohmann::json&, const nlohmann::json::json_pointer&)> walk =
      [&](const nlohmann::json& value, const nlohmann::json::json_pointer& at) {
        if (!at.empty()) found.push_back(at);
        if (value.is_object())
          for (const auto& [key, child] : value.items()) walk(child, at / key);
        if (value.is_array())
          for (std::size_t i = 0; i < value.size(); ++i) walk(value[i], at / i);
      };
  walk(body, nlohmann::json::json_pointer{});
  return found;
}

template <class T>
void expect_refused(const nlohmann::json& body, const std::string& pointer, errc code,
                    const std::string& what_was_done) {
  const auto decoded = decode<T>(body.dump());
  ASSERT_FALSE(decoded) << what_was_done << " " << pointer << " was accepted: " << body.dump();
  EXPECT_EQ(to_string(decoded.error().code), to_string(code))
      << what_was_done << " " << pointer << ": " << decoded.error().message;
  EXPECT_NE(decoded.error().message.find(pointer), std::string::npos)
      << what_was_done << " " << pointer << " is not named by: " << decoded.error().message;
}

TYPED_TEST(codec, each_missing_field_is_refused_and_named) {
  for (const TypeParam& sample : samples<TypeParam>()) {
    const auto body = nlohmann::json::parse(encode(sample));
    for (const auto& place : places(body)) {
      if (!body.at(place.parent_pointer()).is_object()) continue;
      auto broken = body;
      broken.at(place.parent_pointer()).erase(place.back());
      expect_refused<TypeParam>(broken, place.to_string(), errc::missing_field, "removing");
    }
  }
}

TYPED_TEST(codec, each_field_of_another_type_is_refused_and_named) {
  const std::vector<nlohmann::json> others = {nullptr,
                                              true,
                                              7,
                                              -7,
                                              1.5,
                                              "\x01 no value of any kind",
                                              nlohmann::json::array({1}),
                                              nlohmann::json::object({{"unexpected", 1}})};
  for (const TypeParam& sample : samples<TypeParam>()) {
    const auto body = nlohmann::json::parse(encode(sample));
    for (const auto& place : places(body)) {
      for (const nlohmann::json& other : others) {
        const auto& now = body.at(place);
        if (other.type() == now.type()) continue;
        if (other.is_number_integer() && now.is_number()) continue;
        // A field that may be null is so in one of its samples or is one of the optional times.
        if (other.is_null() || now.is_null()) continue;
        auto broken = body;
        broken.at(place) = other;
        expect_refused<TypeParam>(broken, place.to_string(), errc::malformed,
                                  "putting " + other.dump() + " at");
      }
    }
  }
}

TYPED_TEST(codec, null_stands_only_where_a_value_may_be_absent) {
  const std::set<std::string> nullable = {
      "venue_time",          "resolves",        "subject", "mapping", "open_time", "close_time",
      "expected_resolution", "settlement_value"};
  for (const TypeParam& sample : samples<TypeParam>()) {
    const auto body = nlohmann::json::parse(encode(sample));
    for (const auto& place : places(body)) {
      if (nullable.contains(place.back())) continue;
      auto broken = body;
      broken.at(place) = nullptr;
      expect_refused<TypeParam>(broken, place.to_string(), errc::malformed, "putting null at");
    }
  }
}

TYPED_TEST(codec, any_prefix_of_a_message_is_refused) {
  const std::string body = encode(samples<TypeParam>().front());
  for (std::size_t size = 0; size < body.size(); ++size)
    ASSERT_FALSE(decode<TypeParam>(std::string_view{body}.substr(0, size))) << size;
}

TYPED_TEST(codec, what_is_not_an_object_is_refused) {
  for (const char* body : {"", " ", "null", "[]", "7", "\"text\"", "{}x", "{", "\xFF\xFE"})
    EXPECT_FALSE(decode<TypeParam>(body)) << body;
}

TYPED_TEST(codec, nesting_beyond_the_bound_is_refused) {
  auto body = encode(samples<TypeParam>().front());
  body.pop_back();
  const std::string deep =
      body + ",\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  const auto decoded = decode<TypeParam>(deep);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::malformed);
}

TYPED_TEST(codec, a_body_over_the_size_bound_is_refused_before_parsing) {
  std::string body = encode(samples<TypeParam>().front());
  body.append(max_bus_message_bytes + 1 - body.size(), ' ');
  const auto decoded = decode<TypeParam>(body);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::out_of_range);
  body.pop_back();
  EXPECT_TRUE(decode<TypeParam>(body)) << "exactly at the bound";
}

}  // namespace
}  // namespace cornice_test
