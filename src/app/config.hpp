// The daemon's configuration as one aggregate; docs and schema come from the same descriptors.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/config.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/strategy/limits.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cornice::app {

struct log_config {
  std::string level = "info";
  std::string format = "automatic";
};

struct postgres_config {
  std::string host = "127.0.0.1";
  std::int64_t port = 5432;
  std::string database = "cornice";
  std::string user = "cornice";
  std::string password_file;
  std::int64_t connections = 4;
};

struct rabbitmq_config {
  std::string host = "127.0.0.1";
  std::int64_t port = 5672;
  std::string vhost = "/";
  std::string user = "cornice";
  std::string password_file;
};

/// Keys `log`, `postgres`, `rabbitmq`, `strategy`. The areas describe their own sections.
void describe(infra::config_section& s, log_config& v);
void describe(infra::config_section& s, postgres_config& v);
void describe(infra::config_section& s, rabbitmq_config& v);
void describe(infra::config_section& s, strategy::strategy_limits& v);

/// Reads the password file and makes connection settings. Errors: as infra::read_secret.
[[nodiscard]] result<infra::pg_config> connection_of(const postgres_config& c,
                                                     std::size_t connections,
                                                     const std::string& application_name);
[[nodiscard]] result<infra::amqp_config> connection_of(const rabbitmq_config& c,
                                                       const std::string& connection_name);

}  // namespace cornice::app
