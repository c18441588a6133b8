#include "infra/content_coding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

namespace cornice::infra {
namespace {

constexpr std::size_t no_limit = std::size_t{1} << 30;
constexpr int gzip = 31;
constexpr int zlib = 15;
constexpr int raw = -15;

std::string compress(std::string text, int wrapper) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, wrapper, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

errc failure(std::string_view coding, std::string body, std::size_t limit = no_limit) {
  const auto decoded = decode_content(coding, std::move(body), limit);
  EXPECT_FALSE(decoded);
  return decoded ? errc::internal : decoded.error().code;
}

RC_GTEST_PROP(content_coding, every_coding_decodes_to_what_was_encoded, (const std::string& text)) {
  RC_ASSERT(decode_content("gzip", compress(text, gzip), no_limit).value() == text);
  RC_ASSERT(decode_content("X-Gzip", compress(text, gzip), no_limit).value() == text);
  RC_ASSERT(decode_content("deflate", compress(text, zlib), no_limit).value() == text);
  RC_ASSERT(decode_content("deflate", compress(text, raw), no_limit).value() == text);
  RC_ASSERT(decode_content("identity", text, no_limit).value() == text);
  RC_ASSERT(decode_content("", text, no_limit).value() == text);
  const auto twice = compress(compress(text, zlib), gzip);
  RC_ASSERT(decode_content("deflate, gzip", twice, no_limit).value() == text);
}

TEST(content_coding, gzip_members_are_joined) {
  EXPECT_EQ(decode_content("gzip", compress("ab", gzip) + compress("cd", gzip), 4).value(), "abcd");
}

TEST(content_coding, empty_body_needs_no_wrapper) {
  EXPECT_EQ(decode_content("gzip", "", 10).value(), "");
}

TEST(content_coding, limit_is_exact) {
  const std::string text(1000, 'a');
  EXPECT_EQ(decode_content("gzip", compress(text, gzip), 1000).value(), text);
  EXPECT_EQ(failure("gzip", compress(text, gzip), 999), errc::out_of_range);
  EXPECT_EQ(failure("deflate", compress(text, zlib), 999), errc::out_of_range);
  EXPECT_EQ(failure("identity", text, 999), errc::out_of_range);
}

TEST(content_coding, bomb_is_refused_long_before_it_is_unpacked) {
  const auto bomb = compress(std::string(std::size_t{64} << 20, '\0'), gzip);
  ASSERT_LT(bomb.size(), 100u << 10);
  EXPECT_EQ(failure("gzip", bomb, 1u << 20), errc::out_of_range);
  EXPECT_EQ(failure("gzip, gzip", compress(bomb, gzip), 1u << 20), errc::out_of_range);
}

TEST(content_coding, every_truncation_is_noticed) {
  const auto whole = compress("a text that is long enough to be cut anywhere", gzip);
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(failure("gzip", whole.substr(0, size)), errc::protocol) << size;
}

TEST(content_coding, damage_garbage_and_unknown_codings_are_protocol_errors) {
  auto damaged = compress("a text", gzip);
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
  EXPECT_EQ(failure("gzip", damaged), errc::protocol);
  EXPECT_EQ(failure("gzip", "not gzip"), errc::protocol);
  EXPECT_EQ(failure("gzip", compress("a", gzip) + "tail"), errc::protocol);
  EXPECT_EQ(failure("deflate", compress("a", zlib) + "tail"), errc::protocol);
  EXPECT_EQ(failure("br", "x"), errc::protocol);
  EXPECT_EQ(failure("gzip, gzip, gzip", "x"), errc::protocol);
}

RC_GTEST_PROP(content_coding, arbitrary_bytes_never_exceed_the_limit, (const std::string& junk)) {
  for (const auto* coding : {"gzip", "deflate", "deflate, gzip"}) {
    const auto decoded = decode_content(coding, junk, 100);
    if (decoded) RC_ASSERT(decoded->size() <= 100u);
  }
}

}  // namespace
}  // namespace cornice::infra
