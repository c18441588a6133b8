#include "infra/content_coding.hpp"

#include "infra/http_rules.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace cornice::infra {

namespace {

constexpr std::size_t codings_max = 2;
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

// windowBits of inflateInit2: what wrapper zlib expects around the deflate stream.
constexpr int gzip_wrapper = 15 + 16;
constexpr int zlib_wrapper = 15;
constexpr int no_wrapper = -15;

/// Owns zlib's state for one stream.
class inflater {
 public:
  inflater(std::string_view input, int wrapper) {
    // zlib's interface predates const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    ready_ = inflateInit2(&stream_, wrapper) == Z_OK;
  }
  ~inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] std::size_t unread() const noexcept { return stream_.avail_in; }

  /// Fills `into` and answers zlib's verdict; `produced` is what it wrote.
  int step(std::array<char, piece_bytes>& into, std::size_t& produced) noexcept {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    const int verdict = inflate(&stream_, Z_NO_FLUSH);
    produced = into.size() - stream_.avail_out;
    return verdict;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

error damaged(std::string_view coding, std::string_view what) {
  return {errc::protocol, "body encoded as " + std::string{coding} + " is " + std::string{what}};
}

/// Decodes one stream from the front of `input` and removes it from there.
result<void> inflate_stream(std::string_view& input, int wrapper, std::string_view coding,
                            std::size_t limit, std::string& out) {
  inflater zlib{input, wrapper};
  if (!zlib.ready()) return error{errc::internal, "zlib could not be initialised"};
  std::array<char, piece_bytes> piece;
  for (;;) {
    std::size_t produced = 0;
    const int verdict = zlib.step(piece, produced);
    if (produced > limit - out.size())
      return error{errc::out_of_range,
                   "decoded body is larger than " + std::to_string(limit) + " bytes"};
    out.append(piece.data(), produced);
    if (verdict == Z_STREAM_END) break;
    if (verdict == Z_BUF_ERROR || (verdict == Z_OK && produced == 0))
      return damaged(coding, "incomplete");
    if (verdict != Z_OK) return damaged(coding, "damaged");
  }
  input.remove_prefix(input.size() - zlib.unread());
  return {};
}

result<std::string> undo_gzip(std::string_view input, std::size_t limit) {
  std::string out;
  // A gzip file is a sequence of members, and some servers flush by starting a new one.
  while (!input.empty()) CORNICE_CHECK_OK(inflate_stream(input, gzip_wrapper, "gzip", limit, out));
  return out;
}

result<std::string> undo_deflate(std::string_view input, std::size_t limit) {
  for (const int wrapper : {zlib_wrapper, no_wrapper}) {
    std::string out;
    auto rest = input;
    const auto done = inflate_stream(rest, wrapper, "deflate", limit, out);
    if (done && rest.empty()) return out;
    if (!done && done.error().code != errc::protocol) return done.error();
    if (wrapper == no_wrapper && !done) return done.error();
  }
  return damaged("deflate", "followed by other bytes");
}

std::vector<std::string> listed_codings(std::string_view field) {
  std::vector<std::string> codings;
  while (!field.empty()) {
    const auto end = std::min(field.find(','), field.size());
    auto name = lower_case(field.substr(0, end));
    std::erase_if(name, [](char c) { return c == ' ' || c == '\t'; });
    field.remove_prefix(std::min(end + 1, field.size()));
    if (!name.empty() && name != "identity") codings.push_back(std::move(name));
  }
  return codings;
}

}  // namespace

result<std::string> decode_content(std::string_view content_encoding, std::string body,
                                   std::size_t decoded_limit) {
  if (body.empty()) return body;
  const auto codings = listed_codings(content_encoding);
  if (codings.size() > codings_max)
    return error{errc::protocol, "more than two content codings are not accepted"};
  // The last coding listed was applied last, so it is undone first.
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    if (body.size() > std::numeric_limits<uInt>::max())
      return error{errc::out_of_range, "encoded body is larger than zlib takes at once"};
    if (*coding == "gzip" || *coding == "x-gzip") {
      CORNICE_TRY(decoded, undo_gzip(body, decoded_limit));
      body = std::move(decoded);
    } else if (*coding == "deflate") {
      CORNICE_TRY(decoded, undo_deflate(body, decoded_limit));
      body = std::move(decoded);
    } else {
      return error{errc::protocol, "content coding '" + coding->substr(0, 32) +
                                       "' was not asked for and is not known"};
    }
  }
  if (body.size() > decoded_limit)
    return error{errc::out_of_range,
                 "body is larger than " + std::to_string(decoded_limit) + " bytes"};
  return body;
}

}  // namespace cornice::infra
