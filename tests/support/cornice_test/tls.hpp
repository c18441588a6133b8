// Certificates for tests: an authority of one's own in a folder of one's own.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
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
  certificate_authority() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cornice-tls-XXXXXX").string();
    demand(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
    folder_ = pattern;
    key_ = new_key();
    certificate_ = new_certificate("Cornice Test Authority", *key_, 1, -3600, 24 * 3600);
    extend(*certificate_, NID_basic_constraints, "critical,CA:TRUE");
    extend(*certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
    demand(X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get())) == 1,
           "issuer");
    sign(*certificate_);
    write_certificate(*certificate_, ca_file());
  }
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
    const auto serial = ++serial_;
    const auto key = new_key();
    const auto certificate =
        new_certificate("server", *key, serial, std::min(0L, valid_for_s) - 3600, valid_for_s);
    extend(*certificate, NID_basic_constraints, "critical,CA:FALSE");
    extend(*certificate, NID_ext_key_usage, "serverAuth");
    extend(*certificate, NID_subject_alt_name, names);
    demand(X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get())) == 1,
           "issuer");
    sign(*certificate);
    const auto base = (folder_ / ("server-" + std::to_string(serial))).string();
    write_certificate(*certificate, base + ".pem");
    write_key(*key, base + ".key");
    return {base + ".pem", base + ".key"};
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

  static void demand(bool done, const char* what) {
    if (!done) throw std::runtime_error{std::string{"test certificate: "} + what + " failed"};
  }

  static owned<EVP_PKEY> new_key() {
    owned<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    demand(key != nullptr, "key generation");
    return key;
  }

  static owned<X509> new_certificate(const std::string& name, EVP_PKEY& key, long serial,
                                     long begin_s, long end_s) {
    owned<X509> certificate{X509_new()};
    demand(certificate && X509_set_version(certificate.get(), 2) == 1, "X509_new");
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begin_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), end_s);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    demand(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                      text, -1, -1, 0) == 1,
           "subject");
    demand(X509_set_pubkey(certificate.get(), &key) == 1, "public key");
    return certificate;
  }

  static void extend(X509& certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const owned<X509_EXTENSION> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    demand(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "extension");
  }

  void sign(X509& certificate) const {
    demand(X509_sign(&certificate, key_.get(), EVP_sha256()) > 0, "signature");
  }

  static void write_certificate(X509& certificate, const std::string& file) {
    const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
    demand(out && PEM_write_bio_X509(out.get(), &certificate) == 1, "writing a certificate");
  }

  static void write_key(EVP_PKEY& key, const std::string& file) {
    const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
    demand(out && PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr,
                                           nullptr) == 1,
           "writing a key");
  }

  std::filesystem::path folder_;
  owned<EVP_PKEY> key_;
  owned<X509> certificate_;
  long serial_ = 1;
};

}  // namespace cornice::test
