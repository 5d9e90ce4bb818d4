// The column codec turns a run of entries into a sealed frame's payload, and back.
//
// Format:    spec/format-v2-columns.md.
// Idea:      texts become templates and variables; each variable's values form a column, each column takes the simplest
//            form that is small (numbers as differences, few values as a dictionary), and zstd does the rest.
// Ownership: a decoder owns the memory that its views point into.
// Errors:    a payload is hostile until decoded: a malformed one is `corrupt`, another version of the payload is
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

/// How much text a sealer should put into one frame. Larger frames would compress a little better. But one damaged byte
/// can cost a whole frame, a random entry costs decoding one (1 to 2 ms), and sealing takes 12 times this in memory. A
/// frame of the worst text stays below the 4 MiB of a gRPC message.
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

/// Decodes payloads. Keeps its memory as an encoder does. Views point into the decoder's memory and are valid until the
/// next payload. One thread at a time.
class ColumnDecoder {
 public:
  ColumnDecoder();
  ~ColumnDecoder();
  ColumnDecoder(ColumnDecoder&&) noexcept;
  ColumnDecoder& operator=(ColumnDecoder&&) noexcept;

  /// All `count` entries of `payload`, whose senders and texts have `raw_bytes` bytes together: any other sum is
  /// corrupt. Takes memory in proportion to `raw_bytes` and `count`, no matter what the payload claims.
  Result<std::span<const EntryView>> decode(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes,
                                            Wanted wanted = {});

  /// The same, but texts are only put together as build() asks for them: to get one entry need not cost them all.
  Result<void> begin(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes, Wanted wanted = {});
  /// All entries; the first `end` of them have their texts, except for skipped ones.
  std::span<const EntryView> build(std::uint32_t end);
  /// Skips entries up to `end` that were not built yet: they have no texts.
  void pass(std::uint32_t end);

  /// As begin(), but `sieve` says which entries' texts are put together; the first entry has the ordinal `first`.
  /// False: no entry is wanted. Otherwise build_chosen() builds those that are.
  Result<bool> begin_sifted(std::string_view payload, std::uint32_t count, std::uint64_t raw_bytes, Wanted wanted,
                            Ordinal first, FrameSieve& sieve);
  /// As build(), but leaves out texts that were not chosen. Errors: corrupt.
  Result<std::span<const EntryView>> build_chosen(std::uint32_t end);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace towl::detail::v2
