// FileDiscovery finds the files to be read: which there are, which are new, which were renamed, which are gone.
//
// Order:   a file that has a path after another one waits until that one is read (FileTail::after).
// Restart: files are known again by the positions that the store has, whatever input read them. One that was renamed
//          out of the patterns' reach since then is looked for in its folder, and read to its end.
// Once:    a file that several inputs want is the first one's, until that stops.
// Threads: one: the input's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "inputs/file/batch_feeder.hpp"
#include "inputs/file/file_config.hpp"
#include "inputs/file/file_finder.hpp"
#include "inputs/file/file_watcher.hpp"
#include "inputs/file/tail_set.hpp"
#include "log/spdlog.hpp"
#include "towl/source_position.hpp"

namespace towld {

class FileDiscovery {
 public:
  FileDiscovery(const FileInputConfig& config, FileFinder finder, const TailSettings& settings,
                std::string store_folder, TailSet& tails, BatchFeeder& feeder, const InputContext& context);
  ~FileDiscovery();
  FileDiscovery(const FileDiscovery&) = delete;
  FileDiscovery& operator=(const FileDiscovery&) = delete;

  /// What the store knows. Before the first scan.
  void restore(const std::vector<towl::SourcePosition>& positions);

  /// Looks at what is there now. Returns the keys of tails that are new, or have lost their path.
  std::vector<std::uint64_t> scan(FileWatcher& watcher);

  /// Some folder could not be watched.
  bool is_blind() const { return is_blind_; }
  /// The last scan found folders that were not watched before it.
  bool has_new_folders() const { return has_new_folders_; }

  /// The name under which a tail that has none of its own any more is still in the folder of its path.
  std::optional<std::string> find_renamed(const FileTail& tail) const;

  /// Matches that are not read, and why.
  const std::map<std::string, std::string>& ignored() const { return ignored_; }
  /// Files that were read and are not there; they are recognised if they turn up again.
  std::size_t missing() const;
  /// The tail is gone for good, and so is its position; or only its file system is, and it is kept in mind.
  void forget(FileTail& tail);

 private:
  struct Match {
    std::string path;
    FileStatus status;
  };

  std::vector<Match> look(const FoundFiles& found);
  void ignore(const std::string& path, const std::string& why, bool is_error = false);
  std::vector<Match> take_known(std::vector<Match> matches);
  std::vector<std::uint64_t> take_renamed(const std::vector<Match>& matches);
  std::optional<std::uint64_t> take_new(const Match& match,
                                        const std::unordered_map<std::string, std::uint64_t>& owners,
                                        FileWatcher& watcher);
  std::vector<std::uint64_t> take_gone();
  std::optional<FilePosition> restored_position(const Match& match);
  bool claim(const FileIdentity& identity, const std::string& path);
  void read_position_again(const FileIdentity& identity);
  bool is_in_store(const std::string& path) const;

  const FileInputConfig& config_;
  const FileFinder finder_;
  const TailSettings& settings_;
  const std::string store_folder_;  // canonical
  TailSet& tails_;
  BatchFeeder& feeder_;
  const InputContext& context_;
  std::shared_ptr<spdlog::logger> log_;
  std::map<FileIdentity, FilePosition> restored_;  // of all files that the store knows and this input does not read
  std::set<FileIdentity> of_others_;               // another input had them, and may have read on
  bool is_first_start_ = true;
  bool is_blind_ = false;
  bool has_new_folders_ = false;
  std::uint64_t scan_ = 0;
  std::map<std::string, std::string> ignored_;
  std::map<std::string, std::string> complained_;  // errors that were logged and still hold, by path
  std::map<std::string, std::string> complaints_;  // of this scan
};

/// The name of the file with this identity in `folder`.
std::optional<std::string> find_in_folder(const std::string& folder, const FileIdentity& identity);

}  // namespace towld
