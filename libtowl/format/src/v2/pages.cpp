#include "v2/pages.hpp"

#include <algorithm>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "v1/pages.hpp"

namespace towl::detail::v2 {
namespace {

// After kExtensionOffset in the header page.
constexpr std::string_view kExtensionMagic = "TOWL2HDR";
constexpr std::uint32_t kExtensionBytes = 56;
constexpr std::size_t kRequiredAt = kExtensionOffset + 12;
constexpr std::size_t kCompatibleAt = kExtensionOffset + 16;
constexpr std::size_t kHeaderTagAt = kExtensionOffset + 20;
constexpr std::size_t kUuidAt = kExtensionOffset + 24;
constexpr std::size_t kCreatedAt = kExtensionOffset + 40;
constexpr std::size_t kFramesAt = kExtensionOffset + 48;
constexpr std::size_t kMoreAt = kExtensionOffset + kExtensionBytes;
constexpr std::size_t kMaxMoreBytes = kHeaderChecksumOffset - kMoreAt;
static_assert(kFramesAt + 8 == kMoreAt);

constexpr std::string_view kSlotMagic = "TWLI";
constexpr std::uint32_t kFlagClosed = 1;
constexpr std::uint32_t kFlagEntries = 2;
constexpr std::uint32_t kFlagSealed = 4;
constexpr std::size_t kSlotFlagsAt = 104;
constexpr std::size_t kSlotPointsAt = 192;
static_assert(kSlotPointsAt + kSlotPoints * 16 == kSlotBytes);

template <class T>
void put(std::string& to, std::size_t at, T value) {
  store_little_endian(to.data() + at, value);
}

template <class T>
T get(std::string_view from, std::size_t at) {
  return load_little_endian<T>(from.data() + at);
}

tl::unexpected<Error> damaged(const char* what) {
  Error error{.code = ErrorCode::corrupt, .message = std::string("the header page is damaged: ") + what};
  error.offset = kHeaderOffset;
  return fail(std::move(error));
}

}  // namespace

std::uint32_t file_tag(const Uuid& uuid) { return crc32c({reinterpret_cast<const char*>(uuid.data()), uuid.size()}); }

Result<std::string> encode_header_page(const HeaderPage& values) {
  std::string page = v1::encode_header_values(kMagic, values.header);
  if (page.size() > kExtensionOffset) {
    return fail(ErrorCode::invalid_argument,
                "org and title are too long together: they must fit 731 bytes of the header page");
  }
  page.resize(kPageBytes);
  if (values.more.size() > kMaxMoreBytes) {
    return fail(ErrorCode::invalid_argument, "the second part of the header page is too long");
  }
  page.replace(kExtensionOffset, kExtensionMagic.size(), kExtensionMagic);
  put(page, kExtensionOffset + 8, static_cast<std::uint32_t>(kExtensionBytes + values.more.size()));
  put(page, kRequiredAt, std::uint32_t{0});
  put(page, kCompatibleAt, values.compatible);
  page.replace(kMoreAt, values.more.size(), values.more);
  put(page, kHeaderTagAt, file_tag(values.header.uuid));
  std::copy(values.header.uuid.begin(), values.header.uuid.end(), page.begin() + kUuidAt);
  put(page, kCreatedAt, values.created);
  put(page, kFramesAt, std::uint64_t{kFramesOffset});
  put(page, kHeaderChecksumOffset, crc32c(std::string_view(page).substr(0, kHeaderChecksumOffset)));
  return page;
}

Result<HeaderPage> decode_header_page(std::string_view page) {
  if (!page.starts_with(kMagic)) {
    return fail(ErrorCode::not_a_towl_file, "not a towl file of format 2: it does not begin with \"towlfile2\"");
  }
  if (page.size() < kPageBytes) return fail(ErrorCode::corrupt, "the header page is cut off");
  // The checksum comes first: a damaged version must not send the user after another program.
  if (get<std::uint32_t>(page, kHeaderChecksumOffset) != crc32c(page.substr(0, kHeaderChecksumOffset))) {
    return damaged("its checksum does not fit");
  }
  if (const std::int32_t version = v1::header_version(page); version != kVersion) {
    return fail(ErrorCode::unsupported_version,
                "a towl file of version " + std::to_string(version) + "; this program reads versions 1 and 2");
  }
  const auto second_part = get<std::uint32_t>(page, kExtensionOffset + 8);
  if (page.substr(kExtensionOffset, kExtensionMagic.size()) != kExtensionMagic || second_part < kExtensionBytes ||
      second_part > kExtensionBytes + kMaxMoreBytes || get<std::uint64_t>(page, kFramesAt) != kFramesOffset) {
    return damaged("its second part is not one of format 2");
  }
  if (const auto required = get<std::uint32_t>(page, kRequiredAt); required != 0) {
    return fail(ErrorCode::unsupported_version, "the file uses features that this program does not know (flags " +
                                                    std::to_string(required) + "): get a newer one");
  }
  auto values = v1::decode_header_values(page.substr(0, kExtensionOffset));
  if (!values) return fail(std::move(values.error()));
  HeaderPage decoded{.header = std::move(values->header),
                     .created = get<Timestamp>(page, kCreatedAt),
                     .compatible = get<std::uint32_t>(page, kCompatibleAt),
                     .more = std::string(page.substr(kMoreAt, second_part - kExtensionBytes))};
  std::copy_n(page.begin() + kUuidAt, decoded.header.uuid.size(), decoded.header.uuid.begin());
  decoded.tag = file_tag(decoded.header.uuid);
  if (get<std::uint32_t>(page, kHeaderTagAt) != decoded.tag) return damaged("its tag is not its UUID's");
  return decoded;
}

std::string encode_slot(const Slot& slot, std::uint32_t tag) {
  std::string bytes(kSlotBytes, '\0');
  const Index& index = slot.index;
  bytes.replace(0, kSlotMagic.size(), kSlotMagic);
  put(bytes, 8, slot.sequence);
  put(bytes, 16, index.count);
  put(bytes, 24, slot.data_end);
  put(bytes, 32, index.opened);
  put(bytes, 40, index.closed.value_or(0));
  put(bytes, 48, index.first.value_or(0));
  put(bytes, 56, index.last.value_or(0));
  put(bytes, 64, index.min.value_or(0));
  put(bytes, 72, index.max.value_or(0));
  put(bytes, 80, index.digest);
  put(bytes, 88, index.frames);
  put(bytes, 96, index.text_bytes);
  put(bytes, kSlotFlagsAt,
      (index.closed ? kFlagClosed : 0) | (index.count > 0 ? kFlagEntries : 0) | (index.sealed ? kFlagSealed : 0));
  put(bytes, 108, slot.chain);
  put(bytes, 112, slot.footer_offset);
  const std::size_t points = std::min(slot.points.size(), kSlotPoints);
  put(bytes, 120, static_cast<std::uint32_t>(points));
  put(bytes, 124, index.gaps);
  put(bytes, 128, index.event_min.value_or(0));
  put(bytes, 136, index.event_max.value_or(0));
  put(bytes, 144, slot.life.number);
  put(bytes, 148, slot.life.random);
  put(bytes, 152, slot.life_begin);
  put(bytes, 160, slot.last_frame);
  put(bytes, 168, slot.given_out);
  for (std::size_t i = 0; i < points; ++i) {
    put(bytes, kSlotPointsAt + 16 * i, slot.points[i].ordinal);
    put(bytes, kSlotPointsAt + 16 * i + 8, slot.points[i].offset);
  }
  put(bytes, 4, crc32c(std::string_view(bytes).substr(8), tag));
  return bytes;
}

std::optional<Slot> decode_slot(std::string_view bytes, std::uint32_t tag) {
  if (bytes.size() < kSlotBytes || !bytes.starts_with(kSlotMagic)) return std::nullopt;
  if (get<std::uint32_t>(bytes, 4) != crc32c(bytes.substr(8, kSlotBytes - 8), tag)) return std::nullopt;
  const auto flags = get<std::uint32_t>(bytes, kSlotFlagsAt);
  const auto points = get<std::uint32_t>(bytes, 120);
  Slot slot;
  slot.sequence = get<std::uint64_t>(bytes, 8);
  slot.data_end = get<std::uint64_t>(bytes, 24);
  if (points > kSlotPoints || slot.data_end < kDataOffset || slot.data_end > kMaxFileBytes ||
      slot.data_end % kFrameAlignment != 0) {
    return std::nullopt;
  }
  Index& index = slot.index;
  index.count = get<std::uint64_t>(bytes, 16);
  index.opened = get<Timestamp>(bytes, 32);
  if ((flags & kFlagClosed) != 0) index.closed = get<Timestamp>(bytes, 40);
  if ((flags & kFlagEntries) != 0) {
    index.first = get<Timestamp>(bytes, 48);
    index.last = get<Timestamp>(bytes, 56);
    index.min = get<Timestamp>(bytes, 64);
    index.max = get<Timestamp>(bytes, 72);
    index.event_min = get<Timestamp>(bytes, 128);
    index.event_max = get<Timestamp>(bytes, 136);
  }
  index.digest = get<std::uint64_t>(bytes, 80);
  index.frames = get<std::uint64_t>(bytes, 88);
  index.text_bytes = get<std::uint64_t>(bytes, 96);
  index.sealed = (flags & kFlagSealed) != 0;
  slot.chain = get<std::uint32_t>(bytes, 108);
  slot.footer_offset = get<std::uint64_t>(bytes, 112);
  index.gaps = get<std::uint32_t>(bytes, 124);
  slot.life = {get<std::uint32_t>(bytes, 144), get<std::uint32_t>(bytes, 148)};
  slot.life_begin = get<Ordinal>(bytes, 152);
  if (slot.life_begin > index.count || !makes_sense(slot.life)) return std::nullopt;
  slot.last_frame = get<std::uint64_t>(bytes, 160);
  slot.given_out = get<Ordinal>(bytes, 168);
  for (std::size_t i = 0; i < points; ++i) {
    slot.points.push_back(
        {get<std::uint64_t>(bytes, kSlotPointsAt + 16 * i), get<std::uint64_t>(bytes, kSlotPointsAt + 16 * i + 8)});
    const SkipPoint& point = slot.points.back();
    if (point.offset >= slot.data_end || point.offset < kDataOffset) return std::nullopt;
    if (i > 0 && (point.offset <= slot.points[i - 1].offset || point.ordinal <= slot.points[i - 1].ordinal)) {
      return std::nullopt;
    }
  }
  return slot;
}

SkipPoints::SkipPoints(std::vector<SkipPoint> points) : points_(std::move(points)) {
  for (std::size_t i = 1; i < points_.size(); ++i) {
    while (distance_ < points_[i].offset - points_[i - 1].offset) distance_ *= 2;
  }
}

void SkipPoints::add(SkipPoint point) {
  if (!points_.empty() && point.offset - points_.back().offset < distance_) return;
  if (points_.size() == kSlotPoints) {
    for (std::size_t i = 1; 2 * i < points_.size(); ++i) points_[i] = points_[2 * i];
    points_.resize(kSlotPoints / 2);
    distance_ *= 2;
    if (point.offset - points_.back().offset < distance_) return;
  }
  points_.push_back(point);
}

}  // namespace towl::detail::v2
