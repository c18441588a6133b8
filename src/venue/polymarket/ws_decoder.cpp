#include "cornice/venue/polymarket/ws.hpp"
#include "venue/polymarket/short_level.hpp"
#include "venue/polymarket/ws_fields.hpp"

#include <simdjson.h>

#include <cstring>

namespace cornice::venue::polymarket::ws {
namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

constexpr std::size_t max_messages = 4096;  // the initial dump has one a subscribed asset
constexpr std::size_t max_total_levels = 1u << 20;

/// Where a message's levels or changes lie in the shared buffers, which may still move.
struct extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  template <class T>
  [[nodiscard]] std::span<const T> of(const std::vector<T>& all) const {
    return std::span{all}.subspan(begin, end - begin);
  }
};
struct extents {
  extent bids;
  extent asks;
  extent changes;
};

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Simdjson has verified the quotes, so the key ends at the next one; an escaped quote inside cuts
// the key short, and what remains is then no key of ours.
std::string_view key_text(const ondemand::raw_json_string& key, const char* end) {
  const char* const begin = key.raw();
  const void* const quote = std::memchr(begin, '"', static_cast<std::size_t>(end - begin));
  return quote == nullptr ? std::string_view{}
                          : std::string_view{begin, static_cast<const char*>(quote)};
}

}  // namespace

class decoder::state {
 public:
  result<frame> decode(std::string_view bytes);

 private:
  /// What one object held: its scalars, and where its arrays went.
  struct gathered {
    scalar_fields fields;
    extents at;
    bool has_bids = false;
    bool has_asks = false;
    bool has_changes = false;
    bool legacy_changes = false;   ///< the list is `changes`, whose asset is named outside
    std::optional<error> problem;  ///< the first; the object is still read to its end
    void fail(error e) {
      if (!problem) problem = std::move(e);
    }
  };

  error_code read_frame();
  error_code read_object(ondemand::object object, const char* begin);
  error_code gather(ondemand::object object, gathered& out);
  error_code read_scalar(ondemand::value value, key_id k, gathered& out, scalar_fields& into);
  error_code read_levels(ondemand::value value, std::string_view name, gathered& out);
  error_code read_level(ondemand::object object, std::string_view name, gathered& out);
  error_code read_changes(ondemand::value value, gathered& out);
  void add_message(gathered& g, std::string_view object_text);
  void add_price_change(gathered& g);
  void add_book(gathered& g);
  void add_bad(const gathered& g, std::string_view type, error why);
  template <class T>
  void add(const gathered& g, std::string_view type, result<T> made);
  void bind_extents();

  ondemand::parser parser_;
  ondemand::document doc_;
  std::vector<char> buffer_;
  const char* end_ = nullptr;
  std::vector<wire_level> levels_;
  std::vector<level_change> changes_;
  std::vector<message> messages_;
  std::vector<extents> extents_;
};

error_code decoder::state::read_scalar(ondemand::value value, key_id k, gathered& out,
                                       scalar_fields& into) {
  std::string_view token;
  if (const auto code =
          simdjson::simdjson_result<std::string_view>{value.raw_json_token()}.get(token))
    return code;
  // A token runs up to the next structural character; blanks in between are its tail.
  while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
  if (token.empty()) return simdjson::TAPE_ERROR;
  switch (token.front()) {
    case '"': {
      // Copying through an unescape buffer is only needed for escapes.
      if (token.size() < 2 || token.back() != '"') return simdjson::STRING_ERROR;
      std::string_view text = token.substr(1, token.size() - 2);
      if (std::memchr(text.data(), '\\', text.size()) != nullptr)
        if (const auto code = value.get_string().get(text)) return code;
      into.set(k, text);
      return simdjson::SUCCESS;
    }
    case '{':
    case '[':
      out.fail({errc::malformed, "a field that should be a string is an object or an array"});
      return simdjson::SUCCESS;
    case 'n':
      return simdjson::SUCCESS;
    default:
      into.set(k, token);
      return simdjson::SUCCESS;
  }
}

