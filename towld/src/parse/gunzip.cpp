#include "parse/gunzip.hpp"

#include "limits/limits.hpp"

#define ZLIB_CONST  // zlib then reads from const memory.
#include <zlib.h>

#include <algorithm>
#include <memory>

namespace towld {
namespace {

/// The largest window, and a gzip header alone (zlib.h, inflateInit2).
constexpr int kGzipWindow = 15 + 16;

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

towl::Result<std::string> gunzip(std::string_view compressed, std::size_t max_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return towl::fail(towl::ErrorCode::io, "no memory to decompress");
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  stream.next_in = reinterpret_cast<const Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) text.resize(std::min(size + std::max(size, kGunzipStepBytes), max_bytes + 1));
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + size);
    stream.avail_out = static_cast<uInt>(text.size() - size);
    const int result = inflate(&stream, Z_NO_FLUSH);
    size = text.size() - stream.avail_out;
    if (size > max_bytes) {
      return towl::fail(towl::ErrorCode::entry_too_large,
                        "larger than " + std::to_string(max_bytes) + " bytes when decompressed");
    }
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      // One gzip text may follow another.
      if (inflateReset(&stream) == Z_OK) continue;
    }
    if (result == Z_BUF_ERROR || (result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      return towl::fail(towl::ErrorCode::invalid_argument, "the gzip text ends too early");
    }
    if (result != Z_OK) return towl::fail(towl::ErrorCode::invalid_argument, "not gzip");
  }
  text.resize(size);
  return text;
}

}  // namespace towld
