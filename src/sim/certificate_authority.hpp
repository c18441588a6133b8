// An authority that signs server certificates: the simulator's TLS, and the tests' of every area.
// Header-only, because those tests link no simulator.
#pragma once

#include "cornice/base/result.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <utility>

namespace cornice::sim {

/// Keys are EC P-256 and live in memory; only those of servers are ever written. Errors: io, with
/// what failed.
class certificate_authority {
 public:
  /// From now on, in seconds; either may lie in the past.
  struct validity {
    long begin_s = -3600;
    long end_s = 0;
  };

  static result<certificate_authority> make(const std::string& name, long valid_for_s) {
    certificate_authority a;
    a.key_ = new_key();
    if (!a.key_) return broken("the key");
    a.certificate_ = unsigned_certificate(name, 1, *a.key_, {-3600, valid_for_s});
    if (!a.certificate_) return broken("the subject");
    if (!extend(*a.certificate_, NID_basic_constraints, "critical,CA:TRUE") ||
        !extend(*a.certificate_, NID_key_usage, "critical,keyCertSign,cRLSign"))
      return broken("an extension");
    if (!a.sign(*a.certificate_)) return broken("signing");
    return a;
  }

  /// The certificate that clients are to trust, as PEM.
  [[nodiscard]] result<void> write(const std::string& file) const {
    if (!write_certificate(*certificate_, file)) return unwritten(file);
    return {};
  }

  /// A server certificate and its key, readable by its owner only, as PEM. `names` is an OpenSSL
  /// subjectAltName: "DNS:localhost,IP:127.0.0.1".
  [[nodiscard]] result<void> issue(const std::string& name, const std::string& names,
                                   validity valid, const std::string& certificate_file,
                                   const std::string& key_file) {
    const auto key = new_key();
    if (!key) return broken("the key");
    const auto made = unsigned_certificate(name, ++serial_, *key, valid);
    if (!made) return broken("the subject");
    if (!extend(*made, NID_basic_constraints, "critical,CA:FALSE") ||
        !extend(*made, NID_ext_key_usage, "serverAuth") ||
        !extend(*made, NID_subject_alt_name, names))
      return broken("an extension");
    if (!sign(*made)) return broken("signing");
    if (!write_certificate(*made, certificate_file)) return unwritten(certificate_file);
    if (!write_key(*key, key_file)) return unwritten(key_file);
    return {};
  }

 private:
  struct releaser {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(BIO* file) const { BIO_free(file); }
  };
  template <class T>
  using owned = std::unique_ptr<T, releaser>;

  certificate_authority() = default;

  static error broken(const std::string& what) {
    return {errc::io, "making a certificate: " + what + " failed"};
  }
  static error unwritten(const std::string& file) {
    return {errc::io, "cannot write the certificate file " + file};
  }
  static owned<EVP_PKEY> new_key() {
    return owned<EVP_PKEY>{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  }
  static owned<X509> unsigned_certificate(const std::string& name, long serial, EVP_PKEY& key,
                                          validity valid) {
    owned<X509> made{X509_new()};
    if (!made || X509_set_version(made.get(), 2) != 1) return nullptr;
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), valid.begin_s);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), valid.end_s);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    if (X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, text, -1,
                                   -1, 0) != 1 ||
        X509_set_pubkey(made.get(), &key) != 1)
      return nullptr;
    return made;
  }
  static bool extend(X509& certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const owned<X509_EXTENSION> made{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    return made && X509_add_ext(&certificate, made.get(), -1) == 1;
  }
  [[nodiscard]] bool sign(X509& certificate) const {
    return X509_set_issuer_name(&certificate, X509_get_subject_name(certificate_.get())) == 1 &&
           X509_sign(&certificate, key_.get(), EVP_sha256()) > 0;
  }
  static bool write_certificate(X509& certificate, const std::string& file) {
    const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
    return out && PEM_write_bio_X509(out.get(), &certificate) == 1;
  }
  static bool write_key(EVP_PKEY& key, const std::string& file) {
    const mode_t before = ::umask(077);
    const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
    ::umask(before);
    return out &&
           PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  }

  owned<EVP_PKEY> key_;
  owned<X509> certificate_;
  long serial_ = 1;
};

}  // namespace cornice::sim
