// The private PostgreSQL and RabbitMQ of integration tests, and the loop to run coroutines on.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/postgres.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cornice_test {

namespace asio = boost::asio;
using cornice::infra::task;

// Connection settings of the broker; `vhost` is "/" unless a throwaway_vhost made them.
struct amqp_settings {
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  std::string password;
  std::string vhost;
};

// What `scripts/services start --state DIR` wrote to DIR/env.json.
class services {
 public:
  // Parentheses: braces would wrap the object in a JSON array.
  explicit services(nlohmann::json env) : env_(std::move(env)) {}

  // The file that CORNICE_SERVICES names. Throws, and so fails the test, when there is none.
  static const services& get() {
    static const services instance = load();
    return instance;
  }

  [[nodiscard]] std::string conninfo(const std::string& database) const {
    const auto& pg = env_.at("postgres");
    return "host=" + pg.at("host").get<std::string>() +
           " port=" + std::to_string(pg.at("port").get<int>()) +
           " user=" + pg.at("user").get<std::string>() +
           " password=" + pg.at("password").get<std::string>() + " dbname=" + database;
  }
  // The shared database `cornice`: to make databases of one's own from.
  [[nodiscard]] cornice::infra::pg_config postgres() const {
    cornice::infra::pg_config config;
    config.conninfo = conninfo(env_.at("postgres").at("dbname").get<std::string>());
    config.application_name = "cornice-test";
    return config;
  }
  [[nodiscard]] amqp_settings rabbitmq() const {
    const auto& mq = env_.at("rabbitmq");
    return {mq.at("host").get<std::string>(), mq.at("port").get<std::uint16_t>(),
            mq.at("user").get<std::string>(), mq.at("password").get<std::string>(),
            mq.at("amqp_vhost").get<std::string>()};
  }
  // Process id of `postgres`, `rabbitmq` or `epmd`.
  [[nodiscard]] pid_t pid(const std::string& name) const { return env_.at("pids").at(name); }
  // Programs that talk to these servers as their administrator.
  [[nodiscard]] std::string rabbitmqctl() const { return env_.at("rabbitmqctl"); }
  [[nodiscard]] std::string psql() const { return env_.at("psql"); }
  [[nodiscard]] const nlohmann::json& env() const noexcept { return env_; }

 private:
  static services load() {
    const char* path = std::getenv("CORNICE_SERVICES");
    if (path == nullptr)
      throw std::runtime_error{
          "CORNICE_SERVICES is not set. Start the private services with `scripts/services start "
          "--state DIR` and set CORNICE_SERVICES=DIR/env.json, or run through ctest."};
    std::ifstream file{path};
    if (!file)
      throw std::runtime_error{"CORNICE_SERVICES names " + std::string{path} +
                               ", which cannot be read: is `scripts/services start` done?"};
    return services(nlohmann::json::parse(file));
  }

  nlohmann::json env_;
};

