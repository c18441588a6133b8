// Encoding and decoding of whole messages by their field lists. Included by the codec_*.cpp files
// alone, each of which defines the lists of its messages.
#pragma once

#include "model/json_reader.hpp"
#include "model/json_writer.hpp"

#include <string>
#include <utility>

namespace cornice::json {

template <class T>
std::string encode_message(const T& m) {
  std::string out;
  write(out, m);
  return out;
}

/// Parses a bounded body and hands its root to `use`; errors of `use` come back through the node.
/// Errors: out_of_range (too large), malformed (not JSON).
result<simdjson::dom::element> parse_body(simdjson::dom::parser& parser, std::string_view body);

template <class T>
result<T> decode_message(simdjson::dom::parser& parser, std::string_view body) {
  CORNICE_TRY(root, parse_body(parser, body));
  std::optional<error> failure;
  T message;
  read_value(node{root, failure}, message);
  if (failure) return std::move(*failure);
  return message;
}

template <class T>
result<T> decode_message(std::string_view body) {
  simdjson::dom::parser parser;
  return decode_message<T>(parser, body);
}

}  // namespace cornice::json

/// Defines encode and decode of a message whose schema stands above.
#define CORNICE_CODEC(type)                    \
  std::string encode(const type& m) {          \
    return json::encode_message(m);            \
  }                                            \
  template <>                                  \
  result<type> decode(std::string_view body) { \
    return json::decode_message<type>(body);   \
  }
