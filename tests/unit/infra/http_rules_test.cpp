#include "infra/http_rules.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cornice::infra {
namespace {

const url somewhere = url::parse("https://api.example.com:8443/v1/orders?x=1").value();

TEST(write_request, delete_with_a_body_carries_its_length) {
  const auto bytes = write_request(http_method::del, somewhere, {}, R"({"id":1})", "ua").value();
  EXPECT_TRUE(
      bytes.starts_with("DELETE /v1/orders?x=1 HTTP/1.1\r\nHost: api.example.com:8443\r\n"));
  EXPECT_NE(bytes.find("\r\nContent-Length: 8\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n{\"id\":1}"));
}

TEST(write_request, empty_post_says_so_and_get_says_nothing) {
  EXPECT_NE(
      write_request(http_method::post, somewhere, {}, "", "ua")->find("Content-Length: 0\r\n"),
      std::string::npos);
  EXPECT_EQ(write_request(http_method::get, somewhere, {}, "", "ua")->find("Content-Length"),
            std::string::npos);
}

TEST(write_request, framing_fields_of_the_caller_are_left_out_and_others_replace_ours) {
  http_headers headers;
  headers.add("content-length", "999");
  headers.add("Transfer-Encoding", "chunked");
  headers.add("Connection", "close");
  headers.add("user-agent", "mine");
  const auto bytes = write_request(http_method::get, somewhere, headers, "", "ours").value();
  EXPECT_EQ(bytes.find("999"), std::string::npos);
  EXPECT_EQ(bytes.find("chunked"), std::string::npos);
  EXPECT_EQ(bytes.find("close"), std::string::npos);
  EXPECT_EQ(bytes.find("ours"), std::string::npos);
  EXPECT_NE(bytes.find("user-agent: mine\r\n"), std::string::npos);
}

TEST(write_request, line_breaks_in_fields_are_invalid_arguments) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"A", "b\r\nX: y"},
                                                        {"A", "b\nc"},
                                                        {"A", std::string{"b\0c", 3}},
                                                        {"A\r\nX", "y"},
                                                        {"A B", "y"},
                                                        {"", "y"},
                                                        {"A:", "y"}}) {
    http_headers headers;
    headers.add(name, value);
    EXPECT_EQ(write_request(http_method::get, somewhere, headers, "", "ua").error().code,
              errc::invalid_argument);
  }
  EXPECT_EQ(write_request(http_method::other, somewhere, {}, "", "ua").error().code,
            errc::invalid_argument);
}

TEST(may_send_again, only_get_and_head_on_a_pooled_connection_before_any_answer_and_once) {
  const failed_exchange good{http_method::get, true, false, 1, errc::io};
  EXPECT_TRUE(may_send_again(good));
  auto head = good;
  head.method = http_method::head;
  EXPECT_TRUE(may_send_again(head));
  for (const auto method : {http_method::post, http_method::put, http_method::patch,
                            http_method::del, http_method::options, http_method::other}) {
    auto other = good;
    other.method = method;
    EXPECT_FALSE(may_send_again(other)) << to_string(method);
  }
  auto changed = good;
  changed.reused_connection = false;
  EXPECT_FALSE(may_send_again(changed));
  changed = good;
  changed.answer_begun = true;
  EXPECT_FALSE(may_send_again(changed));
  changed = good;
  changed.attempts = 2;
  EXPECT_FALSE(may_send_again(changed));
}

TEST(may_send_again, every_error_code_but_a_broken_connection_is_final) {
  for (const auto code : all_errc) {
    const failed_exchange failed{http_method::get, true, false, 1, code};
    EXPECT_EQ(may_send_again(failed), code == errc::io || code == errc::unavailable)
        << to_string(code);
  }
}

TEST(problem_document, is_json_whatever_the_detail_says) {
  const std::string detail = "a \"quote\", a \\ and\na line\x01";
  const auto parsed = nlohmann::json::parse(problem_document(431, detail));
  EXPECT_EQ(parsed["status"], 431);
  EXPECT_EQ(parsed["title"], "Request Header Fields Too Large");
  EXPECT_EQ(parsed["detail"], detail);
  EXPECT_EQ(parsed["type"], "about:blank");
}

TEST(http_date, is_the_example_of_the_standard) {
  EXPECT_EQ(http_date(from_unix_s(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(from_unix_s(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(lists_token, finds_whole_tokens_in_any_case) {
  EXPECT_TRUE(lists_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(lists_token("keep-alive, upgraded", "upgrade"));
  EXPECT_FALSE(lists_token("", "upgrade"));
}

TEST(write_response_head, statuses_without_body_have_no_length) {
  const auto head =
      write_response_head(204, {}, "text/plain", body_framing::none, 0, true, from_unix_s(0));
  EXPECT_EQ(head,
            "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Connection: keep-alive\r\n\r\n");
  EXPECT_FALSE(status_allows_body(204));
  EXPECT_FALSE(status_allows_body(304));
  EXPECT_TRUE(status_allows_body(200));
}

}  // namespace
}  // namespace cornice::infra
