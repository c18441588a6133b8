#include "cornice/api/api_config.hpp"

namespace cornice::api {

void describe(infra::config_section& s, api_config& c) {
  s.text("address", c.address,
         "Interface to listen on; beyond loopback every endpoint but health and metrics needs a "
         "token.");
  s.integer("port", c.port, {0, 65535}, "TCP port; 0 takes any free one.");
  s.secret_file("tokens_file", c.tokens_file,
                "File of hashed bearer tokens, made by `cornice token`; empty: no admin actions.");
  s.text("certificate_file", c.certificate_file,
         "PEM certificate chain; with private_key_file: TLS.");
  s.secret_file("private_key_file", c.private_key_file, "PEM private key.");
  s.integer("books_max", c.books_max, {0, 1'000'000},
            "Contracts whose book is kept for the read views.");
  s.integer("command_timeout_ms", c.command_timeout_ms, {100, 60'000},
            "Wait for the answer of a command.");
}

}  // namespace cornice::api
