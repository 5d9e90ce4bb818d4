#include "v2/header_io.hpp"

#include "bytes.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {

Result<std::string> encode_front(const HeaderPage& page) {
  auto header = encode_header_page(page);
  if (!header) return header;
  const std::uint32_t tag = file_tag(page.header.uuid);
  std::string front = *header;
  front.resize(kFramesOffset);
  FrameHeader repeat;
  repeat.tag = tag;
  repeat.kind = FrameKind::header;
  repeat.raw_bytes = kPageBytes;
  repeat = append_frame(repeat, *header, front);
  Slot slot;
  slot.sequence = 1;
  slot.index.opened = page.created;
  slot.chain = repeat.header_checksum;
  slot.last_frame = kFramesOffset;
  front.replace(slot_offset(slot.sequence), kSlotBytes, encode_slot(slot, tag));
  return front;
}

std::uint32_t first_chain(std::string_view front) {
  return load_little_endian<std::uint32_t>(front.data() + kFramesOffset + 4);
}

Result<HeaderPage> read_repeated_header(File& file) {
  std::string bytes(kDataOffset - kFramesOffset, '\0');
  const auto got = file.read_at(kFramesOffset, bytes);
  if (!got) return fail(got.error());
  bytes.resize(*got);
  if (bytes.size() == kDataOffset - kFramesOffset) {
    auto page = decode_header_page(std::string_view(bytes).substr(kFrameHeaderBytes));
    if (!page) return page;
    FrameHeader header;
    if (read_frame_header(bytes, file_tag(page->header.uuid), header) == FrameFound::frame &&
        header.kind == FrameKind::header && header.previous == 0 && check_payload(bytes, header) == FrameFound::frame) {
      return page;
    }
  }
  Error error{.code = ErrorCode::corrupt, .message = "the frame that repeats the header page is damaged"};
  error.offset = kFramesOffset;
  return fail(std::move(error));
}

Result<HeaderPage> read_header_page(File& file) {
  std::string page(kPageBytes, '\0');
  const auto got = file.read_at(kHeaderOffset, page);
  if (!got) return fail(got.error());
  return read_header(file, std::string_view(page).substr(0, *got));
}

Result<HeaderPage> read_header(File& file, std::string_view page) {
  auto header = decode_header_page(page);
  if (header || header.error().code == ErrorCode::unsupported_version) return header;
  auto repeated = read_repeated_header(file);
  if (repeated || repeated.error().code == ErrorCode::io) return repeated;
  return header;
}

}  // namespace towl::detail::v2
