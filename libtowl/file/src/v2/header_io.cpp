#include "v2/header_io.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "v2/footer.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {
namespace {

// Where copies of the header page are looked for: a writer puts them after 8 KiB, after 1 MiB and at the end, and a
// frame has at most 64 KiB, except for a very large entry.
constexpr std::uint64_t kFrontBytes = std::uint64_t{4} << 20;
constexpr std::uint64_t kBackBytes = std::uint64_t{1} << 20;

std::optional<HeaderPage> decode_page_of(std::uint32_t tag, std::string_view page) {
  auto decoded = decode_header_page(page);
  if (!decoded || decoded->tag != tag) return std::nullopt;
  return std::move(*decoded);
}

// The page in a frame that repeats it, or in a footer.
std::optional<HeaderPage> page_in_frame(std::uint32_t tag, std::string_view bytes) {
  FrameHeader header;
  if (read_frame_header(bytes, tag, header) != FrameFound::frame) return std::nullopt;
  const bool copy = header.kind == FrameKind::header && header.stored_bytes == kPageBytes;
  const bool footer = header.kind == FrameKind::footer && header.stored_bytes == kFooterPayloadBytes;
  if ((!copy && !footer) || check_payload(bytes, header) != FrameFound::frame) return std::nullopt;
  const std::string_view payload = payload_of(bytes, header);
  return decode_page_of(tag, payload.substr(payload.size() - kPageBytes));
}

// Calls `visit` for the frames of any file that begin in [begin, end), until it returns true.
Result<void> visit_frames(File& file, std::uint64_t begin, std::uint64_t end,
                          const std::function<bool(std::uint32_t tag, std::string_view bytes)>& visit) {
  std::string bytes(static_cast<std::size_t>(end - begin), '\0');
  const auto got = file.read_at(begin, bytes);
  if (!got) return fail(got.error());
  bytes.resize(*got);
  const std::string_view all = bytes;
  for (std::size_t at = all.find(kFrameMagic); at != std::string_view::npos; at = all.find(kFrameMagic, at + 1)) {
    const auto tag = read_frame_tag(all.substr(at));
    if (tag && visit(*tag, all.substr(at))) break;
  }
  return {};
}

// The ID in a file's name, if it has one.
FileId id_in_name(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  FileId id = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id);
  return parsed.ec == std::errc() ? id : 0;
}

// The header page from other places than the file's front; nullopt if there is none.
Result<std::optional<HeaderPage>> find_header(File& file, const std::string& path) {
  const auto size = file.size();
  if (!size) return fail(size.error());
  std::optional<HeaderPage> found;
  std::optional<std::uint32_t> any_tag;
  const auto look = [&](std::uint32_t tag, std::string_view bytes) {
    if (!any_tag) any_tag = tag;
    found = page_in_frame(tag, bytes);
    return found.has_value();
  };
  const std::uint64_t front_end = std::min(*size, kFrontBytes);
  auto looked = visit_frames(file, 0, front_end, look);
  if (looked && !found && *size > front_end) {
    looked = visit_frames(file, std::max(front_end, *size - std::min(*size, kBackBytes)), *size, look);
  }
  if (!looked) return fail(std::move(looked.error()));
  if (found || !any_tag) return found;
  HeaderPage lost;
  lost.tag = *any_tag;
  lost.header.version = kVersion;
  lost.header.file_id = id_in_name(path);
  return lost;
}

// Before format 2 had lives, its frames had headers of 80 bytes. No part of such a file would look whole here, so it
// must be refused, or all of it would be taken for a torn tail.
constexpr std::size_t kEarlyFrameHeaderBytes = 80;

Result<bool> has_early_layout(File& file, std::uint32_t tag) {
  std::string header(kEarlyFrameHeaderBytes, '\0');
  const auto got = file.read_at(kFramesOffset, header);
  if (!got) return fail(got.error());
  return *got == header.size() && header.starts_with(kFrameMagic) &&
         crc32c(std::string_view(header).substr(8), tag) == load_little_endian<std::uint32_t>(header.data() + 4);
}

}  // namespace

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

Result<HeaderPage> read_header_page(File& file, const std::string& path) {
  std::string page(kPageBytes, '\0');
  const auto got = file.read_at(kHeaderOffset, page);
  if (!got) return fail(got.error());
  return read_header(file, std::string_view(page).substr(0, *got), path);
}

Result<HeaderPage> read_header(File& file, std::string_view page, const std::string& path) {
  auto header = decode_header_page(page);
  if (header) {
    const auto early = has_early_layout(file, header->tag);
    if (!early) return fail(early.error());
    if (!*early) return header;
    return fail(ErrorCode::unsupported_version,
                "a file of an early layout of format 2, which only the towl that wrote it can read");
  }
  if (header.error().code == ErrorCode::unsupported_version) return header;
  auto repeated = read_repeated_header(file);
  if (repeated || repeated.error().code == ErrorCode::io) return repeated;
  auto found = find_header(file, path);
  if (!found) return fail(std::move(found.error()));
  if (*found) return std::move(**found);
  return header;
}

Result<std::uint32_t> tag_of(File& file, const Header& header) {
  if (header.uuid != Uuid{}) return file_tag(header.uuid);
  const auto page = read_header_page(file);
  if (!page) return fail(page.error());
  return page->tag;
}

}  // namespace towl::detail::v2
