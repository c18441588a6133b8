#include "app/cli/setup.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cornice::app::cli {
namespace {

constexpr std::array<const char*, 2> default_files{"config/cornice.json",
                                                   "/etc/cornice/cornice.json"};
constexpr std::uintmax_t file_limit = 64u << 20;

}  // namespace

std::string config_file_of(const config_choice& choice,
                           const std::function<bool(const std::string&)>& exists) {
  if (!choice.file.empty()) return choice.file;
  for (const char* name : default_files)
    if (exists(name)) return name;
  return default_files.front();
}

std::string config_file_of(const config_choice& choice) {
  return config_file_of(choice, [](const std::string& name) {
    std::error_code ignored;  // what cannot be looked at is not there
    return std::filesystem::exists(name, ignored);
  });
}

result<daemon_config> load(const config_choice& choice) {
  return load_config(config_file_of(choice), choice.overlay);
}

result<infra::pg_config> database_of(const daemon_config& config) {
  return connection_of(config.postgres, 1, "cornice-cli");
}

result<infra::amqp_config> broker_of(const daemon_config& config) {
  return connection_of(config.rabbitmq, "cornice-cli");
}

std::string caller_name() {
  const uid_t id = ::geteuid();
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return std::string{"cli:"} + found->pw_name;
  return "cli:" + std::to_string(id);
}

result<std::string> read_file(const std::string& path) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed)
    return error{failed == std::errc::no_such_file_or_directory ? errc::not_found : errc::io,
                 path + ": " + failed.message()};
  if (size > file_limit) return error{errc::out_of_range, path + " is larger than 64 MiB"};
  std::ifstream in{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  if (!in.eof() && !in) return error{errc::io, path + ": " + std::strerror(errno)};
  return text;
}

}  // namespace cornice::app::cli
