#include "v2/file_filter.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bytes.hpp"
#include "crc32c.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kGroupHeadBytes = 16;
constexpr std::uint32_t kBlockBits = 8 * (kFilterBlockBytes - 4);

/// The text of a stretch: what a search reads if one has the word and frames have no filters of their own.
constexpr std::uint64_t kSegmentTextBytes = std::uint64_t{16} << 20;
/// So many tokens per group are kept in memory, 16 bytes each, until they are written.
constexpr std::size_t kGroupTokens = std::size_t{1} << 20;

/// 13 bits per token, so that one of 300 absent tokens seems to be there: for an archived file that costs fetching a
/// stretch, up to a ninth of its text.
constexpr std::size_t kTokensPerBlock = 36;
/// Identifiers get fewer bits if there is no room: at least 4.
constexpr std::size_t kMostTokensPerBlock = 120;

/// A filter may take a fiftieth of what it covers. If identifiers do not fit in that, in a log with a new one in each
/// line, it may take an eighth, and tokens shorter than these are left out.
constexpr std::uint64_t kShareOfWords = 50;
constexpr std::uint64_t kShareOfIdentifiers = 8;
constexpr std::uint64_t kLeastBudget = 256;
constexpr std::size_t kFirstIdentifierStep = 8;
constexpr std::size_t kLastStep = 12;
/// As a least length: none are kept, except for those of 31 bytes and more.
constexpr std::uint8_t kNoToken = 31;
/// Least lengths of words that are tried when a step leaves words out.
constexpr std::array<std::uint8_t, 7> kWordLengths = {1, 3, 4, 6, 8, 10, 14};

constexpr std::uint64_t in_blocks(std::uint64_t bytes) {
  return (bytes + kFilterBlockBytes - 1) / kFilterBlockBytes * kFilterBlockBytes;
}

constexpr std::uint64_t rows_for(std::size_t tokens) { return (tokens + kTokensPerBlock - 1) / kTokensPerBlock; }

std::uint32_t row_of(std::uint64_t hash, std::uint32_t rows) {
  return static_cast<std::uint32_t>(((hash >> 32) * rows) >> 32);
}

// A token's bits in its block: 16 bits of a hash for each. Multiples of one hash, as in a frame's filter, are not
// independent enough: they double the false positives.
class Bits {
 public:
  explicit Bits(std::uint64_t hash) {
    constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15U;
    constexpr std::uint64_t kSecond = 0xC2B2AE3D27D4EB4FU;
    const std::uint64_t mixed = (hash & 0xFFFFFFFF) * kFirst;
    halves_[0] = (mixed ^ (mixed >> 32)) * kSecond;
    halves_[1] = (halves_[0] ^ (halves_[0] >> 32)) * kFirst;
  }

  std::uint32_t operator[](unsigned i) const {
    const auto bits = static_cast<std::uint32_t>(halves_[i / 4] >> (16 * (i % 4)) & 0xFFFF);
    return (bits * kBlockBits) >> 16;
  }

 private:
  std::array<std::uint64_t, 2> halves_ = {};
};

std::uint32_t block_checksum(std::string_view block, std::uint32_t seed, std::uint64_t number) {
  return crc32c(block.substr(4), seed + static_cast<std::uint32_t>(number));
}

template <class T>
T at(std::string_view bytes, std::size_t offset) {
  return load_little_endian<T>(bytes.data() + offset);
}

// Which segments' blocks of the row have the token: bit i for segment i. A damaged block may have it.
std::uint32_t segments_with(std::string_view row, const FilterGroup& group, std::uint32_t seed,
                            std::uint64_t first_block, std::uint64_t hash) {
  const Bits bits(hash);
  std::uint32_t mask = 0;
  for (std::size_t s = 0; s < group.ends.size(); ++s) {
    const std::string_view block = row.substr(s * kFilterBlockBytes, kFilterBlockBytes);
    bool has = true;
    for (unsigned i = 0; i < group.hashes && has; ++i) {
      const std::uint32_t bit = bits[i];
      has = (block[4 + bit / 8] & (1 << (bit % 8))) != 0;
    }
    // Checked only if it says no.
    if (!has && at<std::uint32_t>(block, 0) != block_checksum(block, seed, first_block + s)) has = true;
    if (has) mask |= std::uint32_t{1} << s;
  }
  return mask;
}

