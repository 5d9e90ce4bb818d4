#include "access/signing_key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>

#include "access/private_file.hpp"

namespace towld {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(memory, &data);
  return bytes > 0 ? std::string(data, static_cast<std::size_t>(bytes)) : std::string();
}

auto no_key(const std::string& file) {
  return towl::fail(towl::ErrorCode::invalid_argument, "is no private Ed25519 key in PEM; `towld key create` makes one",
                    file);
}

towl::Result<std::string> sign(EVP_PKEY* key, std::string_view message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t bytes = signature.size();
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &bytes, data, message.size()) !=
          1 ||
      bytes != kSignatureBytes) {
    return towl::fail(towl::ErrorCode::io, "cannot sign with this key");
  }
  return signature;
}

}  // namespace

towl::Result<std::string> create_signing_key(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return towl::fail(towl::ErrorCode::already_exists, "there is a key: another one would make what it signed doubtful",
                      file.string());
  }
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const Bio secret(BIO_new(BIO_s_mem()), &BIO_free);
  const Bio open(BIO_new(BIO_s_mem()), &BIO_free);
  if (!key || !secret || !open ||
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_PUBKEY(open.get(), key.get()) != 1) {
    return towl::fail(towl::ErrorCode::io, "cannot make a key", file.string());
  }
  std::string pem = text_of(open.get());
  auto done = replace_file(file, text_of(secret.get()), 0600, true);
  if (done) done = replace_file(file.string() + ".pub", pem, 0644, true);
  if (!done) return towl::fail(std::move(done.error()));
  return pem;
}

towl::Result<towl::Signer> load_signing_key(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read the signing key", file.string()));
  const std::string pem((std::istreambuf_iterator<char>(stream)), {});
  const Bio from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  // Nobody is here who could be asked for a passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const Key key(from ? PEM_read_bio_PrivateKey(from.get(), nullptr, no_passphrase, nullptr) : nullptr, &EVP_PKEY_free);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return no_key(file.string());
  std::array<unsigned char, kKeyBytes> open{};
  std::size_t bytes = open.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), open.data(), &bytes) != 1 || bytes != kKeyBytes) {
    return no_key(file.string());
  }
  return towl::Signer{{reinterpret_cast<const char*>(open.data()), bytes},
                      [key](std::string_view message) { return sign(key.get(), message); }};
}

}  // namespace towld
