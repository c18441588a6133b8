// Turns the fields of one object into a message; shared by the two ways of reading a frame.
#pragma once

#include "cornice/venue/polymarket/ws.hpp"
#include "venue/polymarket/ws_fields.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket::ws {

inline constexpr std::size_t max_messages = 4096;  // the initial dump has one a subscribed asset
inline constexpr std::size_t max_total_levels = 1u << 20;

/// Where a message's levels or changes lie in the shared buffers, which may still move.
struct extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  template <class T>
  [[nodiscard]] std::span<const T> of(const std::vector<T>& all) const {
    return std::span{all}.subspan(begin, end - begin);
  }
};

/// What one object held: its scalars, and where its arrays went.
struct gathered {
  scalar_fields fields;
  extent bids;
  extent asks;
  extent changes;
  bool has_bids = false;
  bool has_asks = false;
  bool has_changes = false;
  bool legacy_changes = false;   ///< the list is `changes`, whose asset is named outside
  std::optional<error> problem;  ///< the first; the object is still read to its end
  void fail(error e) {
    if (!problem) problem = std::move(e);
  }
};

/// The messages of a frame and the buffers that they borrow from. Kept between frames.
class assembly {
 public:
  std::vector<wire_level> levels;
  std::vector<level_change> changes;

  void clear() noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  /// `object_text` is the object's JSON, for the messages that are read once more.
  void add(gathered& g, std::string_view object_text);
  void add_not_an_object();
  /// Once all are added: points the messages at their levels and changes.
  [[nodiscard]] std::span<const message> finish();

 private:
  struct extents {
    extent bids;
    extent asks;
    extent changes;
  };
  void add_message(gathered& g, std::string_view object_text);
  void add_price_change(gathered& g);
  void add_book(const gathered& g);
  void add_bad(const gathered& g, std::string_view type, error why);
  template <class T>
  void add_made(const gathered& g, std::string_view type, result<T> made);

  std::vector<message> messages_;
  std::vector<extents> extents_;
};

}  // namespace cornice::venue::polymarket::ws
