#include "cornice/sim/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <memory>

namespace cornice::sim {
namespace {

struct releaser {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* file) const { BIO_free(file); }
};
template <class T>
using owned = std::unique_ptr<T, releaser>;

constexpr long valid_for_s = 30L * 24 * 3600;

error broken(const std::string& what) {
  return {errc::io, "making a certificate: " + what + " failed"};
}

owned<X509> unsigned_certificate(const char* name, long serial, EVP_PKEY& key) {
  owned<X509> made{X509_new()};
  if (!made || X509_set_version(made.get(), 2) != 1) return nullptr;
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_for_s);
  const auto* text = reinterpret_cast<const unsigned char*>(name);
  if (X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, text, -1,
                                 -1, 0) != 1 ||
      X509_set_pubkey(made.get(), &key) != 1)
    return nullptr;
  return made;
}

bool extend(X509& certificate, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> made{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  return made && X509_add_ext(&certificate, made.get(), -1) == 1;
}

bool sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  return X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1 &&
         X509_sign(&certificate, &key, EVP_sha256()) > 0;
}

bool write(X509& certificate, const std::string& file) {
  const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
  return out && PEM_write_bio_X509(out.get(), &certificate) == 1;
}

bool write(EVP_PKEY& key, const std::string& file) {
  const mode_t before = ::umask(077);
  const owned<BIO> out{BIO_new_file(file.c_str(), "w")};
  ::umask(before);
  return out &&
         PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
}

}  // namespace

result<certificate_files> make_certificates(const std::string& ca_file,
                                            const std::vector<std::string>& addresses) {
  const owned<EVP_PKEY> ca_key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  const owned<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  if (!ca_key || !key) return broken("the key");
  const auto ca = unsigned_certificate("Cornice simulator authority", 1, *ca_key);
  const auto server = unsigned_certificate("cornice-sim", 2, *key);
  if (!ca || !server) return broken("the subject");
  std::string names = "DNS:localhost";
  for (const std::string& a : addresses) names += ",IP:" + a;
  if (!extend(*ca, NID_basic_constraints, "critical,CA:TRUE") ||
      !extend(*ca, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(*server, NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(*server, NID_ext_key_usage, "serverAuth") ||
      !extend(*server, NID_subject_alt_name, names))
    return broken("an extension");
  if (!sign(*ca, *ca, *ca_key) || !sign(*server, *ca, *ca_key)) return broken("signing");
  certificate_files files{ca_file + ".crt", ca_file + ".key"};
  if (!write(*ca, ca_file) || !write(*server, files.certificate_file) ||
      !write(*key, files.private_key_file))
    return error{errc::io, "cannot write certificates beside " + ca_file};
  return files;
}

}  // namespace cornice::sim
