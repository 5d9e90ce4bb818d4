#include "v2/sections.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "v2/entropy.hpp"

namespace towl::detail::v2 {
namespace {

// From about this size on, separate statistics are worth a section's twenty bytes and its tables.
constexpr std::size_t kOwnSectionBytes = 4096;
// For what many short parts share: it is little, and much of it is similar.
constexpr int kLaneLevel = 13;
// What a quick level does not make smaller than this is stored as it is.
constexpr double kRandomShare = 0.985;
constexpr int kQuickLevel = 3;

// Can `bytes` be random, as far as one can tell from how often each is there? If not, zstd's codes for single bytes make
// them smaller.
bool may_be_random(std::string_view bytes) {
  constexpr double kLeastBits = 7.5;  // Of a byte's 8.
  return entropy_bits(bytes.size(), [&](std::size_t i) { return bytes[i]; }) >=
         kLeastBits * static_cast<double>(bytes.size());
}

}  // namespace

SectionWriter::SectionWriter(int zstd_level) : level_(zstd_level), context_(ZSTD_createCCtx()), sections_(kLanes) {
  if (!context_) {
    throw std::bad_alloc();
  }
}

void SectionWriter::clear() {
  for (std::string& section : sections_) {
    section.clear();
  }
  used_ = kLanes;
}

std::uint32_t SectionWriter::add(Lane lane, std::string_view bytes) {
  if (lane == kWords || bytes.size() < kOwnSectionBytes || used_ == kMaxSections) {
    sections_[lane].append(bytes);
    return lane;
  }
  if (used_ == sections_.size()) {
    sections_.emplace_back();
  }
  sections_[used_].assign(bytes);
  return static_cast<std::uint32_t>(used_++);
}

std::uint64_t SectionWriter::raw_bytes() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < used_; ++i) {
    sum += sections_[i].size();
  }
  return sum;
}

// Compresses `bytes` to `to`, which has room for any result. Returns at most their own size.
std::size_t SectionWriter::compress(std::string_view bytes, int level, char* to) {
  // One context for all levels: its tables take the most memory.
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  const std::size_t packed =
      ZSTD_compress2(context_.get(), to, ZSTD_compressBound(bytes.size()), bytes.data(), bytes.size());
  return ZSTD_isError(packed) != 0U ? bytes.size() : std::min(packed, bytes.size());
}

std::size_t SectionWriter::packed_bytes(std::string_view bytes) {
  packed_.resize(std::max(packed_.size(), ZSTD_compressBound(bytes.size())));
  return compress(bytes, kQuickLevel, packed_.data());
}

// Appends the section to packed_, compressed if that makes it smaller. Returns how many bytes that is.
std::size_t SectionWriter::pack(std::size_t number) {
  const std::string& section = sections_[number];
  const std::size_t begin = packed_.size();
  packed_.resize(begin + ZSTD_compressBound(section.size()));
  char* const to = packed_.data() + begin;
  const bool is_own = number >= kLanes;
  // IDs and keys are random: a quick level finds that out soon, a better one would search for long.
  const bool is_random =
      is_own && may_be_random(section) &&
      static_cast<double>(compress(section, kQuickLevel, to)) > kRandomShare * static_cast<double>(section.size());
  std::size_t stored = section.size();
  if (!is_random) stored = compress(section, is_own || number == kWords ? level_ : std::max(level_, kLaneLevel), to);
  if (stored == section.size()) std::copy(section.begin(), section.end(), to);
  packed_.resize(begin + stored);
  return stored;
}

void SectionWriter::write(std::string& payload) {
  packed_.clear();
  put_varint(payload, used_);
  for (std::size_t i = 0; i < used_; ++i) {
    const std::size_t stored = pack(i);
    put_varint(payload, sections_[i].size());
    put_varint(payload, stored);
  }
  payload.append(packed_);
}

SectionReader::SectionReader() : context_(ZSTD_createDCtx()) {
  if (!context_) {
    throw std::bad_alloc();
  }
}

bool SectionReader::open(std::string_view payload, std::uint64_t max_bytes, std::uint64_t scratch_bytes) {
  ByteReader reader(payload);
  const std::uint64_t count = reader.varint_up_to(kMaxSections);
  if (!reader.ok() || count < kLanes) {
    return false;
  }
  sections_.assign(count, {});
  std::vector<std::uint64_t> stored(count);
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t raw = reader.varint_up_to(max_bytes - offset);
    stored[i] = reader.varint_up_to(raw);
    sections_[i].offset = static_cast<std::uint32_t>(offset);
    sections_[i].bytes = static_cast<std::uint32_t>(raw);
    offset += raw;
  }
  for (std::size_t i = 0; i < count; ++i) {
    sections_[i].stored = reader.take(stored[i]);
  }
  const std::uint64_t bytes = offset + scratch_bytes + 2 * kSlack;
  if (!reader.at_end() || bytes > std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
  scratch_offset_ = static_cast<std::uint32_t>(offset + kSlack);
  if (bytes > arena_bytes_) {
    arena_.reset();
    arena_ = std::make_unique_for_overwrite<char[]>(bytes);
    arena_bytes_ = bytes;
  }
  std::memset(arena_.get() + offset, 0, kSlack);
  return true;
}

std::optional<Part> SectionReader::take(std::uint64_t section, std::uint64_t bytes) {
  if (section >= sections_.size()) {
    return std::nullopt;
  }
  Section& from = sections_[section];
  if (bytes > from.bytes - from.taken) {
    return std::nullopt;
  }
  const Part part{static_cast<std::uint32_t>(section), from.offset + from.taken, static_cast<std::uint32_t>(bytes)};
  from.taken += static_cast<std::uint32_t>(bytes);
  return part;
}

std::optional<Part> SectionReader::take_rest(std::uint64_t section) {
  return section < sections_.size() ? take(section, sections_[section].bytes - sections_[section].taken) : std::nullopt;
}

const char* SectionReader::bytes(const Part& part) {
  Section& section = sections_[part.section];
  return section.unpacked || unpack(section) ? arena_.get() + part.offset : nullptr;
}

bool SectionReader::unpack(Section& section) {
  char* to = arena_.get() + section.offset;
  if (section.stored.size() == section.bytes) {
    std::memcpy(to, section.stored.data(), section.bytes);
  } else if (ZSTD_decompressDCtx(context_.get(), to, section.bytes, section.stored.data(), section.stored.size()) !=
             section.bytes) {
    return false;
  }
  section.unpacked = true;
  return true;
}

bool SectionReader::all_taken() const {
  for (const Section& section : sections_) {
    if (section.taken != section.bytes || (!section.unpacked && section.bytes != 0)) {
      return false;
    }
  }
  return true;
}

}  // namespace towl::detail::v2
