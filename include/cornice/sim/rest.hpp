// REST requests and replies of the simulated venues as values.
#pragma once

#include "cornice/sim/polymarket_books.hpp"
#include "cornice/sim/rate_budget.hpp"
#include "cornice/sim/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cornice::sim {

struct rest_request {
  bool get = true;
  bool post = false;
  std::string path;  ///< decoded, without query
  std::vector<std::pair<std::string, std::string>> query;
  std::string body;
  std::string client;  ///< whose budget it uses
  bool signed_request = false;

  /// First value of a parameter.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> params(std::string_view name) const;
};

struct rest_reply {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
};

struct rest_counters {
  std::uint64_t requests = 0;
  std::uint64_t malformed = 0;          ///< answered 400, 405 or 422
  std::uint64_t unknown = 0;            ///< answered 404
  std::uint64_t budget_violations = 0;  ///< answered 429
};

/// Kalshi's public REST. Budget: Basic tier, 200 read tokens a second, three seconds' burst, ten
/// tokens a request. Not thread-safe.
class kalshi_rest {
 public:
  explicit kalshi_rest(const world& w) : world_{w} {}
  rest_reply handle(const rest_request& r, timestamp now);
  [[nodiscard]] const rest_counters& counters() const noexcept { return counters_; }

 private:
  rest_reply route(const rest_request& r);
  rest_reply markets(const rest_request& r) const;
  rest_reply events(const rest_request& r) const;
  rest_reply event(const rest_request& r, std::string_view ticker) const;
  rest_reply series(std::string_view ticker) const;
  rest_reply trades(const rest_request& r) const;

  const world& world_;
  rate_budgets budgets_;
  rest_counters counters_;
};

/// Gamma, CLOB and Data API behind one port: their paths differ, except that `/markets` with
/// `next_cursor` and `/markets/0x…` belong to the CLOB. Budgets by endpoint as documented. Not
/// thread-safe.
class polymarket_rest {
 public:
  polymarket_rest(const world& w, polymarket_books& books) : world_{w}, books_{books} {}
  rest_reply handle(const rest_request& r, timestamp now);
  [[nodiscard]] const rest_counters& counters() const noexcept { return counters_; }

 private:
  rest_reply route(const rest_request& r);
  rest_reply gamma_markets(const rest_request& r) const;
  rest_reply gamma_events(const rest_request& r) const;
  rest_reply gamma_market(std::string_view id) const;
  rest_reply gamma_event(std::string_view id) const;
  rest_reply clob_markets(const rest_request& r) const;
  rest_reply token_call(const rest_request& r, std::string_view what);

  const world& world_;
  polymarket_books& books_;
  rate_budgets budgets_;
  rest_counters counters_;
};

}  // namespace cornice::sim
