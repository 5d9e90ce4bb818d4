#include "inputs/http/proto_reader.hpp"

#include <bit>

namespace towld {
namespace {

enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// Field numbers have 29 bits.
constexpr std::uint64_t kMostTag = (std::uint64_t{1} << 32) - 1;

}  // namespace

std::string_view ProtoReader::take(std::uint64_t bytes) {
  if (bytes > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(bytes));
  rest_.remove_prefix(taken.size());
  return taken;
}

std::uint64_t ProtoReader::varint() {
  constexpr unsigned kMostBits = 64;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < kMostBits && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::uint64_t ProtoReader::fixed(std::size_t bytes) {
  const std::string_view taken = take(bytes);
  std::uint64_t value = 0;
  for (std::size_t i = taken.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(taken[i - 1]);
  return value;
}

bool ProtoReader::next() {
  if (!ok_ || rest_.empty()) return false;
  tag_ = varint();
  ok_ = ok_ && tag_ <= kMostTag && tag_ >= 8;
  return ok_;
}

std::uint64_t ProtoReader::number() {
  switch (tag_ & 7) {
    case kVarint:
      return varint();
    case kFixed64:
      return fixed(8);
    case kFixed32:
      return fixed(4);
    default:
      ok_ = false;
      return 0;
  }
}

double ProtoReader::floating() {
  if ((tag_ & 7) == kFixed64) return std::bit_cast<double>(fixed(8));
  ok_ = false;
  return 0;
}

std::string_view ProtoReader::bytes() {
  if ((tag_ & 7) != kBytes) {
    ok_ = false;
    return {};
  }
  const std::uint64_t length = varint();
  return ok_ ? take(length) : std::string_view();
}

void ProtoReader::skip() {
  if ((tag_ & 7) == kBytes) {
    bytes();
  } else {
    number();
  }
}

}  // namespace towld
