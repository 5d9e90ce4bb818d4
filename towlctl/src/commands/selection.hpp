// Selection is which entries cat, tail and grep are about: files, a time range, and a filter.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "output/entry_filter.hpp"
#include "towl/result.hpp"
#include "towl/scan.hpp"

namespace towlctl {

/// As the command line says it.
struct SelectionOptions {
  std::string store;
  bool rejected = false;           ///< Of what the collector rejected, which is kept within the store.
  std::vector<std::string> names;  ///< Files, file IDs, and FIELD=VALUE matches.
  std::optional<std::string> since;
  std::optional<std::string> until;
  FilterOptions filter;
};

struct Selection {
  std::vector<std::filesystem::path> paths;
  std::optional<std::filesystem::path> store;  ///< Where more files may appear: no file was named.
  std::optional<towl::Timestamp> since;
  std::optional<towl::Timestamp> until;
  EntryFilter filter;

  towl::ScanOptions scan_options() const { return {.since = since, .until = until}; }
};

/// Adds the options to a command.
void declare_selection(CLI::App& command, SelectionOptions& options);

/// Errors: invalid_argument, not_found.
towl::Result<Selection> select(const SelectionOptions& options);

/// The entries of a selection's files in order, filter not applied. With `follow` it waits at the end for more: new
/// entries of the last file, and new files of the store.
class EntryStream {
 public:
  EntryStream(const Selection& selection, std::vector<std::filesystem::path> paths, const towl::ScanOptions& options,
              bool follow);

  /// The next entry; nullopt at the end, never with `follow`. Calls `before_wait` before it waits.
  template <class BeforeWait>
  towl::Result<std::optional<towl::ScanEntry>> next(BeforeWait before_wait) {
    for (;;) {
      auto entry = scan_.next();
      if (!entry || *entry || !follow_) return entry;
      before_wait();
      wait_for_more();
    }
  }

 private:
  void wait_for_more();

  towl::Scan scan_;
  std::optional<std::filesystem::path> store_;
  bool follow_;
};

}  // namespace towlctl
