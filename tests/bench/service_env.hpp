// The PostgreSQL and RabbitMQ that `scripts/services start` began; CORNICE_SERVICES names its file.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice_test/services.hpp"

#include <string>

namespace cornice_bench {

inline cornice::infra::amqp_config broker_config(const cornice_test::amqp_settings& s) {
  cornice::infra::amqp_config c;
  c.host = s.host;
  c.port = s.port;
  c.vhost = s.vhost;
  c.user = s.user;
  c.password = s.password;
  c.connection_name = "cornice bench";
  return c;
}

}  // namespace cornice_bench