std::uint32_t segments_with(const FilterGroup& group, std::uint32_t seed, const ReadFilter& read,
                            const FilterToken& token) {
  constexpr std::uint32_t kAll = ~std::uint32_t{0};
  if (group.rows == 0 || token.length < group.least[static_cast<std::size_t>(token.kind)]) return kAll;
  const std::uint64_t hash = token.hash == 0 ? 1 : token.hash;
  const std::uint64_t block = std::uint64_t{row_of(hash, group.rows)} * group.ends.size();
  const std::size_t bytes = group.ends.size() * kFilterBlockBytes;
  const auto row = read(group.offset + block * kFilterBlockBytes, bytes);
  if (!row || row->size() != bytes) return kAll;
  return segments_with(*row, group, seed, group.first_block + block, hash);
}

void add_range(std::vector<OrdinalRange>& ranges, OrdinalRange range) {
  if (range.begin >= range.end) return;
  if (!ranges.empty() && ranges.back().end == range.begin) {
    ranges.back().end = range.end;
  } else {
    ranges.push_back(range);
  }
}

}  // namespace

std::uint64_t filter_key(const Header& header, const Index& index, std::uint64_t size) {
  std::string bytes(reinterpret_cast<const char*>(header.uuid.data()), header.uuid.size());
  const auto time = [&](const std::optional<Timestamp>& value) {
    append_little_endian<std::uint8_t>(bytes, value ? 1 : 0);
    append_little_endian(bytes, value.value_or(0));
  };
  append_little_endian(bytes, header.file_id);
  append_little_endian(bytes, size);
  append_little_endian(bytes, index.count);
  append_little_endian(bytes, index.digest);
  append_little_endian(bytes, index.text_bytes);
  append_little_endian(bytes, index.frames);
  append_little_endian(bytes, index.gaps);
  append_little_endian(bytes, index.opened);
  time(index.closed);
  time(index.min);
  time(index.max);
  time(index.event_min);
  time(index.event_max);
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t stamp_hash(std::string_view stamp) {
  if (stamp.empty()) return 0;
  return std::max<std::uint64_t>(1, XXH3_64bits(stamp.data(), stamp.size()));
}

std::optional<std::size_t> filter_head_bytes(std::string_view front) {
  if (front.size() < kFilterHeadBytes || !front.starts_with(kFilterMagic)) return std::nullopt;
  const auto bytes = at<std::uint64_t>(front, 8);
  const auto table_end = at<std::uint32_t>(front, 56);
  const bool fits = table_end >= kFilterHeadBytes && table_end <= kMaxFilterTableBytes && in_blocks(table_end) <= bytes;
  if (!fits || bytes % kFilterBlockBytes != 0 || bytes > std::uint64_t{1} << 60) return std::nullopt;
  return table_end;
}

std::optional<FilterHead> decode_filter_head(std::string_view bytes) {
  const auto length = filter_head_bytes(bytes);
  if (!length || bytes.size() < *length) return std::nullopt;
  bytes = bytes.substr(0, *length);
  if (at<std::uint32_t>(bytes, 4) != crc32c(bytes.substr(8))) return std::nullopt;
  FilterHead head{.bytes = at<std::uint64_t>(bytes, 8),
                  .file_id = at<std::uint64_t>(bytes, 32),
                  .key = at<std::uint64_t>(bytes, 40),
                  .stamp = at<std::uint64_t>(bytes, 48),
                  .seed = at<std::uint32_t>(bytes, 60)};
  std::copy_n(bytes.data() + 16, head.uuid.size(), reinterpret_cast<char*>(head.uuid.data()));
  std::uint64_t blocks = 0;
  Ordinal ordinal = 0;
  for (std::size_t offset = kFilterHeadBytes; offset < bytes.size();) {
    if (bytes.size() - offset < kGroupHeadBytes) return std::nullopt;
    FilterGroup group{.rows = at<std::uint32_t>(bytes, offset),
                      .hashes = at<std::uint8_t>(bytes, offset + 5),
                      .least = {at<std::uint8_t>(bytes, offset + 6), at<std::uint8_t>(bytes, offset + 7),
                                at<std::uint8_t>(bytes, offset + 8)},
                      .begin = ordinal,
                      .ends = {},
                      .first_block = blocks};
    const std::size_t segments = at<std::uint8_t>(bytes, offset + 4);
    offset += kGroupHeadBytes;
    const bool makes_sense = segments >= 1 && segments <= kMaxFilterSegments && group.hashes >= 1 && group.hashes <= 8;
    if (!makes_sense || bytes.size() - offset < segments * 8) return std::nullopt;
    for (std::size_t s = 0; s < segments; ++s, offset += 8) {
      const auto end = at<std::uint64_t>(bytes, offset);
      if (end < ordinal) return std::nullopt;
      group.ends.push_back(ordinal = end);
    }
    group.offset = in_blocks(*length) + blocks * kFilterBlockBytes;
    blocks += std::uint64_t{group.rows} * segments;
    head.groups.push_back(std::move(group));
  }
  if (in_blocks(*length) + blocks * kFilterBlockBytes != head.bytes) return std::nullopt;
  return head;
}

void FileFilterBuilder::add_frame(const TokenFilterBuilder& frame, Ordinal end, std::uint64_t stored_bytes,
                                  std::uint64_t text_bytes) {
  if (segment_text_bytes_ > 0 && segment_text_bytes_ + text_bytes > kSegmentTextBytes) end_segment();
  if (frame.is_impossible()) segment_.is_known = false;
  if (segment_.is_known) {
    frame.tokens().each([&](std::uint64_t hash, TokenClass kind) {
      if (tokens_.insert(hash, kind)) segment_.tokens.push_back({hash, kind});
    });
  }
  segment_.end = end;
  segment_text_bytes_ += text_bytes + 1;
  group_stored_bytes_ += stored_bytes;
}

void FileFilterBuilder::end_segment() {
  if (segment_text_bytes_ == 0) return;
  if (!segment_.is_known) segment_.tokens = {};
  group_tokens_ += segment_.tokens.size();
  segments_.push_back(std::exchange(segment_, Segment()));
  tokens_.clear();
  segment_text_bytes_ = 0;
  if (segments_.size() == kMaxFilterSegments || group_tokens_ >= kGroupTokens) end_group();
}

// Tokens per stretch that are no shorter than these: at least the average and somewhat less than the most. The stretch
// with the most gets a few more false positives, and the others do not get all of its room.
std::size_t FileFilterBuilder::tokens_of(const LeastLengths& least) const {
  std::size_t all = 0;
  std::size_t most = 0;
  for (const Segment& segment : segments_) {
    const auto count = static_cast<std::size_t>(std::count_if(
        segment.tokens.begin(), segment.tokens.end(), [&](const Token& token) { return token.kind.is_of(least); }));
    all += count;
    most = std::max(most, count);
  }
  return std::max<std::size_t>({1, all / segments_.size(), most - most / 5});
}

std::uint64_t FileFilterBuilder::most_rows(std::uint64_t share) const {
  const std::uint64_t budget = std::max(group_stored_bytes_ / share, kLeastBudget);
  return std::max<std::uint64_t>(1, budget / kFilterBlockBytes / segments_.size());
}

// The room that left-out numbers free may be enough for words.
void FileFilterBuilder::let_words_in(FilterGroup& group, std::uint64_t most) const {
  for (const std::uint8_t length : kWordLengths) {
    if (length >= group.least[1]) return;
    const LeastLengths least = {group.least[0], length, group.least[2]};
    const std::uint64_t rows = rows_for(tokens_of(least));
    if (rows > most) continue;
    group.least = least;
    group.rows = static_cast<std::uint32_t>(rows);
    return;
  }
}

// If identifiers do not fit, however few bits they get: leaves out numbers (a journal's times), or all others too.
void FileFilterBuilder::leave_numbers_out(FilterGroup& group) const {
  for (const std::uint8_t mixed : {kLeastSteps[kLastStep][2], kNoToken}) {
    group.least = {kNoToken, kNoToken, mixed};
    let_words_in(group, most_rows(mixed == kNoToken ? kShareOfWords : kShareOfIdentifiers));
    if (group.rows != 0) return;
  }
}

/// What is left out of the filter, and how long it is.
FilterGroup FileFilterBuilder::fitted_group() const {
  FilterGroup group{.rows = 0, .first_block = rows_.size() / kFilterBlockBytes};
  if (std::none_of(segments_.begin(), segments_.end(), [](const Segment& segment) { return segment.is_known; })) {
    return group;
  }
  std::size_t tokens = 0;
  for (std::size_t step = 0; step <= kLastStep; ++step) {
    group.least = kLeastSteps[step];
    tokens = tokens_of(group.least);
    const bool are_identifiers = step >= kFirstIdentifierStep;
    const std::uint64_t rows = rows_for(tokens);
    if (rows > most_rows(are_identifiers ? kShareOfIdentifiers : kShareOfWords)) continue;
    group.rows = static_cast<std::uint32_t>(rows);
    // Words get their room next to identifiers, which have more.
    let_words_in(group, most_rows(kShareOfWords) + (are_identifiers ? rows : 0));
    return group;
  }
  std::uint64_t most = most_rows(kShareOfIdentifiers);
  if (tokens > most * kMostTokensPerBlock) {
    leave_numbers_out(group);
    return group;
  }
  // Words get their room here as well, with as few bits as identifiers have.
  for (const std::uint8_t length : kWordLengths) {
    const LeastLengths least = {group.least[0], length, group.least[2]};
    const std::uint64_t all = tokens_of(least);
    const std::uint64_t rows = (most * all + tokens - 1) / tokens;
    if (length >= group.least[1] || rows > most + most_rows(kShareOfWords)) continue;
    group.least = least;
    most = rows;
    tokens = all;
    break;
  }
  group.rows = static_cast<std::uint32_t>(most);
  const std::uint64_t tenths = std::uint64_t{7} * kBlockBits * most / tokens;  // ln 2 times the bits per token is best.
  group.hashes = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(tenths / 10, 2, 8));
  return group;
}

