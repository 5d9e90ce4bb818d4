// Signed heads of a file: HeadSigner makes them, check_heads() checks a file against them.
//
// What it is good for: anyone with a copy of a file and the collector's public key sees whether entries were changed,
//                      removed or inserted after the collector signed them. Two mirrors of the same collector see it if
//                      they were given different entries: one then has a signature of entries that the other lacks.
// What it is not:      anyone who has the private key can still sign anything that was not signed before.
// Cost:                SHA-256 over all entries: about 0.2 µs an entry to make, as much again to decode and check it.
// Format:              spec/format-v2.md, "Signed heads".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/result.hpp"
#include "towl/signed_head.hpp"

namespace towl {

/// Hashes the entries of the file that is being written, as they come, and signs what it has. Any thread.
class HeadSigner {
 public:
  /// `clock`: the time that heads carry. `layer`: nullptr for posix_file_layer(); must outlive this object.
  explicit HeadSigner(Signer signer, std::function<Timestamp()> clock = now, FileLayer* layer = nullptr);
  ~HeadSigner();

  /// Hashes the file's entries up to `count`, which must be written, so that sign() has little left to do.
  /// Errors: corrupt (an entry that cannot be read is not signed, nor are those after it), those of FileReader;
  /// invalid_argument if the file has format 1.
  Result<void> advance(const std::filesystem::path& path, std::uint64_t count);

  /// The payload for FileWriter::append_head(), over the first `count` entries; "" if a head over as many was made
  /// before, `count` is 0, or a later file was begun. Errors: those of advance() and of the signer.
  Result<std::string> sign(const std::filesystem::path& path, std::uint64_t count);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The heads in a file, sorted by count. Errors: those of FileReader::open(); invalid_argument if it has format 1.
Result<std::vector<SignedHead>> read_heads(const std::filesystem::path& path, FileLayer* layer = nullptr);

struct CheckHeadsOptions {
  std::vector<std::string> public_keys;  ///< 32 bytes each: any of these may have signed.
  CheckSignature check;
  /// Entries below this were checked before: the last head over as many or fewer is trusted if its signature is right,
  /// and entries are read from there on.
  std::uint64_t from = 0;
  /// Heads of another copy of the file: this one must have the entries that they cover.
  std::vector<SignedHead> others = {};
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

struct HeadsReport {
  std::uint64_t heads = 0;   ///< Heads whose signature is right.
  std::uint64_t proved = 0;  ///< Entries below this are those that were signed, except for the findings.
  std::uint64_t count = 0;   ///< Entries that the file has.
  std::vector<Finding>
      findings;  ///< E.g. an altered entry; another's key; a closed file that is not signed to its end.
};

/// Whether the file's entries are those that the key signed. May run next to a writer. Errors: those of
/// FileReader::open(); invalid_argument if the file has format 1, which has no heads.
Result<HeadsReport> check_heads(const std::filesystem::path& path, const CheckHeadsOptions& options);

}  // namespace towl
