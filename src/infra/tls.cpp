#include "infra/tls.hpp"

#include "infra/byte_stream.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace cornice::infra {

namespace {

namespace ssl = asio::ssl;

/// One TLS session over one socket. Asio's stream serialises its own use of the socket, so a read
/// and a write may be pending at the same time.
class tls_stream final : public byte_stream {
 public:
  tls_stream(asio::ip::tcp::socket socket, tls_context context,
             ssl::stream_base::handshake_type role)
      : context_{std::move(context)}, stream_{std::move(socket), *context_}, role_{role} {}

  asio::any_io_executor executor() override { return stream_.get_executor(); }

  void read_some(asio::mutable_buffer into, io_handler handler) override {
    stream_.async_read_some(into, std::move(handler));
  }

  void write_some(const_buffers from, io_handler handler) override {
    stream_.async_write_some(from, std::move(handler));
  }

  void handshake(done_handler handler) override {
    stream_.async_handshake(role_, std::move(handler));
  }

  std::string handshake_failure() const override {
    auto* session = const_cast<ssl::stream<asio::ip::tcp::socket>&>(stream_).native_handle();
    const long verdict = SSL_get_verify_result(session);
    if (verdict == X509_V_OK) return {};
    return std::string{"certificate verification failed: "} +
           X509_verify_cert_error_string(verdict);
  }

  // A close_notify alert would need a write of its own; the HTTP layers above frame every message,
  // so the end of the TCP stream says the same.
  void finish_writing() noexcept override {
    error_code not_connected_any_more;
    stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, not_connected_any_more);
  }

  void abort() noexcept override {
    error_code nothing_left_to_close;
    stream_.next_layer().close(nothing_left_to_close);
  }

  SSL* session() { return stream_.native_handle(); }

 private:
  tls_context context_;
  ssl::stream<asio::ip::tcp::socket> stream_;
  ssl::stream_base::handshake_type role_;
};

bool is_address(const std::string& host) {
  error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  return !not_an_address;
}

/// Arranges for the handshake to fail unless the certificate is for `host`.
bool demand_host(SSL* session, const std::string& host) {
  auto* rules = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  // RFC 6066: SNI is for names only. (SSL_set_tlsext_host_name is a macro with a C cast inside.)
  return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
         SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

tls_context make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       ssl::context::single_dh_use);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // Idle connections give their record buffers back.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

/// Chooses http/1.1 when the client offers protocols at all.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof(ours) - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

result<tls_context> make_client_context(const tls_config& config) {
  auto context = make_context(ssl::context::tls_client);
  error_code ec;
  context->set_verify_mode(ssl::verify_peer, ec);
  if (!ec) context->set_default_verify_paths(ec);
  if (ec) return error{errc::unavailable, "TLS: the system's trust store: " + ec.message()};
  if (!config.ca_file.empty()) {
    context->load_verify_file(config.ca_file, ec);
    if (ec)
      return error{errc::unavailable, "TLS: ca_file '" + config.ca_file +
                                          "' must be a readable PEM file: " + ec.message()};
  }
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context->native_handle(), protocols, sizeof(protocols) - 1);
  return context;
}

result<tls_context> make_server_context(const std::string& certificate_file,
                                        const std::string& private_key_file) {
  auto context = make_context(ssl::context::tls_server);
  error_code ec;
  context->use_certificate_chain_file(certificate_file, ec);
  if (ec)
    return error{errc::invalid_argument, "TLS: certificate_file '" + certificate_file +
                                             "' must be a readable PEM chain: " + ec.message()};
  context->use_private_key_file(private_key_file, ssl::context::pem, ec);
  if (ec || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    ERR_clear_error();
    return error{errc::invalid_argument, "TLS: private_key_file '" + private_key_file +
                                             "' must be the PEM key of the certificate"};
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
  return context;
}

std::unique_ptr<byte_stream> make_tls_client_stream(asio::ip::tcp::socket socket,
                                                    std::shared_ptr<ssl::context> context,
                                                    const std::string& host) {
  auto stream =
      std::make_unique<tls_stream>(std::move(socket), std::move(context), ssl::stream_base::client);
  if (!demand_host(stream->session(), host)) return nullptr;
  return stream;
}

std::unique_ptr<byte_stream> make_tls_server_stream(asio::ip::tcp::socket socket,
                                                    std::shared_ptr<ssl::context> context) {
  return std::make_unique<tls_stream>(std::move(socket), std::move(context),
                                      ssl::stream_base::server);
}

}  // namespace cornice::infra
