// Every listing that data knows, in memory, and who wants to hear of changes.
#pragma once

#include "cornice/model/listing.hpp"
#include "cornice/model/signals.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace cornice::data {

/// A change that a venue pushed, as far as it tells: what is not set stays as it is.
struct listing_patch {
  std::optional<listing_status> status;
  std::optional<bool> accepting_orders;
  std::optional<tick_grid> grid;
  std::optional<fee_schedule> fees;
  std::optional<timestamp> close_time;
  std::optional<ratio> settlement_value;
};

/// Loop thread only. Holds no I/O: the store and the publisher listen. Iteration is in order of
/// (venue, listing id).
class catalogue {
 public:
  using listener = std::function<void(const listing&, market_change)>;
  using market_listener = std::function<void(const market&)>;
  /// A listing that was named by a push and is not known: somebody has to fetch it.
  using hint_listener = std::function<void(venue_id, const listing_id&)>;

  explicit catalogue(std::size_t max_listings = 200'000) : max_listings_{max_listings} {}

  /// The address stays valid until the listing is applied or patched again.
  [[nodiscard]] const listing* find(venue_id venue, const listing_id& id) const;
  [[nodiscard]] const listing* by_contract(const contract_id& contract) const;
  [[nodiscard]] std::vector<const listing*> of_venue(venue_id venue) const;
  [[nodiscard]] std::size_t size() const noexcept { return listings_.size(); }

  /// Takes over a full listing. Tells listeners what changed (nothing when equal); returns it.
  /// Errors: overloaded (the bound is reached and the listing is new; counted by the caller),
  /// conflict (a contract id already belongs to another listing).
  result<std::optional<market_change>> apply(const listing& l);
  /// Applies a push. Errors: not_found, after hinting.
  result<std::optional<market_change>> patch(venue_id venue, const listing_id& id,
                                             const listing_patch& p);
  void hint(venue_id venue, const listing_id& id);
  /// Opens and closes listings whose hour has come: Kalshi does that silently.
  /// O(changes).
  void due(timestamp now);

  /// Loads without telling anyone: start-up.
  void restore(std::vector<listing> listings, std::vector<market> markets);

  void set_market(const market& m);
  void set_markets(std::vector<market> markets);
  [[nodiscard]] const market* find_market(const market_id& id) const;
  [[nodiscard]] std::vector<const market*> markets_of(const contract_id& contract) const;
  [[nodiscard]] const std::map<market_id, market>& markets() const noexcept { return markets_; }

  /// What ingestion should stream, ascending, decided by selection.hpp; set by its owner.
  void set_streamed(venue_id venue, std::vector<listing_id> ids);
  [[nodiscard]] const std::vector<listing_id>& streamed(venue_id venue) const;
  [[nodiscard]] bool is_streamed(venue_id venue, const listing_id& id) const;

  /// Listeners live as long as the catalogue and are called in the order of subscription, after the
  /// change took place.
  void on_change(listener l) { listeners_.push_back(std::move(l)); }
  void on_market(market_listener l) { market_listeners_.push_back(std::move(l)); }
  void on_hint(hint_listener l) { hint_listeners_.push_back(std::move(l)); }
  void on_selection(std::function<void(venue_id)> l) {
    selection_listeners_.push_back(std::move(l));
  }

 private:
  using key = std::pair<venue_id, listing_id>;
  void schedule(const listing& l);
  void tell(const listing& l, market_change c) const;

  std::size_t max_listings_;
  std::map<key, listing> listings_;
  std::unordered_map<contract_id, key> by_contract_;
  std::set<std::pair<timestamp, key>> deadlines_;  // open and close times still ahead
  std::map<market_id, market> markets_;
  std::unordered_map<contract_id, std::set<market_id>> markets_of_;
  std::map<venue_id, std::vector<listing_id>> streamed_;
  std::vector<listener> listeners_;
  std::vector<market_listener> market_listeners_;
  std::vector<hint_listener> hint_listeners_;
  std::vector<std::function<void(venue_id)>> selection_listeners_;
};

/// Which kind of change leads from `before` to `after`; nothing when they are equal. The gravest
/// wins: rules, grid, status, rest.
[[nodiscard]] std::optional<market_change> difference(const listing& before, const listing& after);

}  // namespace cornice::data
