// Sections are the parts of a payload, each compressed by itself. Similar data shares a section, because its statistics
// are similar too, and a reader unpacks only the sections that it needs.
#pragma once

#include <zstd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "v2/varint.hpp"

namespace towl::detail::v2 {

/// The sections that each payload has, by number; each later one holds one long run of values.
enum Lane : std::uint32_t {
  kEnvelope = 0,   ///< Describes received times, formats and senders.
  kDirectory = 1,  ///< Describes templates and columns.
  kWords = 2,      ///< Templates, dictionaries, short columns of text.
  kFigures = 3,    ///< Short columns of numbers.
  kIndexes = 4,    ///< Template numbers and places in dictionaries.
  kLengths = 5,    ///< Lengths of strings.
  kLanes = 6,
};

inline constexpr std::uint64_t kMaxSections = 1024;
/// This many bytes after every part are readable, so that copies may be wide.
inline constexpr std::size_t kSlack = 256;

/// The most bytes of all sections before compression: a reader allocates no more. Writers stay below it.
constexpr std::uint64_t max_section_bytes(std::uint64_t raw_bytes, std::uint64_t count) {
  return 4 * raw_bytes + 64 * count + 4096;
}

/// Gathers sections and writes them. One thread at a time.
class SectionWriter {
 public:
  explicit SectionWriter(int zstd_level);

  void clear();
  std::string& lane(Lane lane) { return sections_[lane]; }
  /// Puts `bytes` at the end of `lane`, or into a section of their own if they are many. Returns the section's number.
  std::uint32_t add(Lane lane, std::string_view bytes);
  std::uint64_t raw_bytes() const;
  /// About how many bytes `bytes` take when compressed, measured with a quick level.
  std::size_t packed_bytes(std::string_view bytes);
  /// Appends the table of sections, then the sections.
  void write(std::string& payload);

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::size_t compress(std::string_view bytes, int level, char* to);
  std::size_t pack(std::size_t number);

  int level_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  std::vector<std::string> sections_;
  std::size_t used_ = kLanes;
  std::string packed_;
};

/// A run of bytes in a section.
struct Part {
  std::uint32_t section = 0;
  std::uint32_t offset = 0;  ///< In the arena.
  std::uint32_t bytes = 0;
};

/// A value: a run of bytes in the arena.
struct Ref {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
};

/// The part of the arena that takes what is printed. It is followed by kSlack bytes.
struct PrintTarget {
  const char* arena = nullptr;
  char* at = nullptr;
  char* end = nullptr;

  std::size_t left() const { return static_cast<std::size_t>(end - at); }
  std::uint32_t offset_of(const char* place) const { return static_cast<std::uint32_t>(place - arena); }
};

/// Unpacks sections on demand into one arena, so that a place in any of them is 32 bits. One thread at a time.
class SectionReader {
 public:
  SectionReader();

  /// Reads the table of sections; `payload` must stay valid while this reader is used. `scratch_bytes` of the arena
  /// are left for the caller after the sections. False for a damaged table.
  bool open(std::string_view payload, std::uint64_t max_bytes, std::uint64_t scratch_bytes);

  /// The next `bytes` of `section`; parts of a section follow one another. nullopt if there are not so many.
  std::optional<Part> take(std::uint64_t section, std::uint64_t bytes);
  /// What is left of `section`.
  std::optional<Part> take_rest(std::uint64_t section);
  /// The part's bytes; nullptr if its section cannot be unpacked.
  const char* bytes(const Part& part);
  bool all_taken() const;

  char* arena() { return arena_.get(); }
  /// An empty target of `bytes`, at most as many as open() left.
  PrintTarget scratch(std::uint64_t bytes) {
    char* const at = arena_.get() + scratch_offset_;
    return {arena_.get(), at, at + bytes};
  }

 private:
  struct Section {
    std::string_view stored;
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    std::uint32_t taken = 0;
    bool unpacked = false;
  };
  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  bool unpack(Section& section);

  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::vector<Section> sections_;
  std::unique_ptr<char[]> arena_;
  std::size_t arena_bytes_ = 0;
  std::uint32_t scratch_offset_ = 0;
};

}  // namespace towl::detail::v2
