// Names of things. Each kind of id is its own type, so that one cannot stand where another belongs.
#pragma once

#include "cornice/base/result.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cornice {

/// Cornice's own alias of an exchange. `sim` never trades for money.
enum class venue_id : std::uint8_t { kalshi, polymarket, sim };
inline constexpr venue_id all_venues[] = {venue_id::kalshi, venue_id::polymarket, venue_id::sim};
[[nodiscard]] std::string_view to_string(venue_id v) noexcept;
/// Errors: invalid_argument, naming the known venues.
[[nodiscard]] result<venue_id> parse_venue(std::string_view text);

/// Which side of a yes/no question a contract pays on.
enum class outcome : std::uint8_t { yes, no };
[[nodiscard]] constexpr outcome opposite(outcome o) noexcept {
  return o == outcome::yes ? outcome::no : outcome::yes;
}
[[nodiscard]] std::string_view to_string(outcome o) noexcept;
[[nodiscard]] result<outcome> parse_outcome(std::string_view text);

enum class order_side : std::uint8_t { buy, sell };
[[nodiscard]] constexpr order_side opposite(order_side s) noexcept {
  return s == order_side::buy ? order_side::sell : order_side::buy;
}
[[nodiscard]] std::string_view to_string(order_side s) noexcept;
[[nodiscard]] result<order_side> parse_order_side(std::string_view text);

/// A text id: 1..200 bytes of printable ASCII without spaces, quotes or backslashes (so it never
/// needs escaping in JSON).
template <class Tag>
class text_id {
 public:
  static constexpr std::size_t max_size = 200;
  text_id() = default;  ///< empty: "none"; never the result of parse()
  [[nodiscard]] static result<text_id> parse(std::string_view text) {
    if (text.empty() || text.size() > max_size)
      return error{errc::malformed,
                   "an id has 1 to 200 characters, this one has " + std::to_string(text.size())};
    for (const char c : text)
      if (c <= ' ' || c > '~' || c == '"' || c == '\\')
        return error{errc::malformed,
                     "an id is printable ASCII without spaces, quotes or backslashes"};
    return text_id{std::string{text}};
  }
  /// For texts that Cornice itself made or has checked before.
  [[nodiscard]] static text_id of(std::string text) { return text_id{std::move(text)}; }
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] std::string_view view() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  friend auto operator<=>(const text_id&, const text_id&) = default;

 private:
  explicit text_id(std::string text) : text_{std::move(text)} {}
  std::string text_;
};

using event_id = text_id<struct event_tag>;  ///< venue's event: Kalshi event_ticker, Gamma event id
using listing_id =
    text_id<struct listing_tag>;  ///< venue's market: Kalshi ticker, Polymarket condition id
using market_id = text_id<struct market_tag>;  ///< Cornice's cross-venue market
using order_id =
    text_id<struct order_tag>;  ///< Cornice's order, also the Kalshi client_order_id (a UUID)
using bundle_id = text_id<struct bundle_tag>;
using opportunity_id = text_id<struct opportunity_tag>;
using venue_order_id = text_id<struct venue_order_tag>;
using venue_fill_id =
    text_id<struct venue_fill_tag>;          ///< unique per venue; what makes a fill count once
using trace_id = text_id<struct trace_tag>;  ///< follows one tick to its fill

/// A tradable instrument: `<venue>:<native>`. Native is `TICKER:yes`/`TICKER:no` on Kalshi and the
/// token id on Polymarket.
class contract_id {
 public:
  contract_id() = default;
  /// `native` is not checked: for texts of a listing that was parsed before, or our own.
  [[nodiscard]] static contract_id make(venue_id venue, std::string_view native);
  /// Errors: malformed, invalid_argument (unknown venue).
  [[nodiscard]] static result<contract_id> parse(std::string_view text);
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] std::string_view view() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] venue_id venue() const noexcept { return venue_; }
  /// The part after the venue.
  [[nodiscard]] std::string_view native() const noexcept;
  /// The native part as one word of a routing key: `.`, `*`, `#` and `%` are %-encoded; a word over
  /// 160 bytes is cut there and ends in `~` and a hash. At most 177 bytes.
  [[nodiscard]] std::string routing_word() const;
  friend auto operator<=>(const contract_id& a, const contract_id& b) {
    return a.text_ <=> b.text_;
  }
  friend bool operator==(const contract_id& a, const contract_id& b) { return a.text_ == b.text_; }

 private:
  std::string text_;
  venue_id venue_ = venue_id::sim;
};

/// UUID version 4 layout from 128 bits given by the caller: ids stay reproducible in tests and
/// simulation.
[[nodiscard]] std::string make_uuid(std::uint64_t high, std::uint64_t low);

}  // namespace cornice

template <class Tag>
struct std::hash<cornice::text_id<Tag>> {
  std::size_t operator()(const cornice::text_id<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
template <>
struct std::hash<cornice::contract_id> {
  std::size_t operator()(const cornice::contract_id& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
