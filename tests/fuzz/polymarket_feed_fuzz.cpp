// A feed under any sequence of inputs, one a line: `f` a frame, `r` a REST book, `x` a failed
// fetch, `t` a tick after so many seconds, `s`/`u` subscribe and unsubscribe, `c`/`d` connect and
// disconnect, `q` distrust. A usable book is never crossed, and every action names a live asset.
#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/clob.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cornice;
using namespace cornice::venue::polymarket;

class session {
 public:
  session() {
    (void)feed_.subscribe({{"111", "0xabc", {"5", "0.01", false}}, {"222", "", {}}}, now_, out_);
  }

  void line(char what, std::string_view rest) {
    out_.clear();
    switch (what) {
      case 'f':
        feed_.on_frame(rest, now_, out_);
        break;
      case 'r':
        if (const auto b = clob::decode_book(rest))
          feed_.on_snapshot(clob::borrowed_book{*b}.view(), now_, out_);
        break;
      case 'x':
        feed_.on_snapshot_failed(rest, now_, out_);
        break;
      case 't':
        now_ += std::chrono::seconds{rest.empty() ? 1 : rest[0] % 100};
        feed_.on_tick(now_, out_);
        break;
      case 's':
        (void)feed_.subscribe({{std::string{rest}, "", {}}}, now_, out_);
        break;
      case 'u':
        feed_.unsubscribe({std::string{rest}}, out_);
        break;
      case 'c':
        feed_.on_connected(now_, out_);
        break;
      case 'd':
        feed_.on_disconnected(out_);
        break;
      case 'q':
        if (const auto slot = feed_.find(rest))
          feed_.distrust(*slot, unusable_reason::requested, now_, out_);
        break;
      default:
        break;
    }
    check();
  }

 private:
  void check() const {
    for (const asset_slot slot : feed_.slots()) {
      if (!feed_.usable(slot)) continue;
      invariant(feed_.connected(), "a usable book has a connection");
      invariant(!feed_.asset(slot).book().crossed(), "a usable book is not crossed");
    }
    for (const feed::action& a : out_) {
      if (const auto* changed = std::get_if<feed::book_changed>(&a))
        (void)feed_.asset(changed->asset);
      if (const auto* wanted = std::get_if<feed::fetch_book>(&a))
        invariant(!feed_.usable(wanted->asset), "only a book that is not usable is fetched");
    }
  }

  instant now_{std::chrono::hours{1}};
  feed_actions out_;
  book_feed feed_{[] {
    feed_options o;
    o.pending_max = 8;
    o.assets_max = 8;
    return o;
  }()};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  session s;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (!line.empty()) s.line(line[0], line.substr(1));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return 0;
}