void FileFilterBuilder::end_group() {
  if (segments_.empty()) return;
  // A short last stretch would have a filter as long as the others.
  if (segments_.size() > 1) {
    Segment& last = segments_.back();
    Segment& before = segments_[segments_.size() - 2];
    if (2 * last.tokens.size() < before.tokens.size() && last.is_known && before.is_known) {
      before.tokens.insert(before.tokens.end(), last.tokens.begin(), last.tokens.end());
      before.end = last.end;
      segments_.pop_back();
    }
  }
  const FilterGroup group = fitted_group();
  append_little_endian(table_, group.rows);
  append_little_endian(table_, static_cast<std::uint8_t>(segments_.size()));
  append_little_endian(table_, group.hashes);
  for (const std::uint8_t least : group.least) append_little_endian(table_, least);
  table_.append(kGroupHeadBytes - 9, '\0');
  for (const Segment& segment : segments_) append_little_endian(table_, segment.end);
  write_rows(group);
  segments_.clear();
  group_tokens_ = 0;
  group_stored_bytes_ = 0;
}

void FileFilterBuilder::write_rows(const FilterGroup& group) {
  const std::size_t begin = rows_.size();
  const std::size_t segments = segments_.size();
  rows_.resize(begin + group.rows * segments * kFilterBlockBytes);
  if (group.rows == 0) return;
  const auto block_at = [&](std::size_t row, std::size_t segment) {
    return rows_.data() + begin + (row * segments + segment) * kFilterBlockBytes;
  };
  for (std::size_t s = 0; s < segments; ++s) {
    if (!segments_[s].is_known) {
      for (std::size_t row = 0; row < group.rows; ++row) {
        std::fill_n(block_at(row, s) + 4, kFilterBlockBytes - 4, '\xFF');
      }
    }
    for (const Token& token : segments_[s].tokens) {
      if (!token.kind.is_of(group.least)) continue;
      char* const block = block_at(row_of(token.hash, group.rows), s);
      const Bits bits(token.hash);
      for (unsigned i = 0; i < group.hashes; ++i) {
        const std::uint32_t bit = bits[i];
        block[4 + bit / 8] = static_cast<char>(block[4 + bit / 8] | (1 << (bit % 8)));
      }
    }
  }
}

