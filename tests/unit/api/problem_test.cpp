#include "api/problem.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cornice::api {
namespace {

TEST(problem, every_error_becomes_a_problem_document_with_its_kind) {
  for (const errc code : all_errc) {
    const auto r = problem(error{code, "what, where"});
    EXPECT_GE(r.status, 400U) << to_string(code);
    EXPECT_LT(r.status, 600U) << to_string(code);
    EXPECT_EQ(r.content_type, "application/problem+json");
    const auto body = nlohmann::json::parse(r.body);
    EXPECT_EQ(body["type"], "urn:cornice:problem:" + std::string{to_string(code)});
    EXPECT_EQ(body["status"], r.status);
    EXPECT_EQ(body["detail"], "what, where");
  }
}

TEST(problem, what_the_caller_did_wrong_is_told_apart_from_what_is_out_of_reach) {
  EXPECT_EQ(problem(error{errc::invalid_argument, ""}).status, 400U);
  EXPECT_EQ(problem(error{errc::unauthorized, ""}).status, 401U);
  EXPECT_EQ(problem(error{errc::refused, ""}).status, 403U);
  EXPECT_EQ(problem(error{errc::not_found, ""}).status, 404U);
  EXPECT_EQ(problem(error{errc::unavailable, ""}).status, 503U);
  EXPECT_EQ(problem(error{errc::timed_out, ""}).status, 504U);
  EXPECT_EQ(problem(error{errc::internal, ""}).status, 500U);
}

TEST(problem, bytes_that_are_not_text_do_not_break_the_document) {
  const auto r = problem(400, "malformed", "\xff\xfe<script>");
  EXPECT_TRUE(nlohmann::json::accept(r.body));
}

}  // namespace
}  // namespace cornice::api
