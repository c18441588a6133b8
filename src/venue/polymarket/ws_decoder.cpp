#include "cornice/venue/polymarket/ws.hpp"
#include "venue/polymarket/short_level.hpp"
#include "venue/polymarket/ws_assembly.hpp"
#include "venue/polymarket/ws_quick.hpp"

#include <simdjson.h>

#include <cstring>

namespace cornice::venue::polymarket::ws {
namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

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
  explicit state(reading how) : how_{how} {}
  result<frame> decode(std::string_view bytes);

 private:
  error_code read_frame();
  error_code read_object(ondemand::object object, const char* begin);
  error_code gather(ondemand::object object, gathered& out);
  error_code read_scalar(ondemand::value value, key_id k, gathered& out, scalar_fields& into);
  error_code read_levels(ondemand::value value, std::string_view name, gathered& out);
  error_code read_level(ondemand::object object, std::string_view name, gathered& out);
  error_code read_changes(ondemand::value value, gathered& out);

  reading how_;
  ondemand::parser parser_;
  ondemand::document doc_;
  std::vector<char> buffer_;
  const char* end_ = nullptr;
  assembly out_;
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
  if (out_.levels.size() >= max_total_levels) {
    out.fail({errc::out_of_range, "a frame has more than 2^20 levels"});
    return simdjson::SUCCESS;
  }
  wire_level quick;
  if (parse_short_level(f[key_id::price], f[key_id::size], quick)) {
    out_.levels.push_back(quick);
    return simdjson::SUCCESS;
  }
  const auto level = parse_level(f[key_id::price], f[key_id::size]);
  if (level)
    out_.levels.push_back(*level);
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
    if (out_.changes.size() >= max_total_levels) {
      out.fail({errc::out_of_range, "a frame has more than 2^20 changes"});
      continue;
    }
    level_change& change = out_.changes.emplace_back();
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
        out.bids.begin = out_.levels.size();
        code = read_levels(field.value(), "bids", out);
        out.bids.end = out_.levels.size();
        break;
      case key_id::asks:
        out.has_asks = true;
        out.asks.begin = out_.levels.size();
        code = read_levels(field.value(), "asks", out);
        out.asks.end = out_.levels.size();
        break;
      case key_id::price_changes:
      case key_id::changes:
        out.has_changes = true;
        out.legacy_changes = k == key_id::changes;
        out.changes.begin = out_.changes.size();
        code = read_changes(field.value(), out);
        out.changes.end = out_.changes.size();
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

error_code decoder::state::read_object(ondemand::object object, const char* begin) {
  gathered g;
  if (const auto code = gather(object, g)) return code;
  const char* stop = end_;
  if (doc_.current_location().get(stop)) stop = end_;  // nothing follows
  std::string_view text{begin, static_cast<std::size_t>(stop - begin)};
  text = text.substr(0, text.rfind('}') + 1);
  out_.add(g, text);
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
    if (out_.size() >= max_messages) return simdjson::CAPACITY;
    ondemand::object object;
    if (value.get_object().get(object)) {
      out_.add_not_an_object();
      continue;
    }
    if (const auto code = read_object(object, token.data())) return code;
  }
  return simdjson::SUCCESS;
}

result<frame> decoder::state::decode(std::string_view bytes) {
  if (bytes.size() > max_frame_bytes)
    return error{errc::out_of_range, "frame of " + std::to_string(bytes.size()) +
                                         " bytes is larger than " +
                                         std::to_string(max_frame_bytes)};
  out_.clear();
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

  const std::string_view text{buffer_.data(), size};
  if (how_ == reading::quick_first && read_quickly(text, out_))
    return frame{frame_kind::messages, out_.finish(), {}};
  out_.clear();
  const simdjson::padded_string_view view{buffer_.data(), size, buffer_.size()};
  error_code code = parser_.iterate(view).get(doc_);
  if (!code) code = read_frame();
  if (!code && doc_.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return error{errc::malformed, "frame has bytes after its end"};
  if (code)
    return error{errc::malformed,
                 std::string{"frame is not JSON: "} + simdjson::error_message(code)};
  return frame{frame_kind::messages, out_.finish(), {}};
}

decoder::decoder(reading how) : state_{std::make_unique<state>(how)} {}
decoder::~decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
result<frame> decoder::decode(std::string_view bytes) {
  return state_->decode(bytes);
}

}  // namespace cornice::venue::polymarket::ws