std::string FileFilterBuilder::finish() {
  end_segment();
  end_group();
  // Blocks of another filter, for example of this file before it was healed, must not pass as blocks of this one.
  const std::uint32_t seed = crc32c(rows_, crc32c(table_));
  std::string record(kFilterHeadBytes, '\0');
  record.replace(0, kFilterMagic.size(), kFilterMagic);
  if (table_.size() <= kMaxFilterTableBytes - kFilterHeadBytes) {
    record += table_;
  } else {
    rows_.clear();  // A file of more than a hundred terabytes.
  }
  const auto table_end = static_cast<std::uint32_t>(record.size());
  record.resize(in_blocks(record.size()));
  for (std::size_t number = 0; number < rows_.size() / kFilterBlockBytes; ++number) {
    char* const block = rows_.data() + number * kFilterBlockBytes;
    store_little_endian(block, block_checksum({block, kFilterBlockBytes}, seed, number));
  }
  record += rows_;
  store_little_endian<std::uint64_t>(record.data() + 8, record.size());
  store_little_endian(record.data() + 56, table_end);
  store_little_endian(record.data() + 60, seed);
  table_.clear();
  rows_.clear();
  return record;
}

void name_filter(std::string& record, const Uuid& uuid, FileId file_id, std::uint64_t key, std::uint64_t stamp) {
  const auto head_bytes = filter_head_bytes(record);
  if (!head_bytes) return;
  std::copy_n(reinterpret_cast<const char*>(uuid.data()), uuid.size(), record.data() + 16);
  store_little_endian(record.data() + 32, file_id);
  store_little_endian(record.data() + 40, key);
  store_little_endian(record.data() + 48, stamp);
  store_little_endian(record.data() + 4, crc32c(std::string_view(record).substr(8, *head_bytes - 8)));
}

std::vector<OrdinalRange> may_be_at(const FilterHead& head, const ReadFilter& read,
                                    std::span<const std::vector<FilterToken>> alternatives) {
  std::vector<OrdinalRange> ranges;
  for (const FilterGroup& group : head.groups) {
    std::uint32_t any = 0;
    for (const auto& tokens : alternatives) {
      std::uint32_t mask = ~std::uint32_t{0};
      for (const FilterToken& token : tokens) {
        if (mask == 0) break;
        mask &= segments_with(group, head.seed, read, token);
      }
      any |= mask;
    }
    Ordinal begin = group.begin;
    for (std::size_t s = 0; s < group.ends.size(); ++s) {
      if ((any >> s & 1) != 0) add_range(ranges, {begin, group.ends[s]});
      begin = group.ends[s];
    }
  }
  return ranges;
}

}  // namespace towl::detail::v2
