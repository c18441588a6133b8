// A set of contracts that together pay a fixed amount, and what the engine knows of each.
#pragma once

#include "cornice/model/decisions.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/signals.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::strategy {

using slot_index = std::uint32_t;
using candidate_index = std::uint32_t;

/// One contract: its listing's facts and its newest book.
struct contract_slot {
  contract_id id;
  bool listed = false;  ///< the facts below are valid
  outcome side = outcome::yes;
  bool tradable = false;
  fee_schedule fees;
  tick_grid grid;  ///< of this contract
  quantity min_size;
  quantity size_step{10'000};
  std::optional<timestamp> resolves;
  bool has_book = false;
  book_signal book;
  std::vector<candidate_index> candidates;
};

struct candidate {
  bool live = false;  ///< false: a free place in the table
  opportunity_kind kind = opportunity_kind::complement;
  market_id market;
  bool approved = false;
  std::vector<slot_index> legs;
  std::int64_t payoff_units = 1;  ///< dollars that one bundle pays in the worst outcome
  timestamp rests_until{};
  std::string last_gate;
  timestamp last_refusal{};
};

/// Why a candidate was not taken.
struct failed_gate {
  std::string_view gate;
  std::int64_t margin = 0;
  std::string_view unit;
};

}  // namespace cornice::strategy
