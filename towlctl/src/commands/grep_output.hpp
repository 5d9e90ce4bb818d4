// GrepOutput prints what grep found, as grep does or as ripgrep's --json events.
//
// One thread at a time. Borrows the matcher and the writer.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "towl/query/matcher.hpp"
#include "towl/query/search.hpp"

namespace towlctl {

struct GrepStyle {
  bool json = false;
  bool count = false;
  bool list = false;
  bool list_without = false;  ///< Files without any.
  bool only_matching = false;
  bool ordinals = false;
  bool paths = false;
  bool raw = false;  ///< Search the text as it is stored.
  bool has_context = false;
  bool color = false;
};

class GrepOutput {
 public:
  /// `names`: of files, by FoundEntry::file.
  GrepOutput(const GrepStyle& style, const OutputOptions& output, std::map<std::size_t, std::string> names,
             const towl::Matcher& matcher, StdoutWriter& out)
      : style_(style),
        printer_(output),
        terminal_(output.terminal),
        names_(std::move(names)),
        matcher_(matcher),
        out_(out) {}

  void match(const towl::FoundEntry& entry);
  void context(const towl::FoundEntry& entry);
  /// This many entries matched, and none of them is printed.
  void count(std::uint64_t entries) { entries_ += entries; }

  /// What comes at the end: the count, the summary.
  void finish();

 private:
  std::string path_of(const towl::FoundEntry& entry) const;
  void print_parts(const towl::FoundEntry& entry);
  void print_entry(const towl::FoundEntry& entry, bool is_match);
  void print_event(const char* type, const towl::FoundEntry& entry);
  void begin_file(const towl::FoundEntry& entry);
  void end_file();
  std::string_view text_of(const towl::FoundEntry& entry);
  std::string prefix_of(const towl::FoundEntry& entry, char mark) const;

  const GrepStyle style_;
  EntryPrinter printer_;
  const bool terminal_;
  const std::map<std::size_t, std::string> names_;
  const towl::Matcher& matcher_;
  StdoutWriter& out_;
  towl::RecordView record_;

  std::set<std::size_t> with_matches_;
  std::uint64_t entries_ = 0;  // that matched
  std::uint64_t file_entries_ = 0;
  std::uint64_t files_ = 0;
  std::optional<std::pair<std::size_t, std::string>> file_;  // place and path of the one with the last match
  std::optional<std::pair<std::size_t, towl::Ordinal>> printed_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace towlctl
