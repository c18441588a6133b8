// The book feed of Kalshi under any sequence of inputs. Each line is one of
//   {…}        a frame from the venue          +<n>  n tenths of a second pass
//   c          connected                       d     disconnected
//   a<ticker>  wants a ticker                  r<ticker>  no longer wants it
//   t          someone has looked at the scale
// No book may ever be crossed or hold a level that is not positive while it is usable.
#include "cornice/base/check.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::venue::kalshi;

struct harness {
  book_feed feed;
  ws::decoder decoder;
  instant now{};
  bool connected = false;

  explicit harness(const book_feed_options& options) : feed{options} {}

  void check_book(const tracked_book& book) const {
    if (!book.usable()) return;
    invariant(connected, "no book is usable without a connection");
    invariant(!book.book().crossed(), "no usable book is crossed");
    for (const auto side : {book_side::bid, book_side::ask})
      for (const auto& l : book.book().levels(side))
        invariant(l.q.is_positive(), "every level is positive");
  }

  void follow(book_feed::actions actions) {
    bool again = false;
    for (const auto& a : actions) {
      if (const auto* s = std::get_if<send_command>(&a))
        invariant(std::holds_alternative<ws::command>(ws::decode_command(s->text)),
                  "the venue understands every command");
      if (const auto* p = std::get_if<publish_book>(&a))
        invariant(p->book->usable(), "only usable books are published");
      again = again || std::holds_alternative<reconnect>(a);
    }
    for (const auto& [ticker, book] : feed.books()) {
      check_book(book);
      invariant(!again || !book.usable(), "a connection that is given up has no usable book");
    }
  }

  void frame(std::string_view text) {
    const auto f = decoder.decode(text);
    follow(f ? feed.on_message(*f, now) : feed.on_broken_frame(decoder.broken(), now));
  }

  void pass(std::string_view tenths) {
    std::int64_t n = 0;
    for (const char c : tenths.substr(0, 5))
      if (c >= '0' && c <= '9') n = n * 10 + (c - '0');
    now += std::chrono::milliseconds{n * 100};
    follow(feed.on_time(now));
  }

  void line(std::string_view text) {
    if (text.empty()) return;
    const std::vector<std::string> ticker{std::string{text.substr(1)}};
    switch (text[0]) {
      case '+':
        return pass(text.substr(1));
      case 'c':
        connected = true;
        return follow(feed.on_connected(now));
      case 'd':
        connected = false;
        return follow(feed.on_disconnected(now));
      case 'a':
        return follow(feed.add(ticker, now));
      case 'r':
        return follow(feed.remove(ticker, now));
      case 't':
        return follow(feed.trust_scale_again(now));
      default:
        return frame(text);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text{data, data + size};
  book_feed_options options;
  options.use_yes_price = text[0] != 'n';
  options.tickers_per_command = 2;
  options.tickers_per_snapshot = 2;
  options.commands_in_flight = 2;
  options.max_tickers = 8;
  harness h{options};
  std::string_view rest = std::string_view{text}.substr(1);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    h.line(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return 0;
}
