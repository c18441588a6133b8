#include "cornice/infra/config.hpp"
#include "cornice/infra/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cornice::infra {
namespace {

constexpr std::size_t secret_limit = 64u << 10;

class open_file {
 public:
  explicit open_file(const std::string& path)
      : fd_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {}
  ~open_file() {
    if (fd_ >= 0) ::close(fd_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

error failed(errc code, const std::string& path, const std::string& what) {
  return {code, "secret file " + path + ": " + what};
}

error system_failed(const std::string& path, int why) {
  return failed(why == ENOENT ? errc::not_found : errc::io, path, std::strerror(why));
}

result<std::string> read_all(const open_file& file, const std::string& path) {
  std::string content(secret_limit + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t n = ::read(file.fd(), content.data() + size, content.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failed(path, errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > secret_limit)
    return failed(errc::out_of_range, path, "larger than 64 KiB, which no key or token is");
  content.resize(size);
  return content;
}

}  // namespace

result<std::string> read_secret(const std::string& path) {
  if (path.starts_with("${"))
    return failed(errc::not_found, path,
                  "CREDENTIALS_DIRECTORY is not set; start the service with LoadCredential= or "
                  "name the file itself");
  const open_file file{path};
  if (file.fd() < 0) return system_failed(path, errno);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return system_failed(path, errno);
  if (!S_ISREG(info.st_mode)) return failed(errc::refused, path, "not a regular file");
  if ((info.st_mode & S_IRWXO) != 0)
    return failed(errc::refused, path,
                  "accessible to every user of the machine; expected mode 0600 or 0640");
  CORNICE_TRY(content, read_all(file, path));
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) return failed(errc::missing_field, path, "empty; expected a secret");
  redact_in_logs(content);
  return std::move(content);
}

}  // namespace cornice::infra
