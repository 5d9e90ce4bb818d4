// FileLoop is what a file input's thread does: wait for news from the kernel and the writer, and read in turns.
//
// Fair:   files with something to read stand in a line; each is read once and stands at its end again.
// Timely: a line that comes alone is submitted at once. The more files grow at a time,
//         the longer the loop waits between rounds
//         (20 ms at most), so that batches are large.
// Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inputs/file/batch_feeder.hpp"
#include "inputs/file/file_config.hpp"
#include "inputs/file/file_discovery.hpp"
#include "inputs/file/file_watcher.hpp"
#include "inputs/file/mailbox.hpp"
#include "inputs/file/tail_set.hpp"
#include "inputs/gatherer.hpp"

namespace towld {

class FileLoop {
 public:
  FileLoop(const FileInputConfig& config, InputContext context, FileFinder finder, std::shared_ptr<const JoinRule> join,
           std::shared_ptr<const PathFields> path_fields, std::shared_ptr<const PodDirectory> pods,
           std::shared_ptr<Mailbox> mailbox);

  /// What the store knows. Before run().
  void restore(const std::vector<towl::SourcePosition>& positions);

  /// Until the mailbox says to stop.
  void run();

 private:
  using Clock = FileClock;

  bool take_word();
  void take_answers(const std::vector<Mailbox::Answer>& answers);
  void take_changes();
  void scan_if_due(Clock::time_point now);
  void scan();
  void fire_timers(Clock::time_point now);
  void wait();
  bool may_read();

  void stand_in_line(FileTail& tail);
  void read_next();
  void read(FileTail& tail);
  bool open(FileTail& tail);
  void take_lines(FileTail& tail);
  void begin_again(FileTail& tail);
  void start_at_end(FileTail& tail);
  void look_after(FileTail& tail);
  bool is_read(const FileTail& tail) const;
  bool waits_for_another(FileTail& tail);
  bool waits_for_pod(FileTail& tail) const;
  void finish(FileTail& tail);
  void remove(FileTail& tail);
  void on_timer(FileTail& tail, Clock::time_point now);
  void set_timer(FileTail& tail);
  void trouble(FileTail& tail, const std::string& what);
  void settled(FileTail& tail);
  FilesStatus status();

  const FileInputConfig config_;
  InputContext context_;
  TailSettings settings_;
  std::shared_ptr<Mailbox> mailbox_;
  TailSet tails_;
  BatchFeeder feeder_;
  FileDiscovery discovery_;
  FileWatcher watcher_;
  ReadBuffers buffers_;

  std::deque<std::uint64_t> line_;  // keys of tails with something to read
  std::set<std::pair<Clock::time_point, std::uint64_t>> timers_;
  std::size_t small_reads_ = 0;  // of this round
  Clock::time_point next_round_ = {};
  bool scan_wanted_ = true;
  Clock::time_point next_scan_ = {};       // not before
  Clock::time_point next_full_scan_ = {};  // even if nothing asks for it
  bool waits_for_room_ = false;
  bool cannot_watch_ = false;
};

}  // namespace towld
