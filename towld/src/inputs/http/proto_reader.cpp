#include "inputs/http/proto_reader.hpp"

#include <google/protobuf/wire_format_lite.h>

#include <bit>

namespace towld {
namespace {

using google::protobuf::internal::WireFormatLite;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

}  // namespace

ProtoReader::ProtoReader(std::string_view message)
    : stream_(bytes_of(message), static_cast<int>(message.size())) {}

bool ProtoReader::next() {
  if (!ok_) return false;
  tag_ = stream_.ReadTag();
  if (tag_ != 0) return true;
  ok_ = stream_.ConsumedEntireMessage();
  return false;
}

std::uint64_t ProtoReader::number() {
  std::uint64_t value = 0;
  std::uint32_t small = 0;
  switch (type()) {
    case WireFormatLite::WIRETYPE_VARINT:
      ok_ = stream_.ReadVarint64(&value);
      return value;
    case WireFormatLite::WIRETYPE_FIXED64:
      ok_ = stream_.ReadLittleEndian64(&value);
      return value;
    case WireFormatLite::WIRETYPE_FIXED32:
      ok_ = stream_.ReadLittleEndian32(&small);
      return small;
    default:
      ok_ = false;
      return 0;
  }
}

double ProtoReader::floating() {
  if (type() != WireFormatLite::WIRETYPE_FIXED64) {
    ok_ = false;
    return 0;
  }
  return std::bit_cast<double>(number());
}

std::string_view ProtoReader::bytes() {
  std::uint32_t length = 0;
  if (type() != WireFormatLite::WIRETYPE_LENGTH_DELIMITED || !stream_.ReadVarint32(&length)) {
    ok_ = false;
    return {};
  }
  if (length == 0) return {};
  const void* data = nullptr;
  int size = 0;
  // All of the message is one buffer.
  if (!stream_.GetDirectBufferPointer(&data, &size) || static_cast<std::uint32_t>(size) < length ||
      !stream_.Skip(static_cast<int>(length))) {
    ok_ = false;
    return {};
  }
  return {static_cast<const char*>(data), length};
}

void ProtoReader::skip() { ok_ = WireFormatLite::SkipField(&stream_, tag_); }

}  // namespace towld
