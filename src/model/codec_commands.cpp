#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<command_request> {
  static void fields(auto& io, auto& m) {
    io("name", m.name, as_word);
    io("scope", m.scope, as_word);
    io("argument", m.argument, as_rules);
    io("reason", m.reason, as_text);
    io("caller", m.caller, as_word);
    io("request_id", m.request_id, as_word);
    io("issued", m.issued);
    io("expires", m.expires);
  }
};

template <>
struct schema<command_reply> {
  static void fields(auto& io, auto& m) {
    io("request_id", m.request_id, as_word);
    io("accepted", m.accepted);
    io("message", m.message, as_text);
  }
};

}  // namespace json

CORNICE_CODEC(command_request)
CORNICE_CODEC(command_reply)

}  // namespace cornice
