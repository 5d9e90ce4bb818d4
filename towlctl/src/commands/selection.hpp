// Selection says which entries cat, tail, grep and query are about: files, and an expression.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/collector.hpp"
#include "output/entry_filter.hpp"
#include "towl/query/context_search.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// As the command line says it.
struct SelectionOptions {
  std::string store;
  std::optional<std::string> server = {};  ///< Ask this collector, and no local file.
  OpenCollector open_collector = {};
  bool rejected = false;           ///< Entries that the collector rejected, which are kept within the store.
  std::vector<std::string> names;  ///< Files, file IDs, and FIELD=VALUE matches.
  std::optional<std::string> since;
  std::optional<std::string> until;
  FilterOptions filter;
  std::uint64_t threads = 0;  ///< 0: as many as there are cores.
};

/// A part of a file.
struct SelectedRange {
  towl::FileId file = 0;  ///< 0: of a collector's files the one with `uuid`.
  towl::Ordinal from = 0;
  towl::Ordinal end = ~towl::Ordinal{0};
  towl::Uuid uuid = {};
};

/// "3", "3:47000-" (from entry 47,000 on), "3:10-19" (both included), "3:7" (only that one). nullopt for anything else.
std::optional<SelectedRange> read_range(std::string_view text);

struct Selection {
  std::vector<std::filesystem::path> paths;
  std::vector<SelectedRange> ranges = {};  ///< Of `paths`, each its own; of a collector's files: those named, or all.
  std::optional<std::string> server = {};
  OpenCollector open_collector = {};
  std::optional<std::filesystem::path> store;  ///< Where more files may appear: no file was named.
  std::optional<towl::Timestamp> since;
  std::optional<towl::Timestamp> until;
  towl::Expression filter = {};  ///< Which of these entries, everything by default; and …
  towl::Expression expression;   ///< … the time range with it.
  unsigned threads = 1;

  std::vector<towl::SearchFile> files() const;
};

/// Adds the options to a command. With `open_collector` the command can ask a collector.
void declare_selection(CLI::App& command, SelectionOptions& options, OpenCollector open_collector = {});

/// Errors: invalid_argument, not_found.
towl::Result<Selection> select(const SelectionOptions& options);

/// The newest file that a follower reads, and since when it has not grown.
struct FollowedFile {
  std::filesystem::path path = {};
  std::uintmax_t bytes = 0;
  std::chrono::steady_clock::time_point grew = std::chrono::steady_clock::now();
};

/// For a follower at the end: waits a moment, and returns the files of the store that are newer than `last`, which
/// becomes the last of them. A mirror's files are filled side by side: none is returned before the one before it is
/// closed, or has not grown for 10 s.
std::vector<towl::SearchFile> wait_for_more(const Selection& selection, FollowedFile& last);

}  // namespace towlctl
