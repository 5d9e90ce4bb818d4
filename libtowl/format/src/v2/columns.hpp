// The column codec turns a run of entries into a sealed frame's payload, and back.
//
// Format:    spec/format-v2-columns.md.
// Idea:      texts become templates and variables; each variable's values form a column, each column takes the plainest
//            form that is small (numbers as differences, few values as a dictionary), and zstd does the rest.
// Ownership: a decoder owns the memory that its views point into.
// Errors:    a payload is hostile until decoded: what is malformed is `corrupt`, another version of the payload
//            `unsupported_version`. Encoding cannot fail.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/result.hpp"
#include "v2/layout.hpp"

namespace towl::detail::v2 {

/// How much text a sealer should put into one frame. More would be smaller, by less and less; it is what one damaged byte
/// can cost, what an entry at random costs to reach (1 to 2 ms), and what sealing takes 12 times of in memory. A frame
/// of the worst text stays below the 4 MiB of a gRPC message.
inline constexpr std::size_t kSealedFrameBytes = std::size_t{3} << 20;

/// The zstd level of sealed frames.
inline constexpr int kSealLevel = 9;

/// Encodes runs of entries. Reusable: keeps its memory and its zstd context between frames (but not what an entry of
/// tens of megabytes took). One thread at a time.
class ColumnEncoder {
 public:
  explicit ColumnEncoder(int zstd_level = kSealLevel);
  ~ColumnEncoder();
  ColumnEncoder(ColumnEncoder&&) noexcept;
  ColumnEncoder& operator=(ColumnEncoder&&) noexcept;

  /// Appends the payload for `entries` (at least one, at most kMaxFrameEntries) to `payload`.
  void encode(std::span<const EntryView> entries, std::string& payload);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class FrameSieve;

/// Decodes payloads. Keeps its memory like an encoder does. Views point into the decoder's memory and live until the
/// next payload. One thread at a time.
class ColumnDecoder {
 public:
  ColumnDecoder();
  ~ColumnDecoder();
  ColumnDecoder(ColumnDecoder&&) noexcept;
  ColumnDecoder& operator=(ColumnDecoder&&) noexcept;

  /// All `count` entries of `payload`, whose senders and texts have together `raw_bytes` bytes: any other sum is
  /// corrupt. Takes memory in proportion to `raw_bytes` and `count`, whatever the payload claims.
  Result<std::span<const EntryView>> decode(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes,
                                            Wanted wanted = {});

  /// The same, but texts are put together only where build() says so: who wants one entry need not wait for all.
  Result<void> begin(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes, Wanted wanted = {});
  /// All entries; the first `end` of them have their texts, but those passed over.
  std::span<const EntryView> build(std::uint32_t end);
  /// Passes over entries up to `end`, as far as they were not built: they have no texts.
  void pass(std::uint32_t end);

  /// As begin(), for entries of which `sieve` says whose texts are put together; the first of them has the ordinal
  /// `first`. False: no entry is wanted. Then build_chosen() is for those that are.
  Result<bool> begin_sifted(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes, Wanted wanted,
                            Ordinal first, FrameSieve& sieve);
  /// As build(); of texts that were not chosen nothing. Errors: corrupt.
  Result<std::span<const EntryView>> build_chosen(std::uint32_t end);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace towl::detail::v2
