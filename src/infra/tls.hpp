// TLS contexts: whom we trust, and with what we present ourselves.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/http_client.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace cornice::infra {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// For connecting: TLS 1.2 or newer, the system store plus `config.ca_file`, peers always verified.
/// Errors: unavailable (a store cannot be read).
[[nodiscard]] result<tls_context> make_client_context(const tls_config& config);

/// For listening. Errors: invalid_argument (unreadable certificate or key, or they do not belong
/// together).
[[nodiscard]] result<tls_context> make_server_context(const std::string& certificate_file,
                                                      const std::string& private_key_file);

}  // namespace cornice::infra
