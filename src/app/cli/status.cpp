#include "app/cli/status.hpp"

#include "app/cli/table.hpp"
#include "cornice/infra/http_client.hpp"

#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include <ostream>

namespace cornice::app::cli {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr auto answer_limit = 3s;

std::string text_at(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || at->is_null()) return {};
  return at->is_string() ? at->get<std::string>()
                         : at->dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string table_at(const json& whole, const char* key, const std::vector<std::string>& fields) {
  std::vector<table_column> columns;
  for (const std::string& field : fields) columns.push_back({field, false, 80});
  std::vector<std::vector<std::string>> rows;
  const auto list = whole.find(key);
  if (list == whole.end() || !list->is_array()) return {};
  for (const json& item : *list) {
    if (!item.is_object()) continue;
    std::vector<std::string> row;
    for (const std::string& field : fields) row.push_back(text_at(item, field.c_str()));
    rows.push_back(std::move(row));
  }
  return rows.empty() ? std::string{} : "\n" + format_table(columns, rows);
}

infra::task<> get_once(infra::http_client& client, infra::http_request request,
                       boost::asio::io_context& loop, result<infra::http_response>& answer) {
  answer = co_await client.send(std::move(request));
  loop.stop();
}

result<std::string> fetch(const std::string& url, const std::string& ca_file) {
  infra::metrics_registry metrics;  // outlives the loop, whose coroutines count
  boost::asio::io_context loop{1};
  infra::http_client_config settings;
  settings.tls.ca_file = ca_file;
  infra::http_client client{loop.get_executor(), settings, metrics};
  infra::http_request request;
  request.url = url;
  request.deadline = answer_limit;
  result<infra::http_response> answer = error{errc::cancelled, "the request was not sent"};
  infra::spawn(loop.get_executor(), "status", get_once(client, std::move(request), loop, answer));
  loop.run();
  if (!answer)
    return error{errc::unavailable,
                 "the daemon is not reachable at " + url + ": " + answer.error().message};
  if (answer->status != 200)
    return error{errc::unavailable, url + " answers with status " + std::to_string(answer->status) +
                                        ", which is not Cornice's health"};
  return std::move(answer->body);
}

}  // namespace

std::string base_url_of(const api::api_config& c) {
  std::string host = c.address;
  // Wildcard addresses are for listening; a client needs a real one.
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (c.certificate_file.empty() ? "http://" : "https://") + host + ":" +
         std::to_string(c.port);
}

result<health_text> describe_health(std::string_view body) {
  const json whole = json::parse(body, nullptr, false);
  if (!whole.is_object() || !whole.contains("ready") || !whole["ready"].is_boolean())
    return error{errc::malformed, "the answer is not a health document of Cornice"};
  health_text out;
  out.ready = whole["ready"].get<bool>();
  const auto line = [&](const char* key) { return cell_text(text_at(whole, key), 200); };
  out.text = std::string{"cornice "} + line("version") + ", mode " + line("mode") + ": " +
             (out.ready ? "ready" : "NOT READY") + "\n";
  for (const char* key : {"database", "broker"})
    if (const std::string trouble = line(key); !trouble.empty())
      out.text += std::string{key} + ": " + trouble + "\n";
  out.text +=
      table_at(whole, "components", {"name", "state", "restarts", "since", "required", "reason"});
  out.text += table_at(whole, "feeds",
                       {"venue", "state", "contracts_usable", "contracts_wanted", "connections",
                        "trading_active", "reason"});
  return out;
}

int status(const status_options& options, const terminal& t) {
  std::string base = options.url;
  if (base.empty()) {
    const auto config = load(options.config);
    if (!config) return fail_usage(t, config.error().message);
    base = base_url_of(config->api);
  }
  while (base.ends_with('/')) base.pop_back();
  const auto parsed = infra::url::parse(base + "/health");
  if (!parsed) return fail_usage(t, "--url: " + parsed.error().message);
  const auto body = fetch(base + "/health", options.ca_file);
  if (!body) return fail(t, body.error());
  const auto health = describe_health(*body);
  if (!health) return fail(t, health.error().within(base + "/health"));
  if (options.json)
    t.out << *body << '\n';
  else
    t.out << health->text;
  return health->ready ? exit_ok : exit_failed;
}

}  // namespace cornice::app::cli
