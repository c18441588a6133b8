#include "cornice/api/api_service.hpp"

#include "api/live_model.hpp"
#include "api/pages.hpp"
#include "api/problem.hpp"
#include "cornice/api/tokens.hpp"
#include "cornice/api/views.hpp"
#include "cornice/infra/http_server.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"

#include <nlohmann/json.hpp>

#include <random>

namespace cornice::api {

using namespace std::chrono_literals;
using infra::server_request;
using infra::server_response;
using nlohmann::ordered_json;

namespace {

constexpr auto view_deadline = 5s;
constexpr std::string_view api_prefix = "/api/v1/";
constexpr std::string_view admin_prefix = "/api/v1/admin/";

bool on_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

std::string random_id() {
  std::random_device device;
  const auto half = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
  const std::uint64_t high = half();
  return make_uuid(high, half());
}

bool is_admin_command(std::string_view name) {
  return name == "halt" || name == "resume" || name == "cancel-all";
}

}  // namespace

struct api_service::state : std::enable_shared_from_this<api_service::state> {
  state(api_config c, api_environment e)
      : config{std::move(c)}, env{std::move(e)}, live{static_cast<std::size_t>(config.books_max)} {}

  api_config config;
  api_environment env;
  live_model live;
  token_list tokens;
  std::unique_ptr<infra::http_server> server;
  infra::logger log{"api"};

