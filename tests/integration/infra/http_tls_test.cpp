#include "cornice_test/tls.hpp"
#include "http_test_world.hpp"

namespace cornice::infra::test {
namespace {

class http_tls_test : public http_world {
 protected:
  using files = cornice::test::certificate_files;

  std::uint16_t serve(const files& certificate) {
    http_server_config config;
    config.port = 0;
    config.certificate_file = certificate.certificate;
    config.private_key_file = certificate.private_key;
    server_ = std::make_unique<http_server>(
        loop.get_executor(), config,
        [](server_request request) -> task<server_response> {
          server_response response;
          response.body = request.path;
          co_return response;
        },
        metrics);
    server_->start().value();
    return server_->port();
  }

  result<http_response> ask(const std::string& host, std::uint16_t port, const std::string& ca) {
    http_client client{loop.get_executor(), http_client_config{.tls = tls_config{.ca_file = ca}},
                       metrics};
    return run(client.send(get("https://" + host + ":" + std::to_string(port) + "/path")));
  }

  void expect_refused(const result<http_response>& answer, const std::string& why) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::unavailable);
    EXPECT_NE(answer.error().message.find(why), std::string::npos) << answer.error().message;
  }

  cornice::test::certificate_authority authority;

 private:
  std::unique_ptr<http_server> server_;
};

TEST_F(http_tls_test, certificate_of_the_private_authority_is_accepted_by_name_and_address) {
  const auto port = serve(authority.issue("DNS:localhost,IP:127.0.0.1"));
  EXPECT_EQ(ask("127.0.0.1", port, authority.ca_file()).value().body, "/path");
  EXPECT_EQ(ask("localhost", port, authority.ca_file()).value().body, "/path");
}

TEST_F(http_tls_test, authority_that_nobody_named_is_refused) {
  const auto port = serve(authority.issue("DNS:localhost,IP:127.0.0.1"));
  expect_refused(ask("127.0.0.1", port, ""), "unable to get local issuer certificate");
  const cornice::test::certificate_authority other;
  expect_refused(ask("127.0.0.1", port, other.ca_file()), "certificate verification failed");
}

TEST_F(http_tls_test, certificate_for_another_host_is_refused) {
  const auto by_name = serve(authority.issue("DNS:localhost"));
  expect_refused(ask("127.0.0.1", by_name, authority.ca_file()), "IP address mismatch");
  EXPECT_TRUE(ask("localhost", by_name, authority.ca_file()));
  const auto by_address = serve(authority.issue("IP:127.0.0.1"));
  expect_refused(ask("localhost", by_address, authority.ca_file()), "ostname mismatch");
}

TEST_F(http_tls_test, expired_certificate_is_refused) {
  const auto port = serve(authority.issue("IP:127.0.0.1", -60));
  expect_refused(ask("127.0.0.1", port, authority.ca_file()), "expired");
}

TEST_F(http_tls_test, missing_authority_file_is_unavailable_and_named) {
  expect_refused(ask("127.0.0.1", 1, "/nonexistent/ca.pem"), "/nonexistent/ca.pem");
}

TEST_F(http_tls_test, peer_that_does_not_speak_tls_is_unavailable) {
  scripted_peer peer{loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await send_text(socket, answer("plain"));
                       co_await read_all(socket);
                     }};
  const auto got = ask("127.0.0.1", peer.port(), authority.ca_file());
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::unavailable);
}

TEST_F(http_tls_test, peer_that_stalls_in_the_handshake_is_unavailable_at_the_deadline) {
  scripted_peer peer{
      loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> { co_await read_all(socket); }};
  http_client client{loop.get_executor(), {}, metrics};
  const auto got = run(client.send(get(peer.url("/", "https"), 100ms)));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::unavailable);
}

TEST_F(http_tls_test, connections_are_reused_and_large_bodies_pass_both_ways) {
  const auto certificate = authority.issue("IP:127.0.0.1");
  http_server_config config;
  config.port = 0;
  config.body_limit = std::size_t{8} << 20;
  config.certificate_file = certificate.certificate;
  config.private_key_file = certificate.private_key;
  http_server server{loop.get_executor(), config,
                     [](server_request request) -> task<server_response> {
                       server_response response;
                       response.body = std::move(request.body);
                       co_return response;
                     },
                     metrics};
  server.start().value();
  http_client client{loop.get_executor(),
                     http_client_config{.tls = tls_config{.ca_file = authority.ca_file()}},
                     metrics};
  const auto where = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  std::string body;
  for (int i = 0; body.size() < std::size_t{4} << 20; ++i) body += std::to_string(i);
  run(client.warm(where, 1));
  for (int i = 0; i < 3; ++i) {
    const auto got = run(client.send(post(where, body)));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->body == body);
    EXPECT_TRUE(got->reused_connection);
  }
}

TEST_F(http_tls_test, server_refuses_to_start_with_a_key_of_another_certificate) {
  const auto one = authority.issue("IP:127.0.0.1");
  const auto two = authority.issue("IP:127.0.0.1");
  http_server_config config;
  config.port = 0;
  config.certificate_file = one.certificate;
  config.private_key_file = two.private_key;
  http_server server{loop.get_executor(), config, nullptr, metrics};
  EXPECT_EQ(server.start().error().code, errc::invalid_argument);
}

}  // namespace
}  // namespace cornice::infra::test
