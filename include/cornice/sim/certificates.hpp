// A certificate authority for one run of the simulator.
#pragma once

#include "cornice/base/result.hpp"

#include <string>
#include <vector>

namespace cornice::sim {

struct certificate_files {
  std::string certificate_file;
  std::string private_key_file;
};

/// Makes an authority, writes it to `ca_file`, and a server certificate for `addresses` and
/// localhost with its key beside it (`.crt`, `.key`, the key readable by its owner only). The
/// authority's own key is never written. Errors: io.
[[nodiscard]] result<certificate_files> make_certificates(
    const std::string& ca_file, const std::vector<std::string>& addresses);

}  // namespace cornice::sim
