#include "v2/head.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "bytes.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::string_view kMessageBegins = "towl signed head";
constexpr char kEd25519 = 1;
// More than any file has, so sums of counts do not overflow.
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 56;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kCountAt = 8;
constexpr std::size_t kTimeAt = 16;
constexpr std::size_t kKeyAt = 24;
constexpr std::size_t kSignatureAt = kKeyAt + kKeyBytes;
static_assert(kSignatureAt + kSignatureBytes == kHeadBytes);

void append(std::string& to, const Sha256& hash) { to.append(reinterpret_cast<const char*>(hash.data()), hash.size()); }

}  // namespace

std::string head_message(const Header& header, const SignedHead& head) {
  std::string message(kMessageBegins);
  message.append(reinterpret_cast<const char*>(header.uuid.data()), header.uuid.size());
  append_little_endian(message, header.file_id);
  append_little_endian(message, head.count);
  append_little_endian(message, head.time);
  append(message, head.root);
  return message;
}

std::string encode_head(const Head& head) {
  std::string payload(kCountAt, '\0');
  payload[0] = kEd25519;
  append_little_endian(payload, head.tree.count());
  append_little_endian(payload, head.head.time);
  payload += head.head.public_key;
  payload += head.head.signature;
  for (const Sha256& peak : head.tree.peaks()) append(payload, peak);
  return payload;
}

std::optional<Head> decode_head(std::string_view payload) {
  if (payload.size() < kHeadBytes || payload.substr(0, kCountAt) != std::string_view("\1\0\0\0\0\0\0\0", kCountAt)) {
    return std::nullopt;
  }
  Head head;
  head.head.count = load_little_endian<std::uint64_t>(payload.data() + kCountAt);
  head.head.time = load_little_endian<Timestamp>(payload.data() + kTimeAt);
  head.head.public_key = payload.substr(kKeyAt, kKeyBytes);
  head.head.signature = payload.substr(kSignatureAt, kSignatureBytes);
  const auto count = static_cast<std::size_t>(std::popcount(head.head.count));
  payload.remove_prefix(kHeadBytes);
  if (count == 0 || head.head.count > kMaxCount || payload.size() != count * sizeof(Sha256)) return std::nullopt;
  std::vector<Sha256> peaks(count);
  std::memcpy(peaks.data(), payload.data(), payload.size());
  head.tree = *EntryTree::of(head.head.count, peaks);
  head.head.root = head.tree.root();
  return head;
}

}  // namespace towl::detail::v2
