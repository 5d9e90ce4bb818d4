// StoreFollower reads a store's durable entries in order, across all files, from a position of its own.
//
// Threads: one at a time.
// Errors:  an error is told once; the next call goes on after what cannot be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/read_from.hpp"
#include "ingest/ingest.hpp"
#include "towl/file_reader.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

/// Borrows its strings until the next call.
struct FollowedEntry {
  towl::FileId file_id = 0;
  towl::Ordinal ordinal = 0;
  towl::EntryView entry;
  towl::Uuid uuid = {};  ///< Of the file; zeros for format 1.
};

/// How far a reader of a store is: the next entry. File 0: that of the first file there is.
struct StorePosition {
  towl::FileId file_id = 0;
  towl::Ordinal ordinal = 0;
  towl::Uuid uuid = {};  ///< Of the file; zeros for format 1.
};

/// The entry's address as outputs give it to others: UUID/ORDINAL, or FILE/ORDINAL in files of format 1.
std::string place_of(const StorePosition& position);
std::string place_of(const FollowedEntry& followed);

class StoreFollower {
 public:
  /// From the first entry that is there, or from the next one that becomes durable. Borrows the ingest. Errors: io.
  static towl::Result<StoreFollower> open(Ingest& ingest, ReadFrom from);

  /// From that entry on; it need not be there any more, or not yet.
  static StoreFollower open_at(Ingest& ingest, const StorePosition& position);

  /// The next durable entry; nullopt if there is none now. Errors: corrupt, io; entries that retention removed
  /// before they were read are passed over, see missed_files().
  towl::Result<std::optional<FollowedEntry>> next();

  /// Of the next entry.
  StorePosition position() const { return {file_id_, ordinal_, uuid_}; }

  /// Files that were removed, or that cannot be listed, before they were read to their end.
  std::uint64_t missed_files() const { return missed_files_; }

 private:
  StoreFollower(Ingest& ingest, std::unique_ptr<towl::Catalog> catalog)
      : store_(ingest.reader()), catalog_(std::move(catalog)) {}

  towl::Result<bool> find_more();
  void go_to(const towl::ServedFile& file, towl::Ordinal ordinal);
  towl::Result<void> open_reader();
  towl::Error skip(towl::Error error);

  towl::Store store_;
  std::unique_ptr<towl::Catalog> catalog_;
  // The next entry.
  towl::FileId file_id_ = 0;
  towl::Uuid uuid_ = {};
  towl::Ordinal ordinal_ = 0;
  std::uint64_t count_ = 0;  ///< Durable entries of the file, as last looked.
  bool is_closed_ = false;   ///< It gets no more.
  std::uint64_t missed_files_ = 0;
  std::optional<towl::FileReader> reader_;
};

}  // namespace towld
