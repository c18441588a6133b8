#include "app/cli/token_create.hpp"

#include "cornice/api/tokens.hpp"
#include "cornice/infra/config.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ostream>

namespace cornice::app::cli {
namespace {

constexpr std::string_view token_prefix = "cornice_";
constexpr mode_t owner_only = 0600;
constexpr std::size_t name_max = 64;

error os_error(const std::string& what) {
  return {errc::io, what + ": " + std::strerror(errno)};
}

result<void> check_name(const std::string& name) {
  const bool printable =
      name.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-") ==
      std::string::npos;
  if (name.empty() || name.size() > name_max || !printable)
    return error{
        errc::invalid_argument,
        "--name \"" + name + "\": a name has 1 to 64 of the characters A-Z a-z 0-9 . _ @ -"};
  return {};
}

result<void> write_all(int fd, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_error(path);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return os_error(path);
  return {};
}

// The file beside it doubles as a lock: whoever makes it writes.
result<int> open_beside(const std::string& beside) {
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
  if (fd >= 0) return fd;
  if (errno == EEXIST)
    return error{errc::conflict, beside +
                                     " exists: another process is adding a token, or one "
                                     "died doing so; then remove it"};
  return os_error(beside);
}

result<api::token_list> read_list(const std::string& file) {
  if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) return api::token_list{};
  CORNICE_TRY(text, infra::read_secret(file));
  auto list = api::token_list::parse(text);
  if (!list) return list.error().within(file);
  return std::move(*list);
}

}  // namespace

result<std::string> make_token() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return os_error("no random bytes from the system");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out{token_prefix};
  for (const unsigned char b : bytes) {
    out += digits[b >> 4U];
    out += digits[b & 15U];
  }
  return out;
}

result<void> add_token(const std::string& file, const std::string& name, const std::string& role,
                       const std::string& token) {
  CORNICE_CHECK_OK(check_name(name));
  CORNICE_TRY(may, api::parse_role(role));
  const std::string beside = file + ".new";
  CORNICE_TRY(fd, open_beside(beside));
  const auto written = [&]() -> result<void> {
    CORNICE_TRY(list, read_list(file));
    auto added = list.add({name, may, api::hash_token(token)});
    if (!added) return added.error().within(file);
    return write_all(fd, beside, list.to_json());
  }();
  ::close(fd);
  if (written && ::rename(beside.c_str(), file.c_str()) == 0) return {};
  const error why = written ? os_error(file) : written.error();
  ::unlink(beside.c_str());
  return why;
}

int token_create(const token_options& options, const terminal& t) {
  std::string file = options.file;
  if (file.empty()) {
    const auto config = load(options.config);
    if (!config) return fail_usage(t, config.error().message);
    file = config->api.tokens_file;
    if (file.empty())
      return fail_usage(t, "neither --file nor /api/tokens_file of the configuration names a file");
  }
  const auto token = make_token();
  if (!token) return fail(t, token.error());
  if (const auto added = add_token(file, options.name, options.role, *token); !added)
    return added.error().code == errc::invalid_argument ? fail_usage(t, added.error().message)
                                                        : fail(t, added.error());
  t.out << *token << '\n';
  note(t, "keep the token now: only its hash is in " + file +
              ". The daemon reads that file when it starts.");
  return exit_ok;
}

}  // namespace cornice::app::cli
