// Certificates for tests: an authority of one's own in a folder of one's own.
#pragma once

#include "sim/certificate_authority.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace cornice::test {

struct certificate_files {
  std::string certificate;  ///< PEM
  std::string private_key;  ///< PEM
};

/// An authority that signs certificates into files, which live as long as it does.
class certificate_authority {
 public:
  certificate_authority() { authority_.write(ca_file()).value(); }
  ~certificate_authority() {
    std::error_code left_behind;
    std::filesystem::remove_all(folder_, left_behind);
  }
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// What clients are to trust.
  [[nodiscard]] std::string ca_file() const { return (folder_ / "ca.pem").string(); }

  /// A server certificate. `names` is an OpenSSL subjectAltName: "DNS:localhost,IP:127.0.0.1".
  /// Valid from an hour before `valid_for_s` began, so a negative value makes an expired one.
  certificate_files issue(const std::string& names, long valid_for_s = 3600) {
    const std::string base = (folder_ / ("server-" + std::to_string(++issued_))).string();
    certificate_files files{base + ".pem", base + ".key"};
    authority_
        .issue("server", names, {std::min(0L, valid_for_s) - 3600, valid_for_s}, files.certificate,
               files.private_key)
        .value();
    return files;
  }

 private:
  static std::filesystem::path new_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cornice-tls-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp failed"};
    return pattern;
  }

  std::filesystem::path folder_ = new_folder();
  sim::certificate_authority authority_ =
      sim::certificate_authority::make("Cornice Test Authority", 24 * 3600).value();
  int issued_ = 0;
};

}  // namespace cornice::test
