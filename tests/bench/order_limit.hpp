// What any design with the daemon's promises pays from a tick to an order: two hops over the
// broker, and the slower of one durable commit and one signature.
#pragma once

#include "bare_broker.hpp"
#include "bench.hpp"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cornice_bench {

inline constexpr std::size_t signal_bytes = 700;    // as a book signal of a few levels
inline constexpr std::size_t intent_bytes = 3'000;  // as the intent of a bundle of two legs

/// Each part alone, on a machine that does nothing else for the daemon.
class order_limit {
 public:
  order_limit(const cornice::infra::amqp_config& broker, const std::string& conninfo)
      : publisher_{broker, "bench.limit"}, consumer_{broker, "bench.limit"}, db_{conninfo} {
    pqxx::nontransaction tx{db_};
    tx.exec("CREATE TABLE bench_commit (id bigserial PRIMARY KEY, body text NOT NULL)");
    db_.prepare("commit", "INSERT INTO bench_commit (body) VALUES ($1)");
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
    require(key != nullptr, "an RSA key");
    key_.reset(key);
  }
  double seconds() {
    const double hops = seconds_of([&] {
      for (int i = 0; i < 2; ++i) {
        publisher_.publish(signal_);
        consumer_.receive();
      }
    });
    const double commit = seconds_of([&] {
      pqxx::nontransaction tx{db_};
      tx.exec_prepared("commit", intent_);
    });
    const double signature = seconds_of([&] { sign(); });
    hops_.push_back(hops);
    commits_.push_back(commit);
    signatures_.push_back(signature);
    return hops + std::max(commit, signature);
  }
  void remarks() const {
    remark("tick to order: limit, two hops p50", median(hops_) * 1e6, "us");
    remark("tick to order: limit, commit p50", median(commits_) * 1e6, "us");
    remark("tick to order: limit, RSA-PSS 2048 p50", median(signatures_) * 1e6, "us");
  }

 private:
  void sign() {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free};
    EVP_PKEY_CTX* options = nullptr;
    constexpr std::string_view text = "1790000000000POST/trade-api/v2/portfolio/orders";
    unsigned char out[512];
    std::size_t size = sizeof out;
    const bool done =
        EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key_.get()) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1 &&
        EVP_DigestSign(context.get(), out, &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    require(done, "a signature");
  }

  bare_publisher publisher_;
  bare_consumer consumer_;
  pqxx::connection db_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, &EVP_PKEY_free};
  std::string signal_ = std::string(signal_bytes, 'x');
  std::string intent_ = std::string(intent_bytes, 'x');
  std::vector<double> hops_;
  std::vector<double> commits_;
  std::vector<double> signatures_;
};

}  // namespace cornice_bench
