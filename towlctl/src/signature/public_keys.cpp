#include "signature/public_keys.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

namespace towlctl {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kDigits = "0123456789abcdefABCDEF";

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() != 2 * kKeyBytes || text.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
  std::string key;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    key += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return key;
}

towl::Result<std::string> read_public_key(const std::string& text) {
  if (auto key = from_hex(text)) return *key;
  std::ifstream stream(text, std::ios::binary);
  if (!stream) {
    return towl::fail(towl::error_from_errno(
        errno, "cannot read the public key: name a file that `towld key create` wrote, or give 64 hexadecimal digits",
        text));
  }
  const std::string pem((std::istreambuf_iterator<char>(stream)), {});
  const std::unique_ptr<BIO, decltype(&BIO_free)> from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                       &BIO_free);
  const Key key(from ? PEM_read_bio_PUBKEY(from.get(), nullptr, nullptr, nullptr) : nullptr, &EVP_PKEY_free);
  std::array<unsigned char, kKeyBytes> raw{};
  std::size_t bytes = raw.size();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &bytes) != 1 || bytes != kKeyBytes) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "is no public Ed25519 key in PEM: name the .pub file that `towld key create` wrote", text);
  }
  return std::string(reinterpret_cast<const char*>(raw.data()), raw.size());
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

towl::Result<std::vector<std::string>> read_public_keys(const std::vector<std::string>& texts) {
  std::vector<std::string> keys;
  for (const std::string& text : texts) {
    auto key = read_public_key(text);
    if (!key) return tl::unexpected(std::move(key.error()));
    keys.push_back(std::move(*key));
  }
  return keys;
}

bool check_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()),
                &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace towlctl
