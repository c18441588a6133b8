// Reads the venues' lists of markets.
#pragma once

#include "cornice/data/catalogue_service.hpp"
#include "cornice/data/token_bucket.hpp"
#include "cornice/infra/log.hpp"
#include "data/feed_context.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cornice::data {

/// GET with the venue's budget, a few repeats on 429, 5xx and broken connections, and a bound on
/// everything.
class venue_reader {
 public:
  venue_reader(catalogue_environment& env, venue_id venue, std::int64_t requests_per_second);
  /// Errors: those of the client; unavailable with the status when the venue keeps answering
  /// anything but 200; not_found on 404. `connection` names the interface on the tape.
  infra::task<result<std::string>> get(std::string connection, std::string base,
                                       std::string target);

 private:
  catalogue_environment& env_;
  venue_id venue_;
  token_bucket budget_;
};

/// One venue's way of listing. Loop thread only.
class discovery {
 public:
  virtual ~discovery() = default;
  /// All open markets into the catalogue; answers the ids seen. Errors: when a page cannot be had;
  /// what was read is kept.
  virtual infra::task<result<std::set<listing_id>>> pass() = 0;
  /// These listings again, whatever their state. Missing ones are simply not applied.
  virtual infra::task<result<void>> fetch(std::vector<listing_id> ids) = 0;
};

[[nodiscard]] std::unique_ptr<discovery> make_kalshi_discovery(catalogue_environment& env,
                                                               const discovery_config& config);
[[nodiscard]] std::unique_ptr<discovery> make_polymarket_discovery(catalogue_environment& env,
                                                                   const discovery_config& config);

}  // namespace cornice::data
