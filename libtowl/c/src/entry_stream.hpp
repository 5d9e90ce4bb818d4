// EntryStream reads the entries that a query wants, batch by batch, as Arrow.
//
// All entries, or those of a time range, are read frame by frame without a search: that is all there is to do. Threads: one
// at a time; a search's own ones end with the stream.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arrow_batch.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towl::detail {

struct StreamRequest {
  std::vector<std::filesystem::path> paths = {};
  Expression expression = {};  ///< Without the time range.
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};
  std::vector<EntryColumn> columns = {};
  unsigned threads = 0;
  std::int64_t batch_rows = 0;
  std::uint64_t limit = 0;
  bool binary = false;
};

class EntryStream {
 public:
  /// Errors: invalid_argument.
  static Result<EntryStream> open(StreamRequest request);

  void give_schema(ArrowSchema& to) const { batch_.give_schema(to); }

  /// The next batch; `to.release` is nullptr at the end.
  Result<void> next(ArrowArray& to);

  /// A line each.
  const std::string& losses() const { return losses_; }

 private:
  explicit EntryStream(StreamRequest request);
  bool is_full() const;
  void add(const FoundEntry& entry);
  void add_plain(const Header& header, Ordinal ordinal, const EntryView& entry);
  bool fill_from_search();
  bool fill_from_files();
  bool open_next_file();
  void lose(const Error& error);

  StreamRequest request_;
  Wanted wanted_;
  ArrowBatch batch_;
  CellReader cells_;
  std::optional<Search> search_;
  // Without a search: the file that is read, and what of its batch is left.
  std::size_t next_path_ = 0;
  std::optional<FileReader> reader_;
  EntryBatch entries_;
  std::size_t at_ = 0;
  std::uint64_t given_ = 0;
  std::string losses_;
};

}  // namespace towl::detail