error_code decoder::state::read_level(ondemand::object object, std::string_view name,
                                      gathered& out) {
  scalar_fields f;
  for (auto member : object) {
    ondemand::field field;
    if (const auto code = std::move(member).get(field)) return code;
    const key_id k = key_of(key_text(field.key(), end_));
    if (k != key_id::price && k != key_id::size) continue;
    if (const auto code = read_scalar(field.value(), k, out, f)) return code;
  }
  if (!f.has(key_id::price) || !f.has(key_id::size)) {
    out.fail({errc::missing_field, "/" + std::string{name} + ": a level lacks price or size"});
    return simdjson::SUCCESS;
  }
  if (levels_.size() >= max_total_levels) {
    out.fail({errc::out_of_range, "a frame has more than 2^20 levels"});
    return simdjson::SUCCESS;
  }
  wire_level quick;
  if (parse_short_level(f[key_id::price], f[key_id::size], quick)) {
    levels_.push_back(quick);
    return simdjson::SUCCESS;
  }
  const auto level = parse_level(f[key_id::price], f[key_id::size]);
  if (level)
    levels_.push_back(*level);
  else
    out.fail(level.error().within("/" + std::string{name}));
  return simdjson::SUCCESS;
}

error_code decoder::state::read_levels(ondemand::value value, std::string_view name,
                                       gathered& out) {
  ondemand::array array;
  if (value.get_array().get(array)) {
    out.fail({errc::malformed, "/" + std::string{name} + " is not an array"});
    return simdjson::SUCCESS;
  }
  for (auto element : array) {
    ondemand::value item;
    if (const auto code = element.get(item)) return code;
    ondemand::object object;
    if (item.get_object().get(object)) {
      out.fail({errc::malformed, "/" + std::string{name} + ": a level is not an object"});
      continue;
    }
    if (const auto code = read_level(object, name, out)) return code;
  }
  return simdjson::SUCCESS;
}

error_code decoder::state::read_changes(ondemand::value value, gathered& out) {
  ondemand::array array;
  if (value.get_array().get(array)) {
    out.fail({errc::malformed, "/price_changes is not an array"});
    return simdjson::SUCCESS;
  }
  for (auto element : array) {
    ondemand::value item;
    if (const auto code = element.get(item)) return code;
    ondemand::object object;
    if (item.get_object().get(object)) {
      out.fail({errc::malformed, "/price_changes: an entry is not an object"});
      continue;
    }
    scalar_fields f;
    for (auto member : object) {
      ondemand::field field;
      if (const auto code = std::move(member).get(field)) return code;
      const key_id k = key_of(key_text(field.key(), end_));
      if (k >= key_id::bids) continue;
      if (const auto code = read_scalar(field.value(), k, out, f)) return code;
    }
    if (out.legacy_changes) f.set(key_id::asset_id, "0");  // replaced once the outside is read
    if (changes_.size() >= max_total_levels) {
      out.fail({errc::out_of_range, "a frame has more than 2^20 changes"});
      continue;
    }
    level_change& change = changes_.emplace_back();
    if (auto why = make_change(f, change)) {
      out.fail(why->within("/price_changes"));
      change = level_change{};
      change.asset_id = f[key_id::asset_id];
    }
  }
  return simdjson::SUCCESS;
}

