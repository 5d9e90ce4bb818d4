// recover() makes a file whole again after a crash or a full disk left half an entry at its end.
// verify() only looks, and reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towl {

struct RecoverOptions {
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
};

/// One thing that is wrong with a file.
struct Finding {
  std::uint64_t offset = 0;
  std::optional<Ordinal> ordinal = {};
  std::string what;
};

struct RecoverReport {
  Header header;
  Index index;                   ///< As it is in the file now.
  std::uint64_t data_end = 0;    ///< Size of the file now.
  std::uint64_t torn_bytes = 0;  ///< How much was cut off; 0 if the file was whole.
  std::string torn_file = {};    ///< Where it was saved, empty if nothing was cut off.
  std::string reason = {};       ///< Why the tail could not be read.
  /// The number of ordinals in the tail that are not given out again: a gap takes them. Format 2.
  std::uint64_t burnt_ordinals = 0;
  bool index_rewritten = false;
  /// Damage in what the index does not count yet: it is left as it is, and the file continues after it. Format 2.
  std::vector<Finding> damage = {};
};

/// Makes the file end with a whole entry: reads all entries of `path` (format 2: those after what the index page
/// counts), saves all that follows the last whole one as `ID.towl.torn` next to it
/// (`.torn.1`, … if that exists), cuts it off, and rewrites the index page if it was wrong. In format 2 nothing
/// before a whole frame is cut off, and ordinals that were given out are never given out again. The file must
/// have no writer. Safe to interrupt at any point and to run again. Errors: not_a_towl_file, unsupported_version,
/// corrupt (header page, with all its copies in format 2), no_space, permission_denied, io.
Result<RecoverReport> recover(const std::filesystem::path& path, const RecoverOptions& options = {});

struct RepairOptions {
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
  /// Another copy of the file. Entries that the file has lost, also to an earlier repair, are taken from it if they
  /// have the digest of the lost ones. Empty: none.
  std::filesystem::path from = {};
};

struct RepairReport {
  RecoverReport recovered;               ///< What recover() did; index and data_end as they are now.
  bool rewritten = false;                ///< The file was written again from scratch.
  std::vector<Finding> damage = {};      ///< What could not be read …
  std::uint64_t lost_entries = 0;        ///< … how many entries that was …
  std::vector<std::string> saved_files;  ///< … and where its bytes were saved.
  std::uint64_t filled_entries = 0;      ///< Lost ones that were taken from the other copy; not among `lost_entries`.
};

/// recover(), and in a file of format 2 more: what is damaged in it is saved as `ID.towl.damaged` (`.damaged.1`, …)
/// next to it, and the file is rewritten from all that a FileReader gives. Entries keep their ordinals: a gap stands
/// for the lost ones. A file whose header is lost gets a new UUID, and no org and title. The file must have no
/// writer. Safe to interrupt at any point and to run again. Errors: those of recover(), those of FileReader::open() for
/// the other copy, and invalid_argument if that is a copy of another file.
Result<RepairReport> repair(const std::filesystem::path& path, const RepairOptions& options = {});

struct VerifyReport {
  Header header;
  Index index;
  std::uint64_t count = 0;     ///< Whole entries found.
  std::uint64_t data_end = 0;  ///< Where the last of them ends.
  std::uint64_t size = 0;      ///< The file's size when it was opened.
  std::uint64_t lost = 0;      ///< Entries that a repair has given up; this is not a finding.
  std::vector<Finding> findings;
  bool whole() const { return findings.empty(); }
};

/// Reads all of `path` and reports what is not as the format requires: pages, entries, the index of a closed
/// file. The index of an open file may lag behind its entries: that is not reported. Changes nothing; may run
/// next to a writer. Errors, if it could not look: not_found, permission_denied, not_a_towl_file,
/// unsupported_version, io. A damaged page or entry is a finding, not an error.
Result<VerifyReport> verify(const std::filesystem::path& path, const RecoverOptions& options = {});

}  // namespace towl
