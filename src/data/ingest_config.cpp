#include "cornice/data/ingest_config.hpp"

namespace cornice::data {
namespace {

constexpr const char* http_pattern = "^https?://";
constexpr const char* ws_pattern = "^wss?://";

void describe(infra::config_section& s, kalshi_endpoints& v) {
  s.boolean("enabled", v.enabled, "Read this venue at all.");
  s.text("rest_url", v.rest_url, "Scheme, host and port of the REST interface, without path.",
         http_pattern);
  s.text("ws_url", v.ws_url, "Full URL of the WebSocket.", ws_pattern);
  s.text("key_id", v.key_id, "API key id; empty: public data only.");
  s.secret_file("private_key_file", v.private_key_file, "PEM file of the API key.");
  s.boolean("public_websocket", v.public_websocket,
            "Connect the WebSocket without keys (simulator only).");
  s.integer("poll_tokens_per_second", v.poll_tokens_per_second, {10, 12'000},
            "Read tokens a second for polling books without keys.");
}

void describe(infra::config_section& s, polymarket_endpoints& v) {
  s.boolean("enabled", v.enabled, "Read this venue at all.");
  s.text("gamma_url", v.gamma_url, "Base URL of market discovery.", http_pattern);
  s.text("clob_url", v.clob_url, "Base URL of the order book's REST interface.", http_pattern);
  s.text("ws_url", v.ws_url, "Full URL of the market channel.", ws_pattern);
  s.text("data_url", v.data_url, "Base URL of the data interface.", http_pattern);
  s.secret_file("private_key_file", v.private_key_file, "Hex key of the signer.");
  s.secret_file("api_key_file", v.api_key_file, "API key, secret and passphrase as JSON.");
  s.text("funder", v.funder, "Address that holds the money and the positions.");
  s.integer("signature_type", v.signature_type, {0, 3},
            "0 EOA, 1 proxy, 2 Safe, 3 deposit wallet.");
  s.integer("assets_per_connection", v.assets_per_connection, {1, 200},
            "Assets that one WebSocket carries.");
}

}  // namespace

void describe_venues(infra::config_section& s, ingest_config& c) {
  s.section(
      "kalshi", [&c](infra::config_section& in) { describe(in, c.kalshi); }, "Kalshi.");
  s.section(
      "polymarket", [&c](infra::config_section& in) { describe(in, c.polymarket); }, "Polymarket.");
  s.text("ca_file", c.ca_file,
         "PEM file of one more certificate authority; empty: the system's only.");
}

void describe_ingest(infra::config_section& s, ingest_config& c) {
  s.integer("depth", c.depth, {1, 32}, "Levels a side in a book signal.");
  s.integer("refresh_ms", c.refresh_ms, {500, 600'000},
            "An unchanged usable book is confirmed this often.");
  s.integer("backlog_max", c.backlog_max, {10, 1'000'000},
            "Messages waiting for the broker before books are conflated.");
  s.integer("witness_ms", c.witness_ms, {100, 600'000}, "Between two samples of books over REST.");
  s.integer("status_ms", c.status_ms, {1'000, 600'000},
            "Between two looks at the exchange status.");
}

}  // namespace cornice::data
