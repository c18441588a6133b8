// The limit of decoding: simdjson over the same bytes, visiting every value and keeping none.
#pragma once

#include "bench.hpp"

#include <simdjson.h>

#include <string>
#include <vector>

namespace cornice_bench {

/// Frames in one block of memory, each with the padding that simdjson wants, so that neither side
/// of a comparison pays for cache misses that the other does not.
class frame_tape {
 public:
  void add(const std::string& text) {
    at_.push_back({bytes_.size(), text.size()});
    bytes_ += text;
    bytes_.append(simdjson::SIMDJSON_PADDING, ' ');
  }
  [[nodiscard]] std::size_t size() const noexcept { return at_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    return std::string_view{bytes_}.substr(at_[i].begin, at_[i].size);
  }
  [[nodiscard]] double mean_bytes() const {
    double sum = 0;
    for (const extent& e : at_) sum += static_cast<double>(e.size);
    return sum / static_cast<double>(at_.size());
  }

 private:
  struct extent {
    std::size_t begin;
    std::size_t size;
  };
  std::string bytes_;
  std::vector<extent> at_;
};

/// The DOM parser converts every string and number while it builds its tape.
inline void parse_dom(simdjson::dom::parser& parser, const frame_tape& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::string_view f = frames[i];
    simdjson::dom::element root;
    require(!parser.parse(f.data(), f.size(), false).get(root), "the DOM parser refused a frame");
    keep(root);
  }
}

inline std::size_t visit(simdjson::ondemand::value value) {
  using simdjson::ondemand::json_type;
  std::size_t sum = 0;
  switch (value.type().value()) {
    case json_type::object:
      for (auto field : value.get_object()) {
        keep(field.key());
        sum += visit(field.value());
      }
      break;
    case json_type::array:
      for (auto element : value.get_array()) sum += visit(element.value());
      break;
    case json_type::string:
      sum += value.get_string().value().size();
      break;
    case json_type::number:
      sum += static_cast<std::size_t>(value.get_number().value().is_int64());
      break;
    case json_type::boolean:
      sum += value.get_bool().value() ? 1u : 0u;
      break;
    default:
      break;
  }
  return sum;
}

inline void parse_ondemand(simdjson::ondemand::parser& parser, const frame_tape& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::string_view f = frames[i];
    simdjson::ondemand::document document =
        parser.iterate(simdjson::padded_string_view{f, f.size() + simdjson::SIMDJSON_PADDING});
    keep(visit(document.get_value()));
  }
}

}  // namespace cornice_bench
