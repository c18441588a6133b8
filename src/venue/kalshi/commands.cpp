#include "cornice/venue/kalshi/commands.hpp"

#include "cornice/venue/kalshi/ws.hpp"
#include "venue/kalshi/json_fields.hpp"

namespace cornice::venue::kalshi {
namespace {

// All parameters of all commands; which of them matter depends on the command.
struct params {
  std::optional<std::vector<std::string>> channels;
  std::optional<std::string> market_ticker;
  std::vector<std::string> market_tickers;
  std::optional<bool> use_yes_price;
  std::optional<bool> send_initial_snapshot;
  std::optional<bool> skip_ticker_ack;
  std::optional<std::int64_t> sid;
  std::optional<std::vector<std::int64_t>> sids;
  std::optional<std::string> action;
};

struct command_body {
  std::int64_t id = 0;
  std::string cmd;
  std::optional<kalshi::params> params;
};

}  // namespace

namespace json {

template <>
struct codec<params> {
  using t = params;
  static constexpr auto table = fields<t>(
      optional<&t::channels>("channels"), optional<&t::market_ticker>("market_ticker"),
      optional<&t::market_tickers>("market_tickers"), optional<&t::use_yes_price>("use_yes_price"),
      optional<&t::send_initial_snapshot>("send_initial_snapshot"),
      optional<&t::skip_ticker_ack>("skip_ticker_ack"), optional<&t::sid>("sid"),
      optional<&t::sids>("sids"), optional<&t::action>("action"));
};

template <>
struct codec<command_body> {
  using t = command_body;
  static constexpr auto table =
      fields<t>(optional<&t::id>("id"), required<&t::cmd>("cmd"), optional<&t::params>("params"));
};

}  // namespace json

namespace ws {
namespace {

using decoded = std::variant<command, command_refusal>;

struct params_writer {
  json::writer& w;

  void operator()(const subscribe& s) const {
    open("subscribe");
    json::write_member(w, "channels", s.channels);
    if (!s.market_tickers.empty()) json::write_member(w, "market_tickers", s.market_tickers);
    json::write_member(w, "use_yes_price", s.use_yes_price);
    json::write_member(w, "send_initial_snapshot", s.send_initial_snapshot);
    json::write_member(w, "skip_ticker_ack", s.skip_ticker_ack);
    w.end_object();
  }
  void operator()(const update_subscription& u) const {
    open("update_subscription");
    json::write_member(w, "sid", u.sid);
    json::write_member(w, "action", to_string(u.action));
    json::write_member(w, "market_tickers", u.market_tickers);
    w.end_object();
  }
  void operator()(const unsubscribe& u) const {
    open("unsubscribe");
    json::write_member(w, "sids", u.sids);
    w.end_object();
  }
  void operator()(const list_subscriptions&) const {
    json::write_member(w, "cmd", std::string_view{"list_subscriptions"});
  }
  void open(std::string_view cmd) const {
    json::write_member(w, "cmd", cmd);
    w.key("params");
    w.begin_object();
  }
};

command_refusal refusal(std::int64_t id, std::int64_t code, std::string_view msg) {
  return {id, code, std::string{msg}};
}

std::optional<subscription_action> action_of(std::string_view text) {
  for (const auto a : {subscription_action::add_markets, subscription_action::delete_markets,
                       subscription_action::get_snapshot})
    if (to_string(a) == text) return a;
  return std::nullopt;
}

decoded decode_subscribe(std::int64_t id, params& p) {
  if (!p.channels || p.channels->empty()) return refusal(id, 3, "Channels required");
  subscribe out{std::move(*p.channels), std::move(p.market_tickers), p.use_yes_price,
                p.send_initial_snapshot, p.skip_ticker_ack};
  for (const auto& name : out.channels)
    if (name == channel::orderbook && out.market_tickers.empty())
      return refusal(id, error_code::market_ticker_required, "Market Ticker required");
  return command{id, std::move(out)};
}

decoded decode_update(std::int64_t id, params& p) {
  const std::size_t named = (p.sid ? 1u : 0u) + (p.sids ? p.sids->size() : 0u);
  if (named != 1)
    return refusal(id, error_code::exactly_one_sid, "Exactly one subscription ID is required");
  if (!p.action) return refusal(id, 15, "Action required");
  const auto action = action_of(*p.action);
  if (!action) return refusal(id, error_code::unsupported_action, "Unsupported action");
  if (p.market_tickers.empty())
    return refusal(id, error_code::market_ticker_required, "Market Ticker required");
  return command{id, update_subscription{p.sid ? *p.sid : p.sids->front(), *action,
                                         std::move(p.market_tickers)}};
}

}  // namespace

std::string_view to_string(subscription_action a) noexcept {
  switch (a) {
    case subscription_action::add_markets:
      return "add_markets";
    case subscription_action::delete_markets:
      return "delete_markets";
    case subscription_action::get_snapshot:
      return "get_snapshot";
  }
  return "unknown";
}

std::string encode_command(const command& c) {
  std::string out;
  json::writer w{out};
  w.begin_object();
  json::write_member(w, "id", c.id);
  std::visit(params_writer{w}, c.body);
  w.end_object();
  return out;
}

std::variant<command, command_refusal> decode_command(std::string_view text) {
  auto body = json::decode_object<command_body>(text);
  if (!body) return refusal(0, error_code::unable_to_process, "Unable to process message");
  const std::int64_t id = body->id;
  if (body->cmd == "list_subscriptions") return command{id, list_subscriptions{}};
  const bool known =
      body->cmd == "subscribe" || body->cmd == "update_subscription" || body->cmd == "unsubscribe";
  if (!known) return refusal(id, error_code::unknown_command, "Unknown command");
  if (!body->params) return refusal(id, 2, "Params required");
  params& p = *body->params;
  if (p.market_ticker) p.market_tickers.push_back(std::move(*p.market_ticker));
  if (body->cmd == "subscribe") return decode_subscribe(id, p);
  if (body->cmd == "update_subscription") return decode_update(id, p);
  if (p.sid && !p.sids) p.sids = std::vector<std::int64_t>{*p.sid};
  if (!p.sids || p.sids->empty()) return refusal(id, 4, "Subscription IDs required");
  return command{id, unsubscribe{std::move(*p.sids)}};
}

}  // namespace ws
}  // namespace cornice::venue::kalshi
