#include "cornice/venue/polymarket/text_book.hpp"

#include "cornice/base/check.hpp"
#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/short_copy.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace cornice::venue::polymarket {
namespace {

bool ascending(const text_level& a, const text_level& b) noexcept {
  return a.price_micros() < b.price_micros();
}
bool descending(const text_level& a, const text_level& b) noexcept {
  return a.price_micros() > b.price_micros();
}

// The first level that is not worse. Most changes are near the best price, where walking from the
// end is cheaper than halving: its branches can be foreseen.
template <class Worse>
std::vector<text_level>::iterator place_of(std::vector<text_level>& levels, Worse worse) {
  constexpr int near = 16;
  auto at = levels.end();
  for (int steps = 0; steps < near; ++steps) {
    if (at == levels.begin() || worse(*std::prev(at))) return at;
    --at;
  }
  return std::partition_point(levels.begin(), at, worse);
}

result<void> fill(std::vector<text_level>& to, std::span<const wire_level> from, book_side side) {
  if (from.size() > text_book::max_levels)
    return error{errc::out_of_range, "a book side has " + std::to_string(from.size()) +
                                         " levels, at most " +
                                         std::to_string(text_book::max_levels) + " are possible"};
  to.clear();
  for (const wire_level& l : from) {
    if (l.q.is_zero())
      return error{errc::malformed,
                   "book level at " + std::string{l.price_text} + " has size zero"};
    to.emplace_back(l);
  }
  const auto order = side == book_side::bid ? ascending : descending;
  // The live venue sends its levels in our order, so sorting is the exception.
  if (!std::is_sorted(to.begin(), to.end(), order)) std::sort(to.begin(), to.end(), order);
  const auto twice =
      std::adjacent_find(to.begin(), to.end(), [](const text_level& a, const text_level& b) {
        return a.price_micros() == b.price_micros();
      });
  if (twice != to.end())
    return error{errc::malformed,
                 "book has the price " + std::string{twice->price_text()} + " twice on one side"};
  return {};
}

}  // namespace

result<wire_level> parse_level(std::string_view price_text, std::string_view size_text) {
  if (price_text.size() + size_text.size() > text_level::max_text)
    return error{errc::out_of_range, "level " + std::string{price_text.substr(0, 40)} + " × " +
                                         std::string{size_text.substr(0, 40)} + " is longer than " +
                                         std::to_string(text_level::max_text) + " characters"};
  const auto p = parse_price(price_text);
  if (!p) return p.error().within("price");
  if (p->micros() == 0 || p->micros() == price::one)
    return error{errc::out_of_range,
                 "level price " + std::string{price_text} + " is not inside 0..1 dollar"};
  const auto q = parse_size(size_text);
  if (!q) return q.error().within("size");
  return wire_level{*p, *q, price_text, size_text};
}

text_level::text_level(const wire_level& l) noexcept
    : q_{l.q},
      price_micros_{static_cast<std::int32_t>(l.p.micros())},
      price_size_{static_cast<std::uint8_t>(l.price_text.size())},
      size_size_{static_cast<std::uint8_t>(l.size_text.size())} {
  invariant(l.price_text.size() + l.size_text.size() <= max_text, "a level's text was bounded");
  copy_short(copy_short(text_, l.price_text), l.size_text);
}

result<void> text_book::assign(std::span<const wire_level> bids, std::span<const wire_level> asks) {
  auto done = fill(bids_, bids, book_side::bid);
  if (done) done = fill(asks_, asks, book_side::ask);
  if (!done) clear();
  return done;
}

result<void> text_book::set(book_side side, const wire_level& l) {
  std::vector<text_level>& levels = side == book_side::bid ? bids_ : asks_;
  const auto wanted = static_cast<std::int32_t>(l.p.micros());
  const auto at = side == book_side::bid ? place_of(levels,
                                                    [wanted](const text_level& at_hand) {
                                                      return at_hand.price_micros() < wanted;
                                                    })
                                         : place_of(levels, [wanted](const text_level& at_hand) {
                                             return at_hand.price_micros() > wanted;
                                           });
  const bool found = at != levels.end() && at->price_micros() == wanted;
  if (l.q.is_zero()) {
    if (found) levels.erase(at);
    return {};
  }
  if (found) {
    *at = text_level{l};
    return {};
  }
  if (levels.size() >= max_levels)
    return error{errc::out_of_range,
                 "a book side cannot hold more than " + std::to_string(max_levels) + " levels"};
  levels.insert(at, text_level{l});
  return {};
}

void text_book::clear() noexcept {
  bids_.clear();
  asks_.clear();
}

std::optional<price> text_book::best(book_side side) const noexcept {
  const auto all = levels(side);
  if (all.empty()) return std::nullopt;
  return all.back().p();
}

bool text_book::crossed() const noexcept {
  return !bids_.empty() && !asks_.empty() &&
         bids_.back().price_micros() >= asks_.back().price_micros();
}

void text_book::top(book_side side, std::size_t count, std::vector<level>& out) const {
  out.clear();
  const auto all = levels(side);
  const std::size_t n = std::min(count, all.size());
  for (std::size_t i = 0; i < n; ++i) {
    const text_level& l = all[all.size() - 1 - i];
    out.push_back({l.p(), l.q()});
  }
}

order_book text_book::to_order_book() const {
  order_book out;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const text_level& l : levels(side))
      invariant(out.set(side, l.p(), l.q()).has_value(), "a text_book fits an order_book");
  return out;
}

}  // namespace cornice::venue::polymarket