  result<void> read_tokens();
  infra::task<server_response> handle(server_request r);
  infra::task<server_response> read_view(const view& v, server_request r);
  infra::task<server_response> admin(std::string name, server_request r);
  result<token_entry> authorise(const server_request& r, role needed) const;
  server_response health() const;
  server_response books(const server_request& r) const;
  result<command_request> command_of(const std::string& name, const server_request& r,
                                     const std::string& caller) const;
};

api_service::api_service(api_config config, api_environment environment)
    : state_{std::make_shared<state>(std::move(config), std::move(environment))} {}
// The server's handler holds the state that owns the server.
api_service::~api_service() {
  state_->server.reset();
}

void api_service::declare() {
  infra::amqp_queue live;
  live.bindings = {{std::string{topic::signal}, "book.#"}, {std::string{topic::signal}, "feed.#"}};
  live.max_length = 20'000;
  live.auto_ack = true;
  state_->env.bus.consume(std::move(live),
                          [s = state_](infra::amqp_delivery d) { s->live.take(d); });
}

result<void> api_service::start() {
  CORNICE_CHECK_OK(state_->read_tokens());
  infra::http_server_config c;
  c.address = state_->config.address;
  c.port = static_cast<std::uint16_t>(state_->config.port);
  c.certificate_file = state_->config.certificate_file;
  c.private_key_file = state_->config.private_key_file;
  state_->server = std::make_unique<infra::http_server>(
      state_->env.loop, std::move(c),
      [s = state_](server_request r) { return s->handle(std::move(r)); }, state_->env.metrics);
  return state_->server->start();
}

std::uint16_t api_service::port() const noexcept {
  return state_->server ? state_->server->port() : 0;
}

infra::task<> api_service::shutdown(std::chrono::milliseconds limit) {
  if (state_->server) co_await state_->server->shutdown(limit);
}

result<void> api_service::state::read_tokens() {
  if (config.tokens_file.empty()) return {};
  CORNICE_TRY(text, infra::read_secret(config.tokens_file));
  auto parsed = token_list::parse(text);
  if (!parsed) return parsed.error().within(config.tokens_file);
  tokens = std::move(*parsed);
  return {};
}

result<token_entry> api_service::state::authorise(const server_request& r, role needed) const {
  const auto header = r.headers.get("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!header || !header->starts_with(scheme))
    return error{errc::unauthorized,
                 "this endpoint needs the header \"Authorization: Bearer <token>\""};
  auto entry = tokens.find(header->substr(scheme.size()));
  if (!entry) return error{errc::unauthorized, "the bearer token is not known"};
  if (entry->may < needed)
    return error{errc::refused, "token \"" + entry->name + "\" has role " +
                                    std::string{to_string(entry->may)} + "; " +
                                    std::string{to_string(needed)} + " is needed"};
  return std::move(*entry);
}

server_response api_service::state::health() const {
  ordered_json components = ordered_json::array();
  for (const infra::component_health& c : env.health())
    components.push_back({{"name", c.name},
                          {"state", infra::to_string(c.state)},
                          {"reason", c.reason},
                          {"restarts", c.restarts},
                          {"since", to_rfc3339(c.since)},
                          {"required", c.required}});
  ordered_json feeds = ordered_json::array();
  for (const auto& [venue, f] : live.feeds())
    feeds.push_back({{"venue", to_string(venue)},
                     {"state", to_string(f.state)},
                     {"reason", f.reason},
                     {"contracts_wanted", f.contracts_wanted},
                     {"contracts_usable", f.contracts_usable},
                     {"connections", f.connections},
                     {"trading_active", f.trading_active},
                     {"observed", to_rfc3339(f.observed)}});
  const ordered_json body = {{"ready", env.ready()},
                             {"mode", env.mode},
                             {"version", env.version},
                             {"time", to_rfc3339(env.time.now())},
                             {"components", std::move(components)},
                             {"feeds", std::move(feeds)},
                             {"database", env.db.connected() ? "" : env.db.last_error()},
                             {"broker", env.bus.last_error()}};
  return json_answer(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

server_response api_service::state::books(const server_request& r) const {
  const auto pairs = infra::parse_query(r.query);
  if (!pairs) return problem(pairs.error());
  // The same parameters as the other views, checked the same way.
  const view like_books{"books", "", {}, {{"venue", "?"}, {"contract", "?"}}, {}, {}, false, false};
  std::vector<std::pair<std::string, std::string>> checked;
  std::string cursor;
  for (const auto& [name, value] : *pairs) {
    if (name == "cursor")
      cursor = value;
    else
      checked.emplace_back(name, value);
  }
  const auto q = parse_view_query(like_books, checked);
  if (!q) return problem(q.error());
  const auto text = [&q](const char* name) {
    const auto at = q->filters.find(name);
    return at == q->filters.end() ? std::string{} : at->second;
  };
  return json_answer(
      live.books_page(text("venue"), text("contract"), cursor, static_cast<std::size_t>(q->limit)));
}

infra::task<server_response> api_service::state::read_view(const view& v, server_request r) {
  const auto pairs = infra::parse_query(r.query);
  if (!pairs) co_return problem(pairs.error());
  auto q = parse_view_query(v, *pairs);
  if (!q) co_return problem(q.error());
  q->mode = env.mode;
  auto statement = statement_of(v, *q);
  if (!statement) co_return problem(statement.error());
  const auto rows =
      co_await env.db.exec(view_deadline, std::move(statement->sql), std::move(statement->params));
  if (!rows) co_return problem(rows.error());
  co_return json_answer(page_of(v, *q, *rows));
}

result<command_request> api_service::state::command_of(const std::string& name,
                                                       const server_request& r,
                                                       const std::string& caller) const {
  const auto body =
      r.body.empty() ? nlohmann::json::object() : nlohmann::json::parse(r.body, nullptr, false);
  if (!body.is_object())
    return error{errc::malformed, "the body must be a JSON object {\"scope\",\"reason\"}"};
  command_request c;
  c.name = name;
  c.scope = "global";
  for (const auto& [key, value] : body.items()) {
    if (!value.is_string()) return error{errc::malformed, "/" + key + " must be a string"};
    if (key == "scope")
      c.scope = value.get<std::string>();
    else if (key == "reason")
      c.reason = value.get<std::string>();
    else if (key == "request_id")
      c.request_id = value.get<std::string>();
    else
      return error{errc::invalid_argument,
                   "/" + key + " is not known; known are scope, reason, request_id"};
  }
  if (c.scope != "global" && !parse_venue(c.scope))
    return error{errc::invalid_argument,
                 "/scope must be \"global\" or a venue, not \"" + c.scope + "\""};
  if (c.reason.empty())
    return error{errc::missing_field, "/reason is missing: say why, it goes into the audit trail"};
  if (c.request_id.empty()) c.request_id = random_id();
  c.caller = caller;
  c.issued = env.time.now();
  c.expires = c.issued + std::chrono::milliseconds{config.command_timeout_ms};
  return c;
}

infra::task<server_response> api_service::state::admin(std::string name, server_request r) {
  if (r.method != infra::http_method::post) {
    auto answer = problem(405, "method_not_allowed", "admin actions are POST");
    answer.headers.add("Allow", "POST");
    co_return answer;
  }
  const auto who = authorise(r, role::operator_);
  if (!who) {
    log.warn("admin_refused",
             {{"action", name}, {"remote", r.remote_address}, {"error", who.error().message}});
    co_return problem(who.error());
  }
  const auto command = command_of(name, r, who->name);
  if (!command) co_return problem(command.error());
  log.warn("admin_action", {{"action", name},
                            {"scope", command->scope},
                            {"by", who->name},
                            {"reason", command->reason}});
  infra::amqp_message m;
  m.topic = topic::command;
  m.routing_key = name;
  m.type = message_type<command_request>();
  m.message_id = command->request_id;
  m.user = command->caller;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(command->issued) / 1000);
  m.schema_version = bus_schema_version;
  m.expiration_ms = config.command_timeout_ms;
  m.body = encode(*command);
  const auto answer =
      co_await env.bus.request(std::move(m), std::chrono::milliseconds{config.command_timeout_ms});
  if (!answer)
    co_return problem(
        answer.error().within("the command was not confirmed; it may still have been carried out"));
  const auto reply = decode<command_reply>(answer->body);
  if (!reply) co_return problem(reply.error());
  const ordered_json body = {{"request_id", reply->request_id},
                             {"accepted", reply->accepted},
                             {"message", reply->message}};
  co_return json_answer(body.dump(), reply->accepted ? 200 : 409);
}

infra::task<server_response> api_service::state::handle(server_request r) {
  if (r.path == "/health/live") co_return json_answer(R"({"live":true})");
  if (r.path == "/health/ready") {
    const bool ready = env.ready();
    co_return json_answer(ready ? R"({"ready":true})" : R"({"ready":false})", ready ? 200U : 503U);
  }
  if (r.path == "/health") co_return health();
  if (r.path == "/metrics") {
    server_response out;
    out.content_type = "text/plain; version=0.0.4; charset=utf-8";
    out.body = env.metrics.expose();
    co_return out;
  }
  if (r.path.starts_with(admin_prefix)) {
    const std::string name = r.path.substr(admin_prefix.size());
    if (is_admin_command(name)) co_return co_await admin(name, std::move(r));
    co_return problem(404, "not_found", "known admin actions are halt, resume, cancel-all");
  }
  if (!on_loopback(config.address)) {
    const auto who = authorise(r, role::viewer);
    if (!who) co_return problem(who.error());
  }
  if (r.method != infra::http_method::get && r.method != infra::http_method::head) {
    auto answer = problem(405, "method_not_allowed", r.method_text + " is not possible here");
    answer.headers.add("Allow", "GET, HEAD");
    co_return answer;
  }
  if (r.path == "/") co_return start_page();
  if (r.path == "/openapi.json") co_return openapi_document();
  if (r.path == "/docs") co_return docs_page();
  if (r.path.starts_with(api_prefix)) {
    const std::string name = r.path.substr(api_prefix.size());
    if (name == "books") co_return books(r);
    if (name == "config")
      co_return json_answer(R"({"items":[)" + env.config_values + R"(],"next_cursor":null})");
    if (const view* v = find_view(name)) co_return co_await read_view(*v, std::move(r));
  }
  co_return problem(404, "not_found", r.path + " does not exist; /docs lists what does");
}

}  // namespace cornice::api