// Runs a program to its end with output discarded; answers its exit status, -1 when it was killed.
inline int run_program(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error{"fork failed"};
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(126);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error{"waitpid failed"};
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A name no other test, run or process uses: letters, digits and underscores.
inline std::string unique_name(const std::string& prefix) {
  static std::atomic<unsigned> counter{0};
  static const unsigned salt = std::random_device{}();
  return prefix + "_" + std::to_string(::getpid()) + "_" + std::to_string(salt) + "_" +
         std::to_string(counter++);
}

// An empty database of its own for one test; dropped with everything that is still connected to it.
class throwaway_database {
 public:
  explicit throwaway_database(const services& where = services::get())
      : services_{where}, name_{unique_name("test")} {
    auto made = cornice::infra::exec_blocking(services_.postgres(), "CREATE DATABASE " + name_);
    if (!made) throw std::runtime_error{"no database for the test: " + made.error().message};
  }
  ~throwaway_database() {
    // A failing drop must not hide the test's own result; the name is never used again.
    static_cast<void>(cornice::infra::exec_blocking(
        services_.postgres(), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"));
  }
  throwaway_database(const throwaway_database&) = delete;
  throwaway_database& operator=(const throwaway_database&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] cornice::infra::pg_config config() const {
    auto config = services_.postgres();
    config.conninfo = services_.conninfo(name_);
    return config;
  }
  // One statement on a connection of its own; throws when it fails.
  cornice::infra::pg_rows exec(const std::string& sql) const {
    auto rows = cornice::infra::exec_blocking(config(), sql);
    if (!rows) throw std::runtime_error{sql + ": " + rows.error().message};
    return *rows;
  }

 private:
  services services_;
  std::string name_;
};

// A virtual host of its own for one test, with full rights for the configured user. Each of the two
// rabbitmqctl calls takes about a second: where unique queue and topic names do, prefer those.
class throwaway_vhost {
 public:
  throwaway_vhost() : settings_{services::get().rabbitmq()} {
    settings_.vhost = unique_name("test");
    const std::string erlang =
        "ok = rabbit_vhost:add(<<\"" + settings_.vhost + "\">>, <<\"" + settings_.user +
        "\">>), ok = rabbit_auth_backend_internal:set_permissions(<<\"" + settings_.user +
        "\">>, <<\"" + settings_.vhost + "\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"" +
        settings_.user + "\">>).";
    const auto ctl = services::get().rabbitmqctl();
    if (run_program({ctl, "-q", "eval", erlang}) == 0) return;
    // The internal functions are not a stable interface; the commands are, at twice the time.
    run_program({ctl, "-q", "add_vhost", settings_.vhost});
    if (run_program({ctl, "-q", "set_permissions", "-p", settings_.vhost, settings_.user, ".*",
                     ".*", ".*"}) != 0)
      throw std::runtime_error{"no RabbitMQ virtual host for the test: " + ctl + " failed"};
  }
  ~throwaway_vhost() {
    run_program({services::get().rabbitmqctl(), "-q", "delete_vhost", settings_.vhost});
  }
  throwaway_vhost(const throwaway_vhost&) = delete;
  throwaway_vhost& operator=(const throwaway_vhost&) = delete;

  [[nodiscard]] const amqp_settings& settings() const noexcept { return settings_; }

 private:
  amqp_settings settings_;
};

// Servers of a test's own, for tests that stop, freeze or kill them.
class private_services {
 public:
  // `only`: "postgres" or "rabbitmq".
  explicit private_services(std::string only)
      : only_{std::move(only)},
        state_{std::filesystem::temp_directory_path() / unique_name("cornice-test")} {
    start();
  }
  ~private_services() {
    run_program({script(), "stop", "--state", state_.string()});
    std::ifstream home_file{state_ / "private" / "pg_home"};
    std::string home;
    std::error_code ignored;
    if (std::getline(home_file, home) && !home.empty()) std::filesystem::remove_all(home, ignored);
    std::filesystem::remove_all(state_, ignored);
  }
  private_services(const private_services&) = delete;
  private_services& operator=(const private_services&) = delete;

  // Starts what does not run, on the same ports and data as before.
  void start() {
    if (run_program({script(), "start", "--state", state_.string(), "--only", only_}) != 0)
      throw std::runtime_error{"scripts/services could not start a private " + only_};
    std::ifstream file{state_ / "env.json"};
    services_.emplace(nlohmann::json::parse(file));
  }
  [[nodiscard]] const services& get() const { return services_.value(); }
  [[nodiscard]] pid_t pid() const { return services_->pid(only_); }
  // Sends `signal` to the server process and everything below it.
  void signal_all(int signal) const {
    for (pid_t process : tree(pid())) ::kill(process, signal);
  }

 private:
  static std::string script() { return std::string{CORNICE_SOURCE_DIR} + "/scripts/services"; }
  static std::vector<pid_t> tree(pid_t root) {
    std::vector<pid_t> all{root};
    const auto base = "/proc/" + std::to_string(root) + "/task/" + std::to_string(root);
    std::ifstream children{base + "/children"};
    for (pid_t child = 0; children >> child;) {
      const auto below = tree(child);
      all.insert(all.end(), below.begin(), below.end());
    }
    return all;
  }

  std::string only_;
  std::filesystem::path state_;
  std::optional<services> services_;
};

namespace detail {
template <class T>
task<> store(task<T> work, std::shared_ptr<std::optional<T>> out) {
  out->emplace(co_await std::move(work));
}
}  // namespace detail

// Runs a coroutine on `io` until it ends. Throws what it threw, or when `limit` passes first.
inline void run_on_loop(asio::io_context& io, task<> work,
                        std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  struct outcome {
    bool done = false;
    std::exception_ptr thrown;
  };
  auto seen = std::make_shared<outcome>();
  asio::co_spawn(io, std::move(work), [seen](std::exception_ptr e) {
    seen->done = true;
    seen->thrown = std::move(e);
  });
  const auto deadline = std::chrono::steady_clock::now() + limit;
  io.restart();
  while (!seen->done && io.run_one_until(deadline) > 0) continue;
  if (!seen->done) throw std::runtime_error{"the coroutine has not ended within its limit"};
  if (seen->thrown) std::rethrow_exception(seen->thrown);
}

template <class T>
requires(!std::is_void_v<T>) T
    run_on_loop(asio::io_context& io, task<T> work,
                std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  auto out = std::make_shared<std::optional<T>>();
  run_on_loop(io, detail::store(std::move(work), out), limit);
  return std::move(**out);
}

// Waits until `holds()` or until `limit` has passed; answers whether it holds. Looks every 2 ms.
inline task<bool> eventually(std::function<bool()> holds, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) co_return holds();
    asio::steady_timer timer{co_await asio::this_coro::executor, std::chrono::milliseconds{2}};
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return true;
}

}  // namespace cornice_test
