#include "venue/polymarket/ws_quick.hpp"

#include "venue/plain_text.hpp"
#include "venue/polymarket/short_level.hpp"

#include <cstring>

namespace cornice::venue::polymarket::ws {
namespace {

class reader {
 public:
  reader(std::string_view text, assembly& out)
      : at_{text.data()}, end_{text.data() + text.size()}, out_{out} {}

  bool frame() {
    skip_blanks();
    const bool list = *at_ == '[';
    if (!(list ? objects() : object())) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  void skip_blanks() noexcept {
    while (is_blank(*at_)) ++at_;
  }
  bool take(char c) noexcept {
    skip_blanks();
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  // After an element: whether another follows. Anything but a comma must be `close`, which is left
  // for the caller to take.
  bool more() noexcept { return take(','); }

  bool string(std::string_view& out) noexcept {
    if (!take('"')) return false;
    const char* const begin = at_;
    at_ = end_of_plain(at_);
    if (*at_ != '"') return false;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  bool key(key_id& out) noexcept {
    std::string_view text;
    if (!string(text) || !take(':')) return false;
    out = key_of(text);
    return out != key_id::other;
  }

  // A string, or one of the flags; numbers and null are unusual here.
  bool scalar(key_id k, scalar_fields& into) noexcept {
    skip_blanks();
    std::string_view text;
    if (*at_ == '"') {
      if (!string(text)) return false;
    } else if (k == key_id::neg_risk && std::strncmp(at_, "true", 4) == 0) {
      text = {at_, 4};
      at_ += 4;
    } else if (k == key_id::neg_risk && std::strncmp(at_, "false", 5) == 0) {
      text = {at_, 5};
      at_ += 5;
    } else {
      return false;
    }
    into.set(k, text);
    return true;
  }

  // The text as the venue writes it, byte for byte. Zeros behind the frame stop the comparison.
  template <std::size_t N>
  bool verbatim(const char (&expected)[N]) noexcept {
    static_assert(N <= plain_text_padding);
    if (std::memcmp(at_, expected, N - 1) != 0) return false;
    at_ += N - 1;
    return true;
  }
  // What follows an opening quote, with the closing one. Inlined by force: a call costs as much as
  // these texts do.
  [[gnu::always_inline]] bool rest_of_string(std::string_view& out) noexcept {
    const char* const begin = at_;
    at_ = end_of_plain(at_);
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    return verbatim("\"");
  }

  // Members in the order of the venue need no look at keys; any other order is read with care.
  bool usual_level(std::string_view& price_text, std::string_view& size_text) noexcept {
    return verbatim(R"({"price":")") && rest_of_string(price_text) && verbatim(R"(,"size":")") &&
           rest_of_string(size_text) && verbatim("}");
  }
  bool any_level(std::string_view& price_text, std::string_view& size_text) noexcept {
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || (k != key_id::price && k != key_id::size)) return false;
      if (!string(k == key_id::price ? price_text : size_text)) return false;
    } while (more());
    return take('}');
  }

  bool level() {
    std::string_view price_text;
    std::string_view size_text;
    const char* const begin = at_;
    if (!usual_level(price_text, size_text)) {
      at_ = begin;
      price_text = {};
      size_text = {};
      if (!any_level(price_text, size_text)) return false;
    }
    if (out_.levels.size() >= max_total_levels) return false;
    return parse_short_level(price_text, size_text, out_.levels.emplace_back());
  }

  bool levels(extent& at) {
    at.begin = out_.levels.size();
    if (!take('[')) return false;
    if (!take(']')) {
      do {
        if (!level()) return false;
      } while (more());
      if (!take(']')) return false;
    }
    at.end = out_.levels.size();
    return true;
  }

  [[gnu::always_inline]] bool rest_of_member(key_id k, scalar_fields& into) noexcept {
    std::string_view text;
    if (!rest_of_string(text)) return false;
    into.set(k, text);
    return true;
  }
  bool usual_change(scalar_fields& f) noexcept {
    return verbatim(R"({"asset_id":")") && rest_of_member(key_id::asset_id, f) &&
           verbatim(R"(,"price":")") && rest_of_member(key_id::price, f) &&
           verbatim(R"(,"size":")") && rest_of_member(key_id::size, f) &&
           verbatim(R"(,"side":")") && rest_of_member(key_id::side, f) &&
           verbatim(R"(,"hash":")") && rest_of_member(key_id::hash, f) &&
           verbatim(R"(,"best_bid":")") && rest_of_member(key_id::best_bid, f) &&
           verbatim(R"(,"best_ask":")") && rest_of_member(key_id::best_ask, f) && verbatim("}");
  }
  bool any_change(scalar_fields& f) noexcept {
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || k >= key_id::bids || !scalar(k, f)) return false;
    } while (more());
    return take('}');
  }

  bool change() {
    scalar_fields f;
    const char* const begin = at_;
    if (!usual_change(f)) {
      at_ = begin;
      f.clear();
      if (!any_change(f)) return false;
    }
    if (out_.changes.size() >= max_total_levels) return false;
    return !make_change(f, out_.changes.emplace_back());
  }

  bool changes(extent& at) {
    at.begin = out_.changes.size();
    if (!take('[')) return false;
    if (!take(']')) {
      do {
        if (!change()) return false;
      } while (more());
      if (!take(']')) return false;
    }
    at.end = out_.changes.size();
    return true;
  }

  bool member(key_id k, gathered& g) {
    switch (k) {
      case key_id::bids:
        g.has_bids = true;
        return levels(g.bids);
      case key_id::asks:
        g.has_asks = true;
        return levels(g.asks);
      case key_id::price_changes:
        g.has_changes = true;
        g.legacy_changes = false;
        return changes(g.changes);
      case key_id::changes:
        return false;  // of the first generation
      default:
        return scalar(k, g.fields);
    }
  }

  bool usual_price_change(gathered& g) {
    g.has_changes = true;
    return verbatim(R"({"market":")") && rest_of_member(key_id::market, g.fields) &&
           verbatim(R"(,"price_changes":)") && changes(g.changes) &&
           verbatim(R"(,"timestamp":")") && rest_of_member(key_id::timestamp, g.fields) &&
           verbatim(R"(,"event_type":")") && rest_of_member(key_id::event_type, g.fields) &&
           verbatim("}");
  }
  bool any_object(gathered& g) {
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || !member(k, g)) return false;
    } while (more());
    return take('}');
  }

  bool object() {
    skip_blanks();
    const char* const begin = at_;
    const std::size_t changes_before = out_.changes.size();
    gathered g;
    if (!usual_price_change(g)) {
      at_ = begin;
      out_.changes.resize(changes_before);
      g = gathered{};
      if (!any_object(g)) return false;
    }
    if (out_.size() >= max_messages) return false;
    out_.add(g, {begin, static_cast<std::size_t>(at_ - begin)});
    return true;
  }

  bool objects() {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!object()) return false;
    } while (more());
    return take(']');
  }

  const char* at_;
  const char* end_;
  assembly& out_;
};

}  // namespace

bool read_quickly(std::string_view text, assembly& out) {
  return reader{text, out}.frame();
}

}  // namespace cornice::venue::polymarket::ws
