// GrepOutput prints what grep found, as grep does or as ripgrep's --json events.
//
// One thread at a time. Borrows the matcher and the writer.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "output/entry_printer.hpp"
#include "output/stdout_writer.hpp"
#include "towl/matcher.hpp"
#include "towl/scan.hpp"

namespace towlctl {

struct GrepStyle {
  bool json = false;
  bool count = false;
  bool list = false;
  bool only_matching = false;
  bool ordinals = false;
  bool has_context = false;
  bool color = false;
};

class GrepOutput {
 public:
  GrepOutput(const GrepStyle& style, const OutputOptions& output, std::vector<std::filesystem::path> paths,
             const towl::Matcher& matcher, StdoutWriter& out)
      : style_(style),
        printer_(output),
        terminal_(output.terminal),
        paths_(std::move(paths)),
        matcher_(matcher),
        out_(out) {}

  void match(const towl::ScanEntry& entry);
  void context(const towl::ScanEntry& entry);

  /// What stands at the end: the count, the summary.
  void finish();

 private:
  std::string path_of(const towl::ScanEntry& entry) const;
  void print_parts(const towl::ScanEntry& entry);
  void print_entry(const towl::ScanEntry& entry, bool is_match);
  void print_event(const char* type, const towl::ScanEntry& entry);
  void begin_file(const towl::ScanEntry& entry);
  void end_file();
  std::string prefix_of(const towl::ScanEntry& entry, char mark) const;

  const GrepStyle style_;
  EntryPrinter printer_;
  const bool terminal_;
  const std::vector<std::filesystem::path> paths_;
  const towl::Matcher& matcher_;
  StdoutWriter& out_;
  towl::RecordView record_;

  std::uint64_t entries_ = 0;  // that matched
  std::uint64_t file_entries_ = 0;
  std::uint64_t files_ = 0;
  std::optional<std::pair<std::size_t, std::string>> file_;  // place and path of the one with the last match
  std::optional<std::pair<std::size_t, towl::Ordinal>> printed_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace towlctl
