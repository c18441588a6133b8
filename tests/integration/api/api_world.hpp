// The HTTP interface on real services, with a client to ask it.
#pragma once

#include "api_rows.hpp"
#include "cornice/api/api_service.hpp"
#include "cornice/api/tokens.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace cornice::api::test {

using namespace std::chrono_literals;
using cornice_test::run_on_loop;
using nlohmann::json;

// A database with the schema and rows of every kind.
class seeded_database {
 public:
  explicit seeded_database(const cornice_test::services& where = cornice_test::services::get())
      : database{where} {
    const auto migrated =
        infra::apply_migrations(database.config(), std::string{CORNICE_SOURCE_DIR} + "/migrations");
    if (!migrated) throw std::runtime_error{migrated.error().message};
    const auto seeded = infra::run_blocking(
        database.config(), [](infra::pg_transaction& tx) { tx.exec_script(seed_sql); });
    if (!seeded) throw std::runtime_error{seeded.error().message};
  }
  cornice_test::throwaway_database database;
};

inline infra::amqp_config broker_settings(const cornice_test::amqp_settings& s) {
  infra::amqp_config c;
  c.host = s.host;
  c.port = s.port;
  c.vhost = s.vhost;
  c.user = s.user;
  c.password = s.password;
  return c;
}

// A broker where nobody listens.
inline infra::amqp_config no_broker() {
  infra::amqp_config c;
  c.port = 1;
  c.user = "nobody";
  return c;
}

// One service, its client and their loop.
class api_world {
 public:
  api_world(const infra::pg_config& database, const infra::amqp_config& broker,
            const std::string& address = "127.0.0.1")
      : tokens_file_{std::filesystem::temp_directory_path() /
                     (cornice_test::unique_name("cornice-tokens") + ".json")},
        db{io.get_executor(), with_connections(database), metrics},
        bus{io.get_executor(), broker, metrics},
        http{io.get_executor(), {}, metrics},
        service{settings(address), environment()} {
    service.declare();
    if (const auto started = service.start(); !started)
      throw std::runtime_error{started.error().message};
    bus.start();
  }
  ~api_world() {
    run_on_loop(io, service.shutdown(200ms));
    run_on_loop(io, bus.shutdown(200ms));
    std::error_code ignored;
    std::filesystem::remove(tokens_file_, ignored);
  }
  api_world(const api_world&) = delete;
  api_world& operator=(const api_world&) = delete;

  infra::http_response send(infra::http_method method, const std::string& target,
                            const std::string& body = "", const std::string& token = "") {
    infra::http_request r;
    r.method = method;
    r.url = "http://127.0.0.1:" + std::to_string(service.port()) + target;
    r.body = body;
    if (!token.empty()) r.headers.add("Authorization", "Bearer " + token);
    auto answer = run_on_loop(io, http.send(std::move(r)));
    if (!answer) throw std::runtime_error{target + ": " + answer.error().message};
    return std::move(*answer);
  }
  infra::http_response get(const std::string& target) {
    return send(infra::http_method::get, target);
  }
  infra::http_response post(const std::string& target, const std::string& body,
                            const std::string& token) {
    return send(infra::http_method::post, target, body, token);
  }
  // The document of an answer that must be a 200.
  json ok(const std::string& target) {
    const auto answer = get(target);
    if (answer.status != 200) throw std::runtime_error{target + ": " + answer.body};
    return json::parse(answer.body);
  }

 private:
  std::filesystem::path tokens_file_;

 public:
  bool ready = true;
  infra::metrics_registry metrics;
  infra::asio::io_context io;
  infra::pg_pool db;
  infra::amqp_client bus;
  infra::http_client http;
  api_service service;

 private:
  static infra::pg_config with_connections(infra::pg_config c) {
    c.connections = 2;
    return c;
  }
  api_config settings(const std::string& address) {
    token_list tokens;
    for (const auto& [name, may] :
         {std::pair{"vera", role::viewer}, {"otto", role::operator_}, {"anna", role::admin}})
      if (!tokens.add({name, may, hash_token(std::string{name} + "-token")}))
        throw std::logic_error{"a token of the test is refused"};
    std::ofstream{tokens_file_} << tokens.to_json();
    ::chmod(tokens_file_.c_str(), 0600);
    api_config c;
    c.address = address;
    c.port = 0;
    c.tokens_file = tokens_file_;
    c.command_timeout_ms = 700;
    return c;
  }
  api_environment environment() {
    return {io.get_executor(),
            infra::system_clock(),
            metrics,
            db,
            bus,
            [this] {
              infra::component_health up;
              up.name = "execution";
              up.state = ready ? infra::health::up : infra::health::down;
              return std::vector{up};
            },
            [this] { return ready; },
            "paper",
            R"({"mode":"paper"})",
            "1.2.3"};
  }
};

}  // namespace cornice::api::test
