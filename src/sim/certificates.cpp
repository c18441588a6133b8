#include "cornice/sim/certificates.hpp"

#include "sim/certificate_authority.hpp"

namespace cornice::sim {
namespace {

constexpr long valid_for_s = 30L * 24 * 3600;

}  // namespace

result<certificate_files> make_certificates(const std::string& ca_file,
                                            const std::vector<std::string>& addresses) {
  auto authority = certificate_authority::make("Cornice simulator authority", valid_for_s);
  if (!authority) return authority.error();
  std::string names = "DNS:localhost";
  for (const std::string& a : addresses) names += ",IP:" + a;
  certificate_files files{ca_file + ".crt", ca_file + ".key"};
  CORNICE_CHECK_OK(authority->write(ca_file));
  CORNICE_CHECK_OK(authority->issue("cornice-sim", names, {-3600, valid_for_s},
                                    files.certificate_file, files.private_key_file));
  return files;
}

}  // namespace cornice::sim
