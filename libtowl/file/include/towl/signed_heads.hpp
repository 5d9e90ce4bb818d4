// Signed heads of a file: HeadSigner makes them, check_heads() holds a file to them.
//
// What it is good for: who has a copy of a file and the collector's public key sees that entries were changed, removed or
//                      put in between since the collector signed them, and two who mirror the same collector see it if
//                      it showed them different entries: one signature is then of entries that the other does not have.
// What it is not:      whoever has the private key can sign anything that was not signed before.
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

/// Hashes the entries of the file that is written, as they come, and signs what it has. Any thread.
class HeadSigner {
 public:
  /// `clock`: the time that heads say. `layer`: nullptr for posix_file_layer(); must outlive it.
  explicit HeadSigner(Signer signer, std::function<Timestamp()> clock = now, FileLayer* layer = nullptr);
  ~HeadSigner();

  /// Hashes the file's entries up to `count`, which must be written: so that sign() has little left to do.
  /// Errors: corrupt (an entry that cannot be read is not signed, nor what comes after it), those of FileReader;
  /// invalid_argument where the file has format 1.
  Result<void> advance(const std::filesystem::path& path, std::uint64_t count);

  /// The payload for FileWriter::append_head(), over the first `count` entries; "" where a head over as many was made
  /// before, there are none, or a later file was begun. Errors: those of advance() and of the signer.
  Result<std::string> sign(const std::filesystem::path& path, std::uint64_t count);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The heads in a file, by count. Errors: those of FileReader::open(); invalid_argument where the file has format 1.
Result<std::vector<SignedHead>> read_heads(const std::filesystem::path& path, FileLayer* layer = nullptr);

struct CheckHeadsOptions {
  std::vector<std::string> public_keys;  ///< Of 32 bytes: any of these may have signed.
  CheckSignature check;
  /// Entries below this were checked before: the last head over as many or fewer is believed if its signature is right,
  /// and entries are read from there on.
  std::uint64_t from = 0;
  /// Heads of another copy of the file: this one must have the entries that they are of.
  std::vector<SignedHead> others = {};
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

struct HeadsReport {
  std::uint64_t heads = 0;   ///< Whose signatures are right.
  std::uint64_t proved = 0;  ///< Entries below this are those that were signed, but for what the findings say.
  std::uint64_t count = 0;   ///< Entries that the file has.
  std::vector<Finding>
      findings;  ///< E.g. an altered entry; another's key; a closed file that is not signed to its end.
};

/// Whether the file's entries are those that the key signed. May run beside a writer. Errors: those of
/// FileReader::open(); invalid_argument where the file has format 1, which has no heads.
Result<HeadsReport> check_heads(const std::filesystem::path& path, const CheckHeadsOptions& options);

}  // namespace towl
