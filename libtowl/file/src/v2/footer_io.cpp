#include "v2/footer_io.hpp"

#include <string>

#include "v2/frame_cursor.hpp"
#include "v2/zstd.hpp"

namespace towl::detail::v2 {

Result<std::optional<std::string>> read_frame(File& file, std::uint32_t tag, std::uint64_t offset, FrameKind kind) {
  FrameCursor cursor(file, tag, offset);
  FrameHeader header;
  const auto found = cursor.header(header);
  if (!found) return fail(found.error());
  if (*found != FrameFound::frame || header.kind != kind) return std::nullopt;
  std::string_view payload;
  const auto checked = cursor.payload(header, payload);
  if (!checked) return fail(checked.error());
  if (*checked != FrameFound::frame) return std::nullopt;
  if (header.codec == Codec::raw) return std::string(payload);
  std::string raw(header.raw_bytes, '\0');
  if (!Decompressor().decompress(payload, raw)) return std::nullopt;
  return raw;
}

Result<std::optional<Footer>> read_footer(File& file, std::uint32_t tag) {
  const auto size = file.size();
  if (!size) return fail(size.error());
  if (*size < kDataOffset + kFooterBytes) return std::nullopt;
  const auto payload = read_frame(file, tag, *size - kFooterBytes, FrameKind::footer);
  if (!payload) return fail(payload.error());
  if (!*payload) return std::nullopt;
  return decode_footer(**payload, tag);
}

Result<std::optional<Directory>> read_directory(File& file, std::uint32_t tag, const Footer& footer) {
  const auto payload = read_frame(file, tag, footer.directory_offset, FrameKind::directory);
  if (!payload) return fail(payload.error());
  if (!*payload) return std::nullopt;
  return decode_directory(**payload);
}

}  // namespace towl::detail::v2
