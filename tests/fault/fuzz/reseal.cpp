#include "reseal.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "v2/footer.hpp"
#include "v2/frame.hpp"
#include "v2/header_io.hpp"
#include "v2/layout.hpp"
#include "v2/pages.hpp"

namespace towl::fuzz {

using namespace detail::v2;
using detail::crc32c;
using detail::load_little_endian;
using detail::store_little_endian;

namespace {

constexpr std::size_t kPositionsAt = 104;
constexpr std::string_view kSlotMagic = "TWLI";
constexpr std::size_t kTagOffset = kExtensionOffset + 20;
constexpr std::size_t kUuidOffset = kExtensionOffset + 24;

using Chains = std::map<std::uint64_t, std::uint32_t>;  // checksum of the frame that ends at an offset

bool begins_with(const std::string& file, std::size_t at, std::string_view magic) {
  return std::string_view(file).substr(std::min(at, file.size())).starts_with(magic);
}

// The frame that repeats the header page, as a writer writes it: what the first frame after it names never differs.
std::string header_frame(const std::string& file) {
  const auto page = decode_header_page(std::string_view(file).substr(0, kPageBytes));
  if (!page) return {};
  const auto front = encode_front(*page);
  return front ? front->substr(kFramesOffset) : std::string();
}

void reseal_positions(char* header, char* positions, std::size_t room, std::uint32_t tag) {
  const auto bytes =
      std::min(load_little_endian<std::uint32_t>(header + kPositionsAt), static_cast<std::uint32_t>(room));
  const bool left_out = load_little_endian<std::uint32_t>(header + kPositionsAt + 4) != 0;
  std::fill(positions + (left_out ? 0 : bytes), positions + room, '\0');
  store_little_endian(header + kPositionsAt, bytes);
  store_little_endian(header + kPositionsAt + 4, std::uint32_t{left_out});
  store_little_endian(header + kPositionsAt + 8,
                      left_out || bytes == 0 ? std::uint32_t{0} : crc32c({positions, bytes}, tag));
}

void reseal_slot_at(char* slot, std::uint32_t tag, const Chains& chains) {
  const auto chain = chains.find(load_little_endian<std::uint64_t>(slot + 24));
  if (chain != chains.end()) store_little_endian(slot + 108, chain->second);
  reseal_slot(slot, tag);
}

}  // namespace

void reseal_header_page(char* page) {
  store_little_endian(page + kTagOffset, crc32c({page + kUuidOffset, 16}));
  store_little_endian(page + kHeaderChecksumOffset, crc32c({page, kHeaderChecksumOffset}));
}

void reseal_slot(char* slot, std::uint32_t tag) {
  kSlotMagic.copy(slot, kSlotMagic.size());
  store_little_endian(slot + 4, crc32c({slot + 8, kSlotBytes - 8}, tag));
}

std::vector<FramePlace> frames_of(const std::string& file) {
  std::vector<FramePlace> frames;
  for (std::size_t at = kFramesOffset; at + kFrameHeaderBytes <= file.size();) {
    if (!begins_with(file, at, kFrameMagic)) {
      at += kFrameAlignment;
      continue;
    }
    std::uint64_t bytes = kFrameHeaderBytes + aligned(load_little_endian<std::uint32_t>(file.data() + at + 12)) +
                          aligned(load_little_endian<std::uint32_t>(file.data() + at + kPositionsAt));
    // A length that is damaged: up to the next frame, or the end.
    if (bytes > file.size() - at) {
      const std::size_t next = file.find(kFrameMagic, at + 4);
      bytes = std::min(next, file.size()) - at;
      bytes = std::max<std::uint64_t>(bytes / kFrameAlignment * kFrameAlignment, kFrameHeaderBytes);
    }
    frames.push_back({at, static_cast<std::size_t>(bytes)});
    at += static_cast<std::size_t>(bytes);
  }
  return frames;
}

void reseal(std::string& file) {
  if (file.size() < kFramesOffset || !file.starts_with(kMagic)) return;
  reseal_header_page(file.data());
  const auto tag = load_little_endian<std::uint32_t>(file.data() + kTagOffset);
  std::uint32_t chain = 0;
  Chains chains;
  const std::string first = header_frame(file);
  if (!first.empty()) chains[kDataOffset] = chain = load_little_endian<std::uint32_t>(first.data() + 4);
  for (const FramePlace& frame : frames_of(file)) {
    if (frame.offset == kFramesOffset && frame.bytes == first.size() && file[frame.offset + 84] == 1) {
      file.replace(frame.offset, frame.bytes, first);
      chains[frame.offset + frame.bytes] = chain;
      continue;
    }
    char* const header = file.data() + frame.offset;
    char* const payload = header + kFrameHeaderBytes;
    auto stored = load_little_endian<std::uint32_t>(header + 12);
    const std::size_t room = frame.bytes - kFrameHeaderBytes;
    if (stored > room) {
      stored = static_cast<std::uint32_t>(room);
      if (header[85] == 0) store_little_endian(header + 16, stored);
      store_little_endian(header + 12, stored);
    }
    const auto kind = static_cast<FrameKind>(header[84]);
    if (kind == FrameKind::header && stored == kPageBytes) reseal_header_page(payload);
    if (kind == FrameKind::footer && stored == kFooterPayloadBytes) reseal_slot_at(payload, tag, chains);
    const auto after_payload = std::min<std::size_t>(room, static_cast<std::size_t>(aligned(stored)));
    std::fill(payload + stored, payload + after_payload, '\0');
    reseal_positions(header, payload + after_payload, room - after_payload, tag);
    store_little_endian(header + 8, crc32c({payload, stored}, tag));
    store_little_endian(header + 80, tag);
    // Its own life and durable stay: a part of the input.
    const Life life{load_little_endian<std::uint32_t>(header + 96), load_little_endian<std::uint32_t>(header + 100)};
    chain = relink_frame(header, {chain, life, ~std::uint64_t{0}}, tag);
    chains[frame.offset + frame.bytes] = chain;
  }
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::size_t at = kIndexOffset + i * kSlotBytes;
    if (begins_with(file, at, kSlotMagic)) reseal_slot_at(file.data() + at, tag, chains);
  }
}

}  // namespace towl::fuzz