error_code decoder::state::gather(ondemand::object object, gathered& out) {
  for (auto member : object) {
    ondemand::field field;
    if (const auto code = std::move(member).get(field)) return code;
    const key_id k = key_of(key_text(field.key(), end_));
    error_code code = simdjson::SUCCESS;
    switch (k) {
      case key_id::bids:
        out.has_bids = true;
        out.at.bids.begin = levels_.size();
        code = read_levels(field.value(), "bids", out);
        out.at.bids.end = levels_.size();
        break;
      case key_id::asks:
        out.has_asks = true;
        out.at.asks.begin = levels_.size();
        code = read_levels(field.value(), "asks", out);
        out.at.asks.end = levels_.size();
        break;
      case key_id::price_changes:
      case key_id::changes:
        out.has_changes = true;
        out.legacy_changes = k == key_id::changes;
        out.at.changes.begin = changes_.size();
        code = read_changes(field.value(), out);
        out.at.changes.end = changes_.size();
        break;
      case key_id::other:
        break;
      default:
        code = read_scalar(field.value(), k, out, out.fields);
        break;
    }
    if (code) return code;
  }
  return simdjson::SUCCESS;
}

void decoder::state::add_bad(const gathered& g, std::string_view type, error why) {
  bad_message bad;
  bad.type = std::string{type.substr(0, 64)};
  if (g.fields.has(key_id::asset_id)) bad.assets.emplace_back(g.fields[key_id::asset_id]);
  if (g.has_changes)
    for (const level_change& c : g.at.changes.of(changes_)) bad.assets.emplace_back(c.asset_id);
  bad.why = std::move(why);
  messages_.emplace_back(std::move(bad));
}

template <class T>
void decoder::state::add(const gathered& g, std::string_view type, result<T> made) {
  if (made)
    messages_.emplace_back(std::move(*made));
  else
    add_bad(g, type, made.error());
}

void decoder::state::add_book(gathered& g) {
  if (!g.has_bids || !g.has_asks)
    return add_bad(g, "book", {errc::missing_field, "/bids or /asks is missing"});
  add(g, "book", make_book(g.fields));
}

void decoder::state::add_price_change(gathered& g) {
  if (!g.has_changes) {  // one level at the top, as the first generation sent it
    level_change single;
    if (const auto why = make_change(g.fields, single))
      return add_bad(g, "price_change",
                     {errc::missing_field,
                      "/price_changes is missing, and as a single change: " + why->message});
    g.at.changes.begin = changes_.size();
    changes_.push_back(single);
    g.at.changes.end = changes_.size();
  } else if (g.legacy_changes) {
    const auto asset = required_asset(g.fields);
    if (!asset) return add_bad(g, "price_change", asset.error());
    for (std::size_t i = g.at.changes.begin; i < g.at.changes.end; ++i) {
      changes_[i].asset_id = *asset;
      changes_[i].hash = g.fields[key_id::hash];
    }
  }
  const auto market = required(g.fields, key_id::market, "market");
  if (!market) return add_bad(g, "price_change", market.error());
  const auto time_ms = required_time_ms(g.fields);
  if (!time_ms) return add_bad(g, "price_change", time_ms.error());
  price_change m;
  m.market = *market;
  m.timestamp_text = g.fields[key_id::timestamp];
  m.timestamp_ms = *time_ms;
  messages_.emplace_back(m);
}

void decoder::state::add_message(gathered& g, std::string_view object_text) {
  std::string_view type = g.fields[key_id::event_type];
  // Recordings without a type exist; the two book messages are recognisable by their arrays.
  if (!g.fields.has(key_id::event_type)) {
    if (g.has_changes) type = "price_change";
    if (g.has_bids && g.has_asks) type = "book";
  }
  if (type == "new_market") return add(g, type, decode_new_market(object_text));
  if (type == "market_resolved") return add(g, type, decode_market_resolved(object_text));
  const bool known = type == "price_change" || type == "book" || type == "last_trade_price" ||
                     type == "best_bid_ask" || type == "tick_size_change";
  if (known && g.problem) return add_bad(g, type, *g.problem);
  if (type == "price_change") return add_price_change(g);
  if (type == "book") return add_book(g);
  if (type == "last_trade_price") return add(g, type, make_last_trade(g.fields));
  if (type == "best_bid_ask") return add(g, type, make_best_bid_ask(g.fields));
  if (type == "tick_size_change") return add(g, type, make_tick_size_change(g.fields));
  messages_.emplace_back(unknown_message{std::string{type.substr(0, 64)}});
}

