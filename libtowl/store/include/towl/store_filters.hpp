// A store's filters say which words are surely not in its sealed files. A search for an identifier then does not open
// ten thousand files that do not have it. The filters are in `store.filters`, next to the files; an archive has one
// object a file, `filters/ID.filter`. Text: spec/store-filters.md.
//
// Derived:  all of it can be lost at any time, and only speed is lost with it. A filter is skipped if it is damaged, or
//           if its file was replaced since.
// Writer:   one at a time, the one that holds the store's lock (kLockName). Readers need no lock.
// Threads:  any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towl {

/// The filters of a folder's files.
inline constexpr std::string_view kFiltersName = "store.filters";

/// Where an archive has the filter of a file, below the folder of its files: "filters/3.filter".
std::string filter_object_name(FileId file_id);

struct FilterOptions {
  FileLayer* layer = nullptr;  ///< nullptr: posix_file_layer().
  /// Asked now and then: true stops the work with the error `closed`; what was made is kept.
  std::function<bool()> stop = {};
  /// Stops reading files once those read have this many bytes of text: FilterReport::missing says how many are left.
  std::uint64_t most_text_bytes = UINT64_MAX;
};

struct FilterReport {
  std::uint64_t files = 0;    ///< Sealed files that have a filter now, or for which none can be made.
  std::uint64_t made = 0;     ///< Of these, made just now, by reading the file.
  std::uint64_t missing = 0;  ///< Sealed files that have none yet.
  std::uint64_t bytes = 0;    ///< What `store.filters` takes.
};

/// Makes the filters that a folder's sealed files lack, and drops those of files that are gone. Costs a look at each
/// file's times, and reading the files that have no filter. The caller holds the folder's lock.
/// Errors: closed; not_found, permission_denied, no_space, io: the earlier filters are still there.
Result<FilterReport> update_filters(const std::filesystem::path& folder, const FilterOptions& options = {});

/// Adds the filter that sealing a file made (SealedCopy::filter()); does nothing if that is empty, or if the file is
/// another one by now. The caller holds the lock of its folder. Errors: permission_denied, no_space, io.
Result<void> add_filter(const std::filesystem::path& file, std::string_view filter, FileLayer* layer = nullptr);

/// The filter of a sealed file as an archive keeps it, taken from its folder's filters or made by reading the file.
/// `stamp` distinguishes the archived file from any other of its name: FileLayer::stamp() of the archive. Errors:
/// invalid_argument: it is not sealed; closed; those of FileReader::open().
Result<std::string> archived_filter(const std::filesystem::path& file, std::string_view stamp,
                                    const FilterOptions& options = {});

/// How many bytes the filter of a file takes in its folder's filters; 0: it has none. Errors: none.
std::uint64_t filter_bytes(const std::filesystem::path& file, FileLayer* layer = nullptr);

}  // namespace towl
