// What the bus says now: newest books and feed states, kept for the read views.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/model/signals.hpp"

#include <map>
#include <string>
#include <vector>

namespace cornice::api {

/// Loop thread only. Bounded: further contracts are not kept.
class live_model {
 public:
  explicit live_model(std::size_t books_max) : books_max_{books_max} {}
  void take(const infra::amqp_delivery& d);
  /// A page of `{"items":[…],"next_cursor":…}` in order of contract id. `venue` and `contract`
  /// empty: all. The cursor is the last contract id.
  [[nodiscard]] std::string books_page(std::string_view venue, std::string_view contract,
                                       std::string_view cursor, std::size_t limit) const;
  [[nodiscard]] const std::map<venue_id, feed_signal>& feeds() const noexcept { return feeds_; }

 private:
  std::size_t books_max_;
  std::map<contract_id, std::string> books_;  // in the form of the bus
  std::map<venue_id, feed_signal> feeds_;
};

}  // namespace cornice::api
