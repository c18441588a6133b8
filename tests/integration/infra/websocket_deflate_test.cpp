#include "cornice/infra/websocket_client.hpp"
#include "http_test_world.hpp"
#include "websocket_test_frames.hpp"

#include <zlib.h>

#include <algorithm>
#include <random>
#include <vector>

namespace cornice::infra::test {
namespace {

constexpr int compressed = 0x40;

/// The sender's half of permessage-deflate (RFC 7692), by zlib itself.
class deflater {
 public:
  explicit deflater(int level, bool takeover) : takeover_{takeover} {
    deflateInit2(&stream_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  }
  ~deflater() { deflateEnd(&stream_); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  std::string operator()(std::string text) {
    std::string out(deflateBound(&stream_, text.size()) + 64, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(text.data());
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out - 4);  // the flush marker is left out on the wire
    if (!takeover_) deflateReset(&stream_);
    return out;
  }

 private:
  z_stream stream_{};
  bool takeover_;
};

/// A text like those of venues: repetitive, with numbers that are not.
std::string market_text(std::mt19937& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes)
    text += "{\"price\":\"0." + std::to_string(random() % 100) +
            "\",\"size\":" + std::to_string(random() % 100000) + "},";
  text.resize(bytes);
  return text;
}

/// Cuts `payload` into frames.
std::string fragments(std::mt19937& random, const std::string& payload) {
  std::string out;
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    const auto left = payload.size() - at;
    const auto size = random() % 3 == 0 && left > 1 ? 1 + random() % left : left;
    const bool last = at + size == payload.size();
    const int code = (first ? text_first | compressed : more) | (last ? more_final : 0);
    out += frame(code, payload.substr(at, size));
    at += size;
    if (last) return out;
  }
}

class websocket_deflate_test : public http_world,
                               public ::testing::WithParamInterface<std::tuple<int, bool>> {};

TEST_P(websocket_deflate_test, whatever_zlib_sends_arrives_whole) {
  const auto [level, takeover] = GetParam();
  std::mt19937 random{static_cast<unsigned>(level)};
  deflater compress{level, takeover};
  std::vector<std::string> texts;
  std::string wire;
  for (int i = 0; i < 120; ++i) {
    const std::size_t bytes = i % 10 == 0 ? 200'000 + random() % 200'000 : random() % 20'000;
    texts.push_back(i % 7 == 0 ? std::string(bytes, 'x') : market_text(random, bytes));
    wire += fragments(random, compress(texts.back()));
  }
  const std::string fields = std::string{"Sec-WebSocket-Extensions: permessage-deflate"} +
                             (takeover ? "" : "; server_no_context_takeover") + "\r\n";
  scripted_peer peer{loop, [&](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       const auto request = co_await read_header(socket);
                       co_await send_text(socket, upgrade_answer(request, fields) + wire);
                       co_await read_all(socket);
                     }};
  websocket_options options;
  options.url = peer.url("/", "ws");
  const auto socket = run(websocket::connect(loop.get_executor(), options)).value();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto got = run(socket->read());
    ASSERT_TRUE(got) << i << ": " << got.error().message;
    ASSERT_TRUE(got->data == texts[i]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(levels, websocket_deflate_test,
                         ::testing::Combine(::testing::Values(0, 1, 3, 6, 9), ::testing::Bool()));

class websocket_deflate_limit_test : public http_world {};

TEST_F(websocket_deflate_limit_test, bomb_is_out_of_range_and_damage_a_protocol_error) {
  deflater compress{9, true};
  const auto bomb =
      frame(text_final | compressed, compress(std::string(std::size_t{64} << 20, 'x')));
  const auto damage = frame(text_final | compressed, "\xff\xff not deflate");
  for (const auto& [bytes, expected] :
       {std::pair{bomb, errc::out_of_range}, std::pair{damage, errc::protocol}}) {
    scripted_peer peer{
        loop, [bytes = bytes](std::shared_ptr<tcp::socket> socket, int) -> task<> {
          const auto request = co_await read_header(socket);
          co_await send_text(
              socket,
              upgrade_answer(request, "Sec-WebSocket-Extensions: permessage-deflate\r\n") + bytes);
          co_await read_all(socket);
        }};
    websocket_options options;
    options.url = peer.url("/", "ws");
    options.message_limit = std::size_t{1} << 20;
    const auto socket = run(websocket::connect(loop.get_executor(), options)).value();
    const auto got = run(socket->read());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, expected) << got.error().message;
  }
}

}  // namespace
}  // namespace cornice::infra::test
