#include "model/json_codec.hpp"

#include <algorithm>

namespace cornice::json {

result<simdjson::dom::element> parse_body(simdjson::dom::parser& parser, std::string_view body) {
  if (body.size() > max_bus_message_bytes)
    return error{errc::out_of_range, "message: has " + std::to_string(body.size()) +
                                         " bytes, at most " +
                                         std::to_string(max_bus_message_bytes) + " are allowed"};
  // Sizing here sets the depth limit too; the parser keeps what it has when that is enough.
  constexpr std::size_t usual_bytes = 4096;
  if (parser.capacity() < body.size() || parser.max_depth() != max_bus_depth) {
    if (const auto failed = parser.allocate(std::max(body.size(), usual_bytes), max_bus_depth))
      return error{errc::internal, std::string{"JSON parser: "}.append(error_message(failed))};
  }
  simdjson::dom::element root;
  // The parser copies the body into a buffer of its own, because it reads beyond the end.
  if (const auto failed = parser.parse(body.data(), body.size()).get(root))
    return error{errc::malformed, std::string{"message: not the JSON of a bus message: "}.append(
                                      error_message(failed))};
  return root;
}

}  // namespace cornice::json
