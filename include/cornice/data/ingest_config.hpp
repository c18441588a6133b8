// Where market data comes from and how it is published.
#pragma once

#include "cornice/infra/config.hpp"

#include <cstdint>
#include <string>

namespace cornice::data {

struct kalshi_endpoints {
  bool enabled = true;
  std::string rest_url = "https://external-api.kalshi.com";
  std::string ws_url = "wss://external-api-ws.kalshi.com/trade-api/ws/v2";
  std::string key_id;
  std::string private_key_file;
  /// The WebSocket wants a signed handshake even for public channels; the simulator does not. False
  /// without keys: order books are polled over REST.
  bool public_websocket = false;
  /// Read tokens a second that polling may use; the Basic tier has 200.
  std::int64_t poll_tokens_per_second = 100;
};

struct polymarket_endpoints {
  bool enabled = true;
  std::string gamma_url = "https://gamma-api.polymarket.com";
  std::string clob_url = "https://clob.polymarket.com";
  std::string ws_url = "wss://ws-subscriptions-clob.polymarket.com/ws/market";
  std::string data_url = "https://data-api.polymarket.com";
  std::string private_key_file;
  std::string api_key_file;
  std::string funder;
  std::int64_t signature_type = 0;
  /// Above some 500 the venue sends no snapshots.
  std::int64_t assets_per_connection = 200;
};

struct ingest_config {
  kalshi_endpoints kalshi;
  polymarket_endpoints polymarket;
  std::string ca_file;              ///< an authority in addition to the system's, for the simulator
  std::int64_t depth = 16;          ///< levels a side in a book signal, 1..32
  std::int64_t refresh_ms = 5'000;  ///< an unchanged usable book is confirmed this often
  std::int64_t backlog_max =
      2'000;  ///< messages waiting for the broker; beyond it books are conflated
  std::int64_t witness_ms = 2'000;  ///< between two samples of books over REST
  std::int64_t status_ms = 10'000;  ///< between two looks at the exchange status
};

/// Section `venues`.
void describe_venues(infra::config_section& s, ingest_config& c);
/// Keys of section `data` that concern ingestion.
void describe_ingest(infra::config_section& s, ingest_config& c);

}  // namespace cornice::data
