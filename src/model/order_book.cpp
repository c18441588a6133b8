#include "cornice/model/order_book.hpp"

#include <algorithm>
#include <string>

namespace cornice {
namespace {

bool worse(book_side side, price a, price b) noexcept {
  return side == book_side::bid ? a < b : a > b;
}

// First level that is not worse than `p`.
template <class Levels>
auto locate(Levels& levels, book_side side, price p) noexcept {
  return std::lower_bound(levels.begin(), levels.end(), p, [side](const level& l, price wanted) {
    return worse(side, l.p, wanted);
  });
}

error off_limits(book_side side, price p, const std::string& why) {
  return {errc::out_of_range, std::string{side == book_side::bid ? "bid " : "ask "}
                                  .append(p.to_string())
                                  .append(": ")
                                  .append(why)};
}

}  // namespace

result<void> order_book::set(book_side side, price p, quantity total) {
  if (total.is_negative())
    return off_limits(side, p, "total " + total.to_string() + " is negative");
  std::vector<level>& levels = side_of(side);
  const auto at = locate(levels, side, p);
  const bool present = at != levels.end() && at->p == p;
  if (total.is_zero()) {
    if (present) levels.erase(at);
  } else if (present) {
    at->q = total;
  } else if (levels.size() == max_levels) {
    return off_limits(side, p, "the side has " + std::to_string(max_levels) + " levels already");
  } else {
    levels.insert(at, level{p, total});
  }
  return {};
}

result<void> order_book::add(book_side side, price p, quantity delta) {
  const quantity before = at(side, p);
  std::int64_t total = 0;
  if (__builtin_add_overflow(before.micros(), delta.micros(), &total) || total < 0)
    return off_limits(side, p,
                      "a change of " + delta.to_string() + " does not fit the total " +
                          before.to_string() + ": a change was missed");
  return set(side, p, quantity{total});
}

void order_book::clear() noexcept {
  bids_.clear();
  asks_.clear();
}

std::span<const level> order_book::levels(book_side side) const noexcept {
  return side == book_side::bid ? bids_ : asks_;
}

std::optional<level> order_book::best(book_side side) const noexcept {
  const auto all = levels(side);
  if (all.empty()) return std::nullopt;
  return all.back();
}

quantity order_book::at(book_side side, price p) const noexcept {
  const auto all = levels(side);
  const auto found = locate(all, side, p);
  return found != all.end() && found->p == p ? found->q : quantity{};
}

bool order_book::crossed() const noexcept {
  return !bids_.empty() && !asks_.empty() && bids_.back().p >= asks_.back().p;
}

order_book order_book::complement() const {
  // p -> 1 - p turns ascending prices into descending ones, so both sides stay worst first.
  order_book other;
  other.asks_.reserve(bids_.size());
  for (const level& l : bids_) other.asks_.push_back({l.p.complement(), l.q});
  other.bids_.reserve(asks_.size());
  for (const level& l : asks_) other.bids_.push_back({l.p.complement(), l.q});
  return other;
}

}  // namespace cornice
