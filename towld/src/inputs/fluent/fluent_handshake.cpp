#include "inputs/fluent/fluent_handshake.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <initializer_list>
#include <span>
#include <utility>

#include "inputs/fluent/message_pack.hpp"
#include "limits/limits.hpp"
#include "towl/error.hpp"

namespace towld {
namespace {

constexpr std::size_t kNonceBytes = 16;
/// PING: its name, host, salt, digest, and a user with a digest of the password, which are not asked for.
constexpr std::uint32_t kLeastPingElements = 4;

std::string hex_of(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Readable: clients take it for a text, and some for UTF-8.
std::string make_nonce() {
  std::array<unsigned char, kNonceBytes> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return hex_of(bytes);
}

/// In hexadecimal.
std::string sha512(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_sha512(), nullptr);
  return hex_of(std::span(digest).first(bytes));
}

void append_pong(bool is_good, std::string_view reason, std::string_view name, std::string_view digest,
                 std::string& to) {
  append_packed_array(5, to);
  append_packed_text("PONG", to);
  append_packed_bool(is_good, to);
  append_packed_text(reason, to);
  append_packed_text(name, to);
  append_packed_text(digest, to);
}

}  // namespace

FluentHandshake::FluentHandshake(std::string key, std::string name)
    : key_(std::move(key)), name_(std::move(name)), nonce_(make_nonce()) {}

std::string FluentHandshake::greeting() const {
  std::string text;
  append_packed_array(2, text);
  append_packed_text("HELO", text);
  append_packed_map(3, text);
  append_packed_text("nonce", text);
  append_packed_text(nonce_, text);
  append_packed_text("auth", text);
  append_packed_text("", text);
  append_packed_text("keepalive", text);
  append_packed_bool(true, text);
  return text;
}

towl::Result<void> FluentHandshake::take(std::string_view message, std::string& answers) const {
  const auto refuse = [&](const char* why) {
    append_pong(false, why, "", "", answers);
    return towl::fail(towl::ErrorCode::invalid_argument, why);
  };
  std::size_t at = 0;
  const auto elements = read_array_header(message, at);
  if (!elements || *elements < kLeastPingElements) return refuse("a shared key is needed");
  std::array<std::string, kLeastPingElements> said;
  MessagePackReader reader;
  for (std::string& one : said) {
    if (!reader.read(message, at) || reader.kind() != MessagePackReader::Kind::text) return refuse("not a PING");
    one = reader.text();
  }
  const auto& [name, host, salt, digest] = said;
  if (name != "PING") return refuse("a shared key is needed");
  const std::string expected = sha512({salt, host, nonce_, key_});
  if (digest.size() != expected.size() || CRYPTO_memcmp(digest.data(), expected.data(), expected.size()) != 0) {
    return refuse("shared_key mismatch");
  }
  append_pong(true, "", name_, sha512({salt, name_, nonce_, key_}), answers);
  return {};
}

towl::Result<std::string> read_shared_key(const std::string& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) return towl::fail(towl::error_from_errno(errno, "cannot read the key", file));
  if ((info.st_mode & S_IROTH) != 0) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      file + " can be read by everybody: chmod 600, or 640 for a group");
  }
  std::ifstream stream(file, std::ios::binary);
  std::string key(kMaxSharedKeyBytes, '\0');
  stream.read(key.data(), static_cast<std::streamsize>(key.size()));
  if (stream.bad() || !stream.eof()) return towl::fail(towl::ErrorCode::invalid_argument, file + " has no key");
  key.resize(static_cast<std::size_t>(stream.gcount()));
  const auto begin = key.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return towl::fail(towl::ErrorCode::invalid_argument, file + " has no key");
  return key.substr(begin, key.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace towld
