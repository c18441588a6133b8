#include "infra/http_parse.hpp"

#include <gtest/gtest.h>

namespace cornice::infra {
namespace {

constexpr std::size_t roomy = std::size_t{1} << 20;

/// Feeds `bytes` in pieces of `piece` bytes, as a slow network would.
request_reader::progress feed(request_reader& reader, std::string bytes, std::size_t piece) {
  std::string input;
  auto progress = request_reader::progress::more;
  while (!bytes.empty() && progress == request_reader::progress::more) {
    input += bytes.substr(0, piece);
    bytes.erase(0, piece);
    progress = reader.feed(input);
  }
  return progress;
}

unsigned refusal_status(const std::string& bytes, std::size_t piece,
                        std::size_t header_limit = 1024, std::size_t body_limit = 64) {
  request_reader reader{header_limit, body_limit};
  const auto progress = feed(reader, bytes, piece);
  return progress == request_reader::progress::refused ? reader.why().status : 0;
}

struct refusal_case {
  const char* name;
  std::string bytes;
  unsigned status;
};

class refused_request : public ::testing::TestWithParam<refusal_case> {};

TEST_P(refused_request, has_its_status_whatever_the_pieces) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, roomy})
    EXPECT_EQ(refusal_status(GetParam().bytes, piece), GetParam().status) << piece;
}

const std::string host = "Host: h\r\n";

INSTANTIATE_TEST_SUITE_P(
    rules, refused_request,
    ::testing::Values(
        refusal_case{"garbage", "\x16\x03\x01\x02\r\n\r\n", 400},
        refusal_case{"no_version", "GET /\r\n\r\n", 400},
        refusal_case{"http_2", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        refusal_case{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        refusal_case{"two_hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        refusal_case{"traversal", "GET /../etc HTTP/1.1\r\n" + host + "\r\n", 400},
        refusal_case{"trace", "TRACE / HTTP/1.1\r\n" + host + "\r\n", 405},
        refusal_case{"connect", "CONNECT h:1 HTTP/1.1\r\n" + host + "\r\n", 405},
        refusal_case{"space_in_name", "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", 400},
        refusal_case{"long_line", "GET /" + std::string(2000, 'a'), 414},
        refusal_case{"long_header",
                     "GET / HTTP/1.1\r\n" + host + "A: " + std::string(2000, 'a') + "\r\n\r\n",
                     431},
        refusal_case{"body_over_limit", "POST / HTTP/1.1\r\n" + host + "Content-Length: 65\r\n\r\n",
                     413},
        refusal_case{"length_and_chunks",
                     "POST / HTTP/1.1\r\n" + host +
                         "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
                     400},
        refusal_case{
            "two_lengths",
            "POST / HTTP/1.1\r\n" + host + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n", 400},
        refusal_case{"negative_length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
                     400},
        refusal_case{"unknown_coding",
                     "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", 501},
        refusal_case{"unknown_expectation",
                     "POST / HTTP/1.1\r\n" + host + "Expect: magic\r\nContent-Length: 1\r\n\r\n",
                     417},
        refusal_case{"bad_chunk",
                     "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                     400}),
    [](const auto& one) { return one.param.name; });

TEST(request_reader, many_small_fields_in_small_pieces_hit_the_header_limit) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200; ++i) bytes += "X-" + std::to_string(i) + ": value\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{16}, roomy})
    EXPECT_EQ(refusal_status(bytes, piece), 431u) << piece;
}

TEST(request_reader, chunked_body_over_the_limit_is_413) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 5; ++i) bytes += "10\r\n0123456789abcdef\r\n";
  for (const std::size_t piece : {std::size_t{1}, roomy})
    EXPECT_EQ(refusal_status(bytes, piece), 413u);
}

TEST(request_reader, endless_chunk_extension_is_refused) {
  const auto bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                     std::string(100'000, 'x');
  EXPECT_EQ(refusal_status(bytes, 4096), 400u);
}

TEST(request_reader, whole_request_arrives_whatever_the_pieces) {
  const std::string bytes =
      "POST /a%20b?q=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    request_reader reader{1024, 64};
    ASSERT_EQ(feed(reader, bytes, piece), request_reader::progress::complete) << piece;
    EXPECT_TRUE(reader.keep_alive());
    const auto request = reader.take();
    EXPECT_EQ(request.method, http_method::post);
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.query, "q=1");
    EXPECT_EQ(request.headers.get("x-a"), "1");
    EXPECT_EQ(request.body, "hello");
  }
}

TEST(request_reader, pipelined_request_stays_in_the_input) {
  request_reader reader{1024, 64};
  std::string input = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n";
  ASSERT_EQ(reader.feed(input), request_reader::progress::complete);
  EXPECT_EQ(input, "GET /2 HTTP/1.1\r\n");
}

TEST(request_reader, waiting_client_is_told_apart) {
  request_reader reader{1024, 64};
  std::string input =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  ASSERT_EQ(reader.feed(input), request_reader::progress::more);
  EXPECT_TRUE(reader.header_complete());
  EXPECT_TRUE(reader.expects_continue());
  input = "ok";
  ASSERT_EQ(reader.feed(input), request_reader::progress::complete);
  EXPECT_FALSE(reader.expects_continue());
}

TEST(request_reader, http_1_0_without_host_is_served_and_closed) {
  request_reader reader{1024, 64};
  std::string input = "GET / HTTP/1.0\r\n\r\n";
  ASSERT_EQ(reader.feed(input), request_reader::progress::complete);
  EXPECT_FALSE(reader.keep_alive());
}

TEST(response_reader, interim_answers_are_skipped) {
  response_reader reader{false, 100};
  std::string input =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
  ASSERT_TRUE(reader.feed(input).value());
  EXPECT_TRUE(reader.keep_alive());
  const auto answer = reader.take();
  EXPECT_EQ(answer.status, 201u);
  EXPECT_EQ(answer.body, "ok");
}

TEST(response_reader, head_answer_ends_after_its_header) {
  response_reader reader{true, 10};
  std::string input = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  EXPECT_TRUE(reader.feed(input).value());
}

TEST(response_reader, body_without_length_ends_with_the_connection) {
  response_reader reader{false, 100};
  std::string input = "HTTP/1.1 200 OK\r\n\r\nall of it";
  ASSERT_FALSE(reader.feed(input).value());
  ASSERT_TRUE(reader.end_of_stream().value());
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.take().body, "all of it");
}

TEST(response_reader, early_end_is_io_at_every_byte) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    response_reader reader{false, 100};
    auto input = whole.substr(0, size);
    ASSERT_FALSE(reader.feed(input).value()) << size;
    EXPECT_EQ(reader.end_of_stream().error().code, errc::io) << size;
  }
}

TEST(response_reader, limits_and_nonsense_are_errors_of_their_own) {
  const auto code = [](std::string input, std::size_t limit) {
    response_reader reader{false, limit};
    const auto done = reader.feed(input);
    EXPECT_FALSE(done);
    return done ? errc::internal : done.error().code;
  };
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 4), errc::out_of_range);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\n\r\n12345", 4), errc::out_of_range);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a'), 4), errc::out_of_range);
  EXPECT_EQ(code("SSH-2.0-OpenSSH_9.2\r\n", 4), errc::protocol);
  EXPECT_EQ(code("HTTP/1.1 101 Switching Protocols\r\n\r\n", 4), errc::protocol);
}

}  // namespace
}  // namespace cornice::infra
