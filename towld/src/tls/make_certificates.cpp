#include "tls/make_certificates.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "limits/limits.hpp"
#include "tls/pem.hpp"
#include "tls/tls_context.hpp"

namespace towld {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long kSecondsADay = 86'400;
/// Clocks differ.
constexpr long kBackdatedSeconds = 3'600;

auto failed(const std::string& what) {
  return towl::fail(towl::ErrorCode::io, "cannot make " + what + ": " + take_tls_error());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio memory(BIO_new(BIO_s_mem()), &BIO_free);
  const bool written =
      memory && PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return written ? text_of(memory.get()) : "";
}

Certificate certificate_in(const std::string& pem) {
  const Bio from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr), &X509_free};
}

Key key_in(const std::string& pem) {
  const Bio from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

bool set_serial(X509* certificate) {
  // 127 random bits: positive, and not to be guessed (CA/Browser Forum, 7.1).
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free);
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

/// A common name may have 64 characters (RFC 5280, upper bounds); it is for people.
bool set_name(X509* certificate, const std::string& whole) {
  const std::string name = whole.substr(0, 64);
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()),
                                    -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free);
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A certificate without extensions and signature.
Certificate begin(const std::string& name, EVP_PKEY* key, long days) {
  Certificate certificate(X509_new(), &X509_free);
  const bool good = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_serial(certificate.get()) && set_name(certificate.get(), name) &&
                    X509_set_pubkey(certificate.get(), key) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kBackdatedSeconds) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kSecondsADay) != nullptr;
  if (!good) certificate.reset();
  return certificate;
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// What may stand in a list of names without being taken for more than one.
bool is_host_name(const std::string& name) {
  return !name.empty() && name.size() <= kMaxHostNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '*' || c == '_';
  });
}

}  // namespace

towl::Result<MadeCertificate> make_ca(const std::string& name) {
  ERR_clear_error();
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return failed("a key");
  const Certificate ca = begin(name, key.get(), kCaDays);
  const bool good = ca && X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1 &&
                    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash") &&
                    X509_sign(ca.get(), key.get(), EVP_sha256()) > 0;
  if (!good) return failed("a CA");
  return MadeCertificate{pem_of(ca.get()), pem_of(key.get())};
}

towl::Result<MadeCertificate> make_server_certificate(const MadeCertificate& ca,
                                                      const std::vector<std::string>& names) {
  ERR_clear_error();
  const Certificate issuer = certificate_in(ca.certificate);
  const Key issuer_key = key_in(ca.key);
  if (!issuer || !issuer_key || X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the CA cannot be used: " + take_tls_error());
  }
  std::string alternatives;
  for (const std::string& name : names) {
    if (!is_address(name) && !is_host_name(name)) {
      return towl::fail(towl::ErrorCode::invalid_argument, "\"" + name + "\" is no name of a host");
    }
    alternatives += (alternatives.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  if (names.empty()) return towl::fail(towl::ErrorCode::invalid_argument, "a server's certificate needs a name");
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) return failed("a key");
  const Certificate made = begin(names.front(), key.get(), kServerCertificateDays);
  const bool good = made && X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get())) == 1 &&
                    add_extension(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(made.get(), issuer.get(), NID_key_usage, "critical,digitalSignature") &&
                    add_extension(made.get(), issuer.get(), NID_ext_key_usage, "serverAuth") &&
                    add_extension(made.get(), issuer.get(), NID_subject_key_identifier, "hash") &&
                    add_extension(made.get(), issuer.get(), NID_authority_key_identifier, "keyid") &&
                    add_extension(made.get(), issuer.get(), NID_subject_alt_name, alternatives) &&
                    X509_sign(made.get(), issuer_key.get(), EVP_sha256()) > 0;
  if (!good) return failed("a certificate");
  return MadeCertificate{pem_of(made.get()) + pem_of(issuer.get()), pem_of(key.get())};
}

towl::Result<std::string> fingerprint_of(const std::string& pem) {
  ERR_clear_error();
  const Certificate certificate = certificate_in(pem);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &bytes) != 1) {
    return towl::fail(towl::ErrorCode::invalid_argument, "not a certificate: " + take_tls_error());
  }
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < bytes; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace towld
