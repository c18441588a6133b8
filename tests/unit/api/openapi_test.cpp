// The document that the daemon serves describes the interface that it has: nothing more, nothing
// less.
#include "api/openapi_text.hpp"
#include "cornice/api/views.hpp"
#include "cornice_test/json_schema.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace cornice::api {
namespace {

using nlohmann::json;
using names = std::set<std::string>;

const json& document() {
  static const json parsed = json::parse(openapi_text());
  return parsed;
}

const json& operation(const std::string& path, const std::string& method) {
  return document().at("paths").at(path).at(method);
}

names parameter_names(const std::string& path) {
  names out;
  for (const json& p : operation(path, "get").value("parameters", json::array())) {
    EXPECT_EQ(p.at("in"), "query") << path;
    EXPECT_TRUE(out.insert(p.at("name")).second) << path;
  }
  return out;
}

const json& row_schema(const view& v) {
  return document().at("components").at("schemas").at(std::string{v.name} + "_row");
}

// The JSON types that a cell of this kind may have.
names json_types(column_kind kind) {
  switch (kind) {
    case column_kind::text:
    case column_kind::decimal:
    case column_kind::time:
      return {"string"};
    case column_kind::integer:
      return {"integer"};
    case column_kind::boolean:
      return {"boolean"};
    case column_kind::json:
      return {};  // whatever is stored
  }
  return {};
}

// What a schema allows besides null; empty where it allows everything.
names types_of(const json& schema) {
  names out;
  const auto type = schema.find("type");
  if (type == schema.end()) return out;
  for (const json& t : type->is_array() ? *type : json::array({*type})) out.insert(t);
  out.erase("null");
  return out;
}

TEST(openapi, the_compiled_in_text_is_the_file_of_the_documentation) {
  std::ifstream in{std::string{CORNICE_SOURCE_DIR} + "/docs/openapi.yaml"};
  const std::string file{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(json::parse(file), document());
}

TEST(openapi, it_lists_exactly_the_paths_that_exist) {
  names expected = {"/health/live",
                    "/health/ready",
                    "/health",
                    "/metrics",
                    "/openapi.json",
                    "/",
                    "/docs",
                    "/api/v1/books",
                    "/api/v1/config",
                    "/api/v1/admin/halt",
                    "/api/v1/admin/resume",
                    "/api/v1/admin/cancel-all"};
  for (const view& v : views()) expected.insert("/api/v1/" + std::string{v.name});
  names listed;
  for (const auto& [path, operations] : document().at("paths").items()) {
    listed.insert(path);
    const bool admin = path.starts_with("/api/v1/admin/");
    EXPECT_TRUE(operations.contains(admin ? "post" : "get")) << path;
  }
  EXPECT_EQ(listed, expected);
}

TEST(openapi, each_view_lists_exactly_its_parameters) {
  for (const view& v : views()) {
    names expected = {"limit", "cursor"};
    for (const view_filter& f : v.filters) expected.emplace(f.name);
    EXPECT_EQ(parameter_names("/api/v1/" + std::string{v.name}), expected) << v.name;
  }
  EXPECT_EQ(parameter_names("/api/v1/books"), (names{"limit", "cursor", "venue", "contract"}));
}

TEST(openapi, each_view_lists_exactly_its_columns_with_their_types) {
  for (const view& v : views()) {
    names columns;
    for (const view_column& c : v.columns) {
      columns.emplace(c.name);
      const auto& properties = row_schema(v).at("properties");
      ASSERT_TRUE(properties.contains(c.name)) << v.name << "." << c.name;
      EXPECT_EQ(types_of(properties.at(std::string{c.name})), json_types(c.kind))
          << v.name << "." << c.name;
    }
    names described;
    for (const auto& [name, schema] : row_schema(v).at("properties").items())
      described.insert(name);
    EXPECT_EQ(described, columns) << v.name;
    names required;
    for (const json& name : row_schema(v).at("required")) required.insert(name);
    EXPECT_EQ(required, columns) << v.name << ": every row has every key";
  }
}

TEST(openapi, admin_actions_need_a_token_and_say_what_can_go_wrong) {
  for (const char* name : {"halt", "resume", "cancel-all"}) {
    const json& post = operation("/api/v1/admin/" + std::string{name}, "post");
    EXPECT_TRUE(post.contains("security")) << name;
    for (const char* status : {"200", "400", "401", "403", "409", "503", "504"})
      EXPECT_TRUE(post.at("responses").contains(status)) << name << " " << status;
  }
}

TEST(openapi, every_reference_leads_somewhere) {
  const cornice_test::json_schema schema{document()};
  std::vector<const json*> left{&schema.document()};
  std::size_t references = 0;
  while (!left.empty()) {
    const json& at = *left.back();
    left.pop_back();
    if (at.is_object() && at.contains("$ref")) {
      ++references;
      EXPECT_NO_THROW(static_cast<void>(schema.resolve(at))) << at.dump();
      continue;
    }
    if (at.is_structured())
      for (const json& child : at) left.push_back(&child);
  }
  EXPECT_GT(references, 0U);
}

}  // namespace
}  // namespace cornice::api
