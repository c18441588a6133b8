#include "api/pages.hpp"

#include "api/openapi_text.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace cornice::api {
namespace {

constexpr std::string_view style =
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem}"
    "code{background:#8882;padding:.1em "
    ".3em;border-radius:3px}dt{margin-top:1rem}dd{margin-left:1.5rem}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}</style>";

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

infra::server_response html(std::string body) {
  infra::server_response r;
  r.content_type = "text/html; charset=utf-8";
  r.headers.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  r.body =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Cornice</title>" +
      std::string{style} + std::move(body) + "</html>";
  return r;
}

}  // namespace

infra::server_response start_page() {
  return html(
      "<h1>Cornice</h1><p>A trading daemon for prediction markets.</p><ul>"
      "<li><a href=\"/health\">/health</a>: every component and feed</li>"
      "<li><a href=\"/metrics\">/metrics</a>: Prometheus</li>"
      "<li><a href=\"/docs\">/docs</a>: all endpoints</li>"
      "<li><a href=\"/api/v1/positions\">/api/v1/positions</a>, <a "
      "href=\"/api/v1/orders\">orders</a>, "
      "<a href=\"/api/v1/fills\">fills</a>, <a href=\"/api/v1/pnl\">pnl</a>, "
      "<a href=\"/api/v1/opportunities\">opportunities</a>, <a "
      "href=\"/api/v1/breakers\">breakers</a></li></ul>");
}

infra::server_response openapi_document() {
  infra::server_response r;
  r.body = openapi_text();
  return r;
}

infra::server_response docs_page() {
  const auto doc = nlohmann::ordered_json::parse(openapi_text(), nullptr, false);
  if (!doc.is_object()) return html("<p>The description of the interface could not be read.</p>");
  std::string body = "<h1>" + escape(doc["info"]["title"].get<std::string>()) + "</h1><p>" +
                     escape(doc["info"].value("description", "")) + "</p><dl>";
  for (const auto& [path, methods] : doc["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      if (!operation.is_object() || !operation.contains("summary")) continue;
      body += "<dt><code>" + escape(method) + " " + escape(path) + "</code></dt><dd>" +
              escape(operation["summary"].get<std::string>());
      if (operation.contains("parameters")) {
        body += "<br>Parameters:";
        for (const auto& p : operation["parameters"])
          body += " <code>" + escape(p.value("name", "")) + "</code>";
      }
      body += "</dd>";
    }
  return html(body + "</dl><p><a href=\"/openapi.json\">/openapi.json</a></p>");
}

}  // namespace cornice::api
