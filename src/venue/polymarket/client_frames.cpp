#include "cornice/venue/polymarket/requests.hpp"
#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_writer.hpp"

namespace cornice::venue::polymarket::ws {
namespace {

// Absent is false at the venue, true for what we send ourselves.
bool flag(json_fields& f, std::string_view name, bool when_absent) {
  return f.boolean(name).value_or(when_absent);
}

result<client_frame> decode_operation(json_fields& f) {
  const std::string operation = f.text("operation");
  market_operation out;
  if (operation != "subscribe" && operation != "unsubscribe")
    f.fail(errc::malformed, "operation", "is neither subscribe nor unsubscribe");
  out.subscribe = operation == "subscribe";
  if (!f.has("assets_ids")) f.fail(errc::missing_field, "assets_ids", "is missing");
  out.assets_ids = f.strings("assets_ids");
  out.custom_features = flag(f, "custom_feature_enabled", false);
  if (!f.ok()) return f.problem();
  return client_frame{std::move(out)};
}

result<client_frame> decode_subscription(json_fields& f) {
  market_subscription out;
  const std::string type = f.text("type");
  if (type != "market" && type != "MARKET") f.fail(errc::malformed, "type", "is not market");
  if (!f.has("assets_ids")) f.fail(errc::missing_field, "assets_ids", "is missing");
  out.assets_ids = f.strings("assets_ids");
  out.custom_features = flag(f, "custom_feature_enabled", false);
  out.initial_dump = flag(f, "initial_dump", true);
  out.level = f.integer("level").value_or(2);
  if (out.level < 1 || out.level > 3) f.fail(errc::out_of_range, "level", "is not 1, 2 or 3");
  if (!f.ok()) return f.problem();
  return client_frame{std::move(out)};
}

}  // namespace

std::string encode(const market_subscription& m) {
  json_writer w;
  w.begin_object().field("type", "market").strings("assets_ids", m.assets_ids);
  w.key("custom_feature_enabled").boolean(m.custom_features);
  w.key("initial_dump").boolean(m.initial_dump);
  w.raw_field("level", std::to_string(m.level));
  return w.end_object().take();
}

std::string encode(const market_operation& m) {
  json_writer w;
  w.begin_object().field("operation", m.subscribe ? "subscribe" : "unsubscribe");
  w.strings("assets_ids", m.assets_ids);
  if (m.subscribe) w.key("custom_feature_enabled").boolean(m.custom_features);
  return w.end_object().take();
}

result<client_frame> decode_client_frame(std::string_view text) {
  if (text == ping_text) return client_frame{ping_frame{}};
  json_tree tree;
  CORNICE_TRY(root, tree.parse(text));
  json_fields f{root, ""};
  if (!f.ok()) return f.problem();
  return f.has("operation") ? decode_operation(f) : decode_subscription(f);
}

}  // namespace cornice::venue::polymarket::ws
