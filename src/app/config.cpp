#include "app/config.hpp"

#include <limits>

namespace cornice::app {
namespace {

constexpr infra::config_section::range port_range{1, 65535};
constexpr infra::config_section::range any_money{0, 1'000'000'000'000'000};

// The section speaks in milliseconds, the engine in microseconds.
void duration(infra::config_section& s, const char* key, std::chrono::microseconds& target,
              infra::config_section::range allowed, const char* help) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(target);
  s.duration_ms(key, ms, allowed, help);
  target = ms;
}

void amount(infra::config_section& s, const char* key, money& target, const char* help) {
  std::int64_t micros = target.micros();
  s.millionths(key, micros, any_money, help);
  target = money{micros};
}

void share(infra::config_section& s, const char* key, ratio& target, const char* help) {
  s.millionths(key, target.ppm, {0, 1'000'000}, help);
}

// A libpq keyword value: quoted, with quote and backslash escaped. (`quoted` would lose to
// std::quoted.)
std::string conninfo_value(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

}  // namespace

void describe(infra::config_section& s, log_config& v) {
  s.choice("level", v.level, {"trace", "debug", "info", "warn", "error"},
           "Least severe level that is written.");
  s.choice("format", v.format, {"automatic", "json", "human"},
           "automatic: people's form on a terminal, one JSON object a line elsewhere.");
}

void describe(infra::config_section& s, postgres_config& v) {
  s.text("host", v.host, "Host name, address, or the folder of the server's Unix socket.");
  s.integer("port", v.port, port_range, "TCP port.");
  s.text("database", v.database, "Database; `cornice migrate` makes the tables in it.");
  s.text("user", v.user, "Role.");
  s.secret_file("password_file", v.password_file,
                "File with the role's password; empty for peer or trust.");
  s.integer("connections", v.connections, {2, 32},
            "Connections shared by everything but the order path.");
}

void describe(infra::config_section& s, rabbitmq_config& v) {
  s.text("host", v.host, "Host name or address.");
  s.integer("port", v.port, port_range, "TCP port.");
  s.text("vhost", v.vhost, "Virtual host.");
  s.text("user", v.user, "User.");
  s.secret_file("password_file", v.password_file, "File with the user's password.");
}

void describe(infra::config_section& s, strategy::strategy_limits& v) {
  s.boolean("complement", v.complement, "Look for YES+NO of one listing below a dollar.");
  s.boolean("outcome_set", v.outcome_set, "Look for outcome sets of approved markets.");
  s.boolean("cross_venue", v.cross_venue, "Look for pairs across venues of approved markets.");
  amount(s, "max_bundle_cost", v.max_bundle_cost, "Dollars, all legs and fees of one bundle.");
  std::int64_t size = v.max_bundle_size.micros();
  s.millionths("max_bundle_size", size, any_money, "Contracts per leg of one bundle.");
  v.max_bundle_size = quantity{size};
  share(s, "max_cash_share", v.max_cash_share,
        "Share (0..1) of a venue's free cash that one bundle may use.");
  amount(s, "min_edge", v.min_edge, "Dollars that a bundle earns at least, after fees.");
  share(s, "min_edge_on_cost", v.min_edge_on_cost, "Edge as a share (0..1) of cost and fees.");
  s.millionths("min_annual_return", v.min_annual_return.ppm, {0, 1'000'000'000},
               "Edge on cost and fees per year of lock-up; 0.02 is two percent.");
  duration(s, "max_book_age_ms", v.max_book_age, {100, 600'000},
           "A book that was confirmed longer ago is stale.");
  duration(s, "max_feed_age_ms", v.max_feed_age, {500, 600'000},
           "A feed that was silent for longer is stale.");
  duration(s, "time_to_live_ms", v.time_to_live, {10, 60'000},
           "An opportunity older than this is refused.");
  duration(s, "cooldown_ms", v.cooldown, {0, 3'600'000},
           "Rest of a candidate after it was published.");
  duration(s, "refusal_interval_ms", v.refusal_interval, {100, 600'000},
           "A candidate repeats an unchanged refusal at most this often.");
}

result<infra::pg_config> connection_of(const postgres_config& c, std::size_t connections,
                                       const std::string& application_name) {
  infra::pg_config out;
  out.conninfo = "host=" + conninfo_value(c.host) + " port=" + std::to_string(c.port) +
                 " dbname=" + conninfo_value(c.database) + " user=" + conninfo_value(c.user);
  if (!c.password_file.empty()) {
    CORNICE_TRY(password, infra::read_secret(c.password_file));
    out.conninfo += " password=" + conninfo_value(password);
  }
  out.connections = connections;
  out.application_name = application_name;
  return out;
}

result<infra::amqp_config> connection_of(const rabbitmq_config& c,
                                         const std::string& connection_name) {
  infra::amqp_config out;
  out.host = c.host;
  out.port = static_cast<std::uint16_t>(c.port);
  out.vhost = c.vhost;
  out.user = c.user;
  out.connection_name = connection_name;
  if (!c.password_file.empty()) {
    CORNICE_TRY(password, infra::read_secret(c.password_file));
    out.password = password;
  }
  return out;
}

}  // namespace cornice::app