error_code decoder::state::read_object(ondemand::object object, const char* begin) {
  gathered g;
  if (const auto code = gather(object, g)) return code;
  const char* stop = end_;
  if (doc_.current_location().get(stop)) stop = end_;  // nothing follows
  std::string_view text{begin, static_cast<std::size_t>(stop - begin)};
  text = text.substr(0, text.rfind('}') + 1);
  add_message(g, text);
  extents_.push_back(g.at);
  return simdjson::SUCCESS;
}

error_code decoder::state::read_frame() {
  ondemand::json_type type{};
  if (const auto code = doc_.type().get(type)) return code;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto code = doc_.get_object().get(object)) return code;
    return read_object(object, buffer_.data());
  }
  ondemand::array array;
  if (const auto code = doc_.get_array().get(array)) return code;
  for (auto element : array) {
    ondemand::value value;
    if (const auto code = element.get(value)) return code;
    std::string_view token;
    if (const auto code =
            simdjson::simdjson_result<std::string_view>{value.raw_json_token()}.get(token))
      return code;
    if (messages_.size() >= max_messages) return simdjson::CAPACITY;
    ondemand::object object;
    if (value.get_object().get(object)) {
      messages_.emplace_back(
          bad_message{"", {}, {errc::malformed, "an element of the frame is not an object"}});
      extents_.emplace_back();
      continue;
    }
    if (const auto code = read_object(object, token.data())) return code;
  }
  return simdjson::SUCCESS;
}

void decoder::state::bind_extents() {
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const extents& at = extents_[i];
    if (auto* book = std::get_if<book_view>(&messages_[i])) {
      book->bids = at.bids.of(levels_);
      book->asks = at.asks.of(levels_);
    } else if (auto* change = std::get_if<price_change>(&messages_[i])) {
      change->changes = at.changes.of(changes_);
    }
  }
}

result<frame> decoder::state::decode(std::string_view bytes) {
  if (bytes.size() > max_frame_bytes)
    return error{errc::out_of_range, "frame of " + std::to_string(bytes.size()) +
                                         " bytes is larger than " +
                                         std::to_string(max_frame_bytes)};
  levels_.clear();
  changes_.clear();
  messages_.clear();
  extents_.clear();
  const std::string_view trimmed = without_blanks(bytes);
  if (trimmed == "PONG") return frame{frame_kind::pong, {}, {}};
  const std::size_t size = trimmed.size();
  if (buffer_.size() < size + simdjson::SIMDJSON_PADDING)
    buffer_.resize(2 * size + simdjson::SIMDJSON_PADDING);
  if (size != 0) std::memcpy(buffer_.data(), trimmed.data(), size);
  std::memset(buffer_.data() + size, 0, simdjson::SIMDJSON_PADDING);
  end_ = buffer_.data() + size;
  if (size == 0 || (buffer_[0] != '{' && buffer_[0] != '['))
    return frame{frame_kind::notice, {}, {buffer_.data(), size}};

  const simdjson::padded_string_view view{buffer_.data(), size, buffer_.size()};
  error_code code = parser_.iterate(view).get(doc_);
  if (!code) code = read_frame();
  if (!code && doc_.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return error{errc::malformed, "frame has bytes after its end"};
  if (code)
    return error{errc::malformed,
                 std::string{"frame is not JSON: "} + simdjson::error_message(code)};
  bind_extents();
  return frame{frame_kind::messages, messages_, {}};
}

decoder::decoder() : state_{std::make_unique<state>()} {}
decoder::~decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
result<frame> decoder::decode(std::string_view bytes) {
  return state_->decode(bytes);
}

}  // namespace cornice::venue::polymarket::ws
