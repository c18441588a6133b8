#include "cornice/sim/market_board.hpp"

#include "cornice/base/check.hpp"

namespace cornice::sim {

std::string_view to_string(listing_phase p) noexcept {
  switch (p) {
    case listing_phase::open:
      return "open";
    case listing_phase::paused:
      return "paused";
    case listing_phase::closed:
      return "closed";
    case listing_phase::determined:
      return "determined";
    case listing_phase::settled:
      return "settled";
  }
  return "unknown";
}

std::optional<std::size_t> listing_of(const world_event& e) {
  return std::visit([](const auto& body) -> std::optional<std::size_t> { return body.listing; }, e);
}

std::optional<std::size_t> market_board::find(std::string_view id) const {
  const auto found = by_id_.find(std::string{id});
  return found == by_id_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<market_board::token_place> market_board::find_token(std::string_view token) const {
  const auto found = by_token_.find(std::string{token});
  return found == by_token_.end() ? std::nullopt : std::optional{found->second};
}

std::size_t market_board::enlist(sim_listing l) {
  const std::size_t place = listings_.size();
  invariant(by_id_.try_emplace(l.id, place).second, "a listing is enlisted once");
  if (!l.tokens[0].empty()) by_token_[l.tokens[0]] = {place, outcome::yes};
  if (!l.tokens[1].empty()) by_token_[l.tokens[1]] = {place, outcome::no};
  listings_.push_back(std::move(l));
  return place;
}

}  // namespace cornice::sim
