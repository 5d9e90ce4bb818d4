// A file filter says which words the texts of a sealed file and of its stretches surely do not contain, so a search
// need not open it. It is stored next to the file, and rebuilt from it if it is lost. Text: spec/store-filters.md.
//
// Stretches of about 16 MiB of text have a Bloom filter each (as in token_filter.hpp, in blocks of 60 bytes with their own
// checksum). Filters of up to 16 stretches have the same length, and block i of all of them is in one row: to look a
// token up in all of them takes a single read.
// Threads: a builder one at a time; the rest any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "towl/header.hpp"
#include "v2/token_filter.hpp"

namespace towl::detail::v2 {

inline constexpr std::string_view kFilterMagic = "TWLB";
inline constexpr std::size_t kFilterBlockBytes = 64;
inline constexpr std::size_t kFilterHeadBytes = 64;
inline constexpr std::size_t kMaxFilterTableBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxFilterSegments = 16;  // of a group

/// Says whether a filter belongs to a file as it is now: a hash of its UUID, of what its index says, and of its size.
std::uint64_t filter_key(const Header& header, const Index& index, std::uint64_t size);

/// Stretches of a file with filters of the same length.
struct FilterGroup {
  std::uint32_t rows = 0;          ///< 0: nothing is known of these entries.
  std::uint8_t hashes = 8;         ///< Bits per token.
  LeastLengths least = {};         ///< Shorter tokens may be there.
  Ordinal begin = 0;               ///< Of the first stretch.
  std::vector<Ordinal> ends = {};  ///< Of each one.
  std::uint64_t first_block = 0;   ///< Blocks before it in the record …
  std::uint64_t offset = 0;        ///< … and bytes.
};

/// The front of a record.
struct FilterHead {
  std::uint64_t bytes = 0;  ///< Of the record.
  Uuid uuid = {};
  FileId file_id = 0;
  std::uint64_t key = 0;    ///< filter_key() of the file.
  std::uint64_t stamp = 0;  ///< Hash of FileLayer::stamp() of the file; 0: it has none.
  std::uint32_t seed = 0;
  std::vector<FilterGroup> groups = {};  ///< None: there is no filter of this file, and none can be made.
};

/// The length of the head of the record that begins so; nullopt if none does. `front` has kFilterHeadBytes at least.
std::optional<std::size_t> filter_head_bytes(std::string_view front);

/// nullopt if it is damaged. `bytes` has as many bytes as filter_head_bytes() said.
std::optional<FilterHead> decode_filter_head(std::string_view bytes);

/// Of a hash as in FilterHead::stamp.
std::uint64_t stamp_hash(std::string_view stamp);

/// A filter while it is built: a record without what names the file.
class FileFilterBuilder {
 public:
  /// Adds a frame with the tokens that `frame` has since its last finish(). `end`: the ordinal after its last entry;
  /// `stored_bytes` and `text_bytes`: what it takes in the file, and its texts.
  void add_frame(const TokenFilterBuilder& frame, Ordinal end, std::uint64_t stored_bytes, std::uint64_t text_bytes);

  /// The record of all that was added, which is then forgotten. name_filter() must name the file in it.
  std::string finish();

 private:
  struct Token {
    std::uint64_t hash;
    TokenClass kind;
  };
  struct Segment {
    std::vector<Token> tokens;
    bool is_known = true;
    Ordinal end = 0;
  };

  void end_segment();
  std::size_t tokens_of(const LeastLengths& least) const;
  std::uint64_t most_rows(std::uint64_t share) const;
  void let_words_in(FilterGroup& group, std::uint64_t most) const;
  void leave_numbers_out(FilterGroup& group) const;
  FilterGroup fitted_group() const;
  void end_group();
  void write_rows(const FilterGroup& group);

  TokenSet tokens_;  // of the segment in work
  Segment segment_;
  std::uint64_t segment_text_bytes_ = 0;
  std::vector<Segment> segments_;  // of the group in work
  std::size_t group_tokens_ = 0;
  std::uint64_t group_stored_bytes_ = 0;
  std::string table_;
  std::string rows_;
  std::uint32_t seed_ = 0;
};

/// Puts what names the file into what finish() gave.
void name_filter(std::string& record, const Uuid& uuid, FileId file_id, std::uint64_t key, std::uint64_t stamp);

/// Entries of a file: [begin, end).
struct OrdinalRange {
  Ordinal begin = 0;
  Ordinal end = 0;
  friend bool operator==(const OrdinalRange&, const OrdinalRange&) = default;
};

/// Reads bytes of the record; nullopt if they cannot be read.
using ReadFilter = std::function<std::optional<std::string>(std::uint64_t offset, std::size_t bytes)>;

/// Where the file may have entries that contain all tokens of one of the alternatives, ascending. A damaged part
/// excludes nothing. `head.groups` is not empty.
std::vector<OrdinalRange> may_be_at(const FilterHead& head, const ReadFilter& read,
                                    std::span<const std::vector<FilterToken>> alternatives);

}  // namespace towl::detail::v2
