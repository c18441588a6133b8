// Holds docs/asyncapi.yaml and the code against each other. The document is written in the JSON
// subset of YAML, so that a JSON parser reads it.
#include "cornice_test/json_schema.hpp"
#include "model/enum_table.hpp"
#include "model_generators.hpp"
#include "samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <regex>
#include <set>

namespace cornice_test {
namespace {

using nlohmann::json;

json load_document() {
  std::ifstream file{std::string{CORNICE_SOURCE_DIR} + "/docs/asyncapi.yaml"};
  return json::parse(file);
}

// Shared by all tests of this file: only the record of visited properties changes in it.
json_schema& bus() {
  static json_schema schema{load_document()};
  return schema;
}

const json& channels() {
  return bus().document().at("channels");
}

const json& exchange_of(const json& channel) {
  return channel.at("/bindings/amqp/exchange"_json_pointer);
}

const json& component_message(std::string_view type) {
  return bus().document().at("components").at("messages").at(std::string{type});
}

template <class T>
const json& payload_schema() {
  return component_message(message_type<T>()).at("payload");
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += "\n  " + line;
  return all;
}

// The routing keys that a channel's address stands for.
std::regex address_pattern(const json& channel) {
  const auto& address = channel.at("address").get_ref<const std::string&>();
  std::string pattern;
  for (std::size_t at = 0; at < address.size();) {
    if (address[at] != '{') {
      pattern += address[at] == '.' ? "\\." : std::string(1, address[at]);
      ++at;
      continue;
    }
    const std::size_t close = address.find('}', at);
    const json& parameter = channel.at("parameters").at(address.substr(at + 1, close - at - 1));
    std::string word;
    for (const json& choice : parameter.value("enum", json::array()))
      word += (word.empty() ? "" : "|") + choice.get<std::string>();
    pattern += "(" + (word.empty() ? "[^.*# ]+" : word) + ")";
    at = close + 1;
  }
  return std::regex{pattern};
}

template <class T>
class asyncapi : public ::testing::Test {};
TYPED_TEST_SUITE(asyncapi, bus_messages);

TYPED_TEST(asyncapi, describes_every_message_that_is_encoded) {
  EXPECT_TRUE(holds_for_all<TypeParam>([](const TypeParam& m) {
    const auto wrong = bus().validate_own(payload_schema<TypeParam>(), json::parse(encode(m)));
    if (!wrong.empty()) RC_FAIL(joined(wrong));
  }));
}

TYPED_TEST(asyncapi, describes_no_key_that_is_not_written) {
  for (const TypeParam& sample : samples<TypeParam>()) {
    const auto wrong = bus().validate_own(payload_schema<TypeParam>(), json::parse(encode(sample)));
    EXPECT_TRUE(wrong.empty()) << joined(wrong);
  }
  std::set<const json*> seen;
  const std::function<void(const json&)> expect_visited = [&](const json& unresolved) {
    const json& schema = bus().resolve(unresolved);
    if (!seen.insert(&schema).second) return;
    for (const json& choice : schema.value("oneOf", json::array()))
      if (choice.contains("$ref")) expect_visited(choice);
    const json items = schema.value("items", json::array());
    for (const json& item : items.is_array() ? items : json::array({items}))
      if (item.contains("$ref")) expect_visited(item);
    if (!schema.contains("properties")) return;
    std::set<std::string> required;
    for (const json& key : schema.at("required")) required.insert(key.get<std::string>());
    for (const auto& [key, property] : schema["properties"].items()) {
      EXPECT_TRUE(bus().visited(property)) << key << " is described and never written";
      EXPECT_TRUE(required.contains(key)) << key << " is always written and not required";
      expect_visited(property);
    }
  };
  expect_visited(payload_schema<TypeParam>());
}

TYPED_TEST(asyncapi, required_keys_are_those_that_decoders_require) {
  for (const TypeParam& sample : samples<TypeParam>()) {
    const json body = json::parse(encode(sample));
    for (const auto& [key, unused] : body.items()) {
      json broken = body;
      broken.erase(key);
      EXPECT_FALSE(bus().validate(payload_schema<TypeParam>(), broken).empty()) << key;
      EXPECT_FALSE(decode<TypeParam>(broken.dump())) << key;
    }
  }
}

TYPED_TEST(asyncapi, routes_each_message_by_exactly_one_channel) {
  const std::string type{message_type<TypeParam>()};
  EXPECT_TRUE(holds_for_all<TypeParam>([&](const TypeParam& m) {
    const std::string key = routing_key(m);
    std::vector<std::string> carrying;
    for (const auto& [name, channel] : channels().items())
      if (channel.at("messages").contains(type) &&
          exchange_of(channel).at("name") == std::string{message_topic<TypeParam>()} &&
          std::regex_match(key, address_pattern(channel)))
        carrying.push_back(name);
    if (carrying.size() != 1)
      RC_FAIL(key + " matches " + std::to_string(carrying.size()) + " channels" + joined(carrying));
  }));
}

TYPED_TEST(asyncapi, names_the_message_as_its_type_property) {
  const json& message = component_message(message_type<TypeParam>());
  EXPECT_EQ(message.at("name"), std::string{message_type<TypeParam>()});
  EXPECT_EQ(message.at("/bindings/amqp/messageType"_json_pointer), message.at("name"));
  EXPECT_EQ(message.at("contentType"), "application/json");
}

// Calls f.template operator()<T>() for every message type.
template <class F, class... T>
void for_each_type(F f, ::testing::Types<T...>) {
  (f.template operator()<T>(), ...);
}

TEST(asyncapi_document, has_no_message_that_the_code_lacks) {
  std::set<std::string> types;
  for_each_type([&]<class T>() { types.emplace(message_type<T>()); }, bus_messages{});
  for (const auto& [name, unused] :
       bus().document().at("/components/messages"_json_pointer).items())
    EXPECT_TRUE(types.contains(name)) << name;
  for (const auto& [name, channel] : channels().items())
    for (const auto& [message, unused] : channel.at("messages").items())
      EXPECT_TRUE(types.contains(message)) << name << " carries " << message;
}

TEST(asyncapi_document, lists_exactly_the_topics_of_the_code) {
  const std::set<std::string> topics = {std::string{topic::signal},  std::string{topic::decision},
                                        std::string{topic::account}, std::string{topic::execution},
                                        std::string{topic::command}, std::string{topic::inkwell},
                                        std::string{topic::dead}};
  std::set<std::string> described;
  for (const auto& [name, unused] : bus().document().at("x-topics").items()) described.insert(name);
  EXPECT_EQ(described, topics);
  std::set<std::string> used;
  for (const auto& [name, channel] : channels().items()) {
    EXPECT_EQ(exchange_of(channel).at("type"), "topic") << name;
    EXPECT_EQ(exchange_of(channel).at("durable"), true) << name;
    used.insert(exchange_of(channel).at("name").get<std::string>());
  }
  EXPECT_EQ(used, topics);
}

template <class E>
std::vector<std::string> words() {
  std::vector<std::string> all;
  for (const auto& entry : names_of<E>.entries) all.emplace_back(entry.name);
  return all;
}

TEST(asyncapi_document, enums_equal_the_tables_of_the_code) {
  const std::map<std::string, std::vector<std::string>> tables = {
      {"venue", words<venue_id>()},
      {"order_side", words<order_side>()},
      {"listing_status", words<listing_status>()},
      {"fee_model", words<fee_schedule::model>()},
      {"mapping_relation", words<mapping_relation>()},
      {"mapping_status", words<mapping_status>()},
      {"market_kind", words<market_kind>()},
      {"market_change", words<market_change>()},
      {"feed_state", words<feed_state>()},
      {"opportunity_kind", words<opportunity_kind>()},
      {"order_report_status", words<order_report::status>()},
      {"order_state", words<order_state>()},
      {"bundle_state", words<bundle_state>()},
      {"breaker_state", words<breaker_state>()},
      {"liquidity", words<liquidity>()}};
  std::set<std::string> described;
  for (const auto& [name, schema] :
       bus().document().at("/components/schemas"_json_pointer).items()) {
    if (!schema.contains("enum")) continue;
    described.insert(name);
    ASSERT_TRUE(tables.contains(name)) << name;
    EXPECT_EQ(schema["enum"].get<std::vector<std::string>>(), tables.at(name)) << name;
  }
  EXPECT_EQ(described.size(), tables.size());
  for (const auto& [name, channel] : channels().items())
    for (const auto& [parameter, schema] : channel.at("parameters").items()) {
      if (!schema.contains("enum")) continue;
      const auto list = schema["enum"].get<std::vector<std::string>>();
      EXPECT_TRUE(std::any_of(tables.begin(), tables.end(),
                              [&](const auto& table) { return table.second == list; }))
          << name << " " << parameter;
    }
}

TEST(asyncapi_document, states_the_schema_version_and_bounds_of_the_code) {
  const json& doc = bus().document();
  EXPECT_EQ(doc.at("asyncapi"), "3.0.0");
  EXPECT_EQ(doc.at("/info/version"_json_pointer), std::to_string(bus_schema_version));
  const json& envelope = doc.at("/components/messageTraits/envelope"_json_pointer);
  EXPECT_EQ(envelope.at("/headers/properties/schema/const"_json_pointer), bus_schema_version);
  const json& schemas = doc.at("/components/schemas"_json_pointer);
  EXPECT_EQ(schemas.at("/word/maxLength"_json_pointer), max_bus_word_bytes);
  EXPECT_EQ(schemas.at("/text/maxLength"_json_pointer), max_bus_text_bytes);
  EXPECT_EQ(schemas.at("/rules/maxLength"_json_pointer), max_bus_rules_bytes);
  EXPECT_EQ(schemas.at("/id/maxLength"_json_pointer), market_id::max_size);
  EXPECT_EQ(schemas.at("/book_signal/properties/bids/maxItems"_json_pointer),
            book_signal::max_levels);
  EXPECT_EQ(schemas.at("/opportunity/properties/legs/maxItems"_json_pointer), max_bus_legs);
  EXPECT_EQ(schemas.at("/opportunity/properties/reasons/maxItems"_json_pointer), max_bus_reasons);
  EXPECT_EQ(schemas.at("/market/properties/contracts/maxItems"_json_pointer),
            max_bus_market_contracts);
  EXPECT_EQ(schemas.at("/account_snapshot/properties/fills/maxItems"_json_pointer),
            max_bus_snapshot_entries);
  EXPECT_EQ(schemas.at("/listing/properties/grid/maxItems"_json_pointer), tick_grid::max_bands);
}

TEST(asyncapi_document, every_reference_leads_somewhere) {
  const std::function<void(const json&)> walk = [&](const json& value) {
    if (value.is_object() && value.contains("$ref")) {
      EXPECT_NO_THROW(static_cast<void>(bus().resolve(value))) << value;
    }
    if (value.is_structured())
      for (const json& child : value) walk(child);
  };
  walk(bus().document());
}

TEST(asyncapi_document, sends_every_channel_that_carries_a_message) {
  std::set<std::string> sent;
  for (const auto& [name, operation] : bus().document().at("operations").items()) {
    const auto target = operation.at("channel").at("$ref").get<std::string>();
    sent.insert(target.substr(target.rfind('/') + 1));
    const json& channel = bus().resolve(operation.at("channel"));
    const auto topic_name = exchange_of(channel).at("name").get<std::string>();
    const bool persistent = bus().document().at("x-topics").at(topic_name).at("persistent");
    EXPECT_EQ(operation.at("/bindings/amqp/deliveryMode"_json_pointer), persistent ? 2 : 1) << name;
  }
  for (const auto& [name, channel] : channels().items())
    EXPECT_EQ(sent.contains(name), !channel.at("messages").empty()) << name;
}

}  // namespace
}  // namespace cornice_test
