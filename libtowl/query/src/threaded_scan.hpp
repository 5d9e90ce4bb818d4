// ThreadedScan reads pieces of files on several threads and gives what they find in order.
//
// The work is a list of morsels in order. A morsel is a file or a piece of one. Each thread takes the first free
// morsel. If filters next to the files may rule some out, a thread takes several files at once, asks the filter of each
// once, and puts back those that are not ruled out for the next free thread. A file that is read is replaced by its
// pieces. The results of a morsel wait in it until those of all morsels before it were given out. Threads wait while
// more than `max_buffered_bytes` of results wait; the thread whose results come next waits only for the reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "chunk.hpp"
#include "piece_scan.hpp"

namespace towl::detail {

class ThreadedScan {
 public:
  /// Borrows plan and files.
  ThreadedScan(const SearchPlan& plan, const std::vector<SearchFile>& files, const SearchOptions& options,
               std::vector<std::unique_ptr<PieceScan>> scans);
  ThreadedScan(const ThreadedScan&) = delete;
  ThreadedScan& operator=(const ThreadedScan&) = delete;
  /// Ends the threads.
  ~ThreadedScan();

  /// The next chunk in order; false at the end.
  bool next(Chunk& chunk);

 private:
  struct Morsel {
    std::size_t file = 0;
    std::optional<Piece> piece = {};  ///< None: the whole file; its pieces are not known yet.
    /// What its filter says; nullptr: it was not asked yet.
    std::shared_ptr<const StorePruner::Within> within = {};
    bool is_taken = false;
    bool is_done = false;
    std::deque<Chunk> chunks = {};
    std::size_t bytes = 0;
  };
  using Morsels = std::list<Morsel>;

  /// What a thread keeps from morsel to morsel.
  struct Worker {
    PieceScan* scan = nullptr;
    std::optional<std::size_t> file = {};
    std::unique_ptr<OpenFile> open = {};
  };

  void work(PieceScan& scan);
  std::size_t file_at(std::size_t place) const;
  std::optional<Morsels::iterator> take();
  void meet_files(std::unique_lock<std::mutex>& lock);
  void run(Worker& worker, Morsels::iterator morsel);
  bool open_file(Worker& worker, Morsels::iterator morsel);
  std::optional<Piece> split(Worker& worker, Morsels::iterator morsel);
  bool push(Morsels::iterator morsel, Chunk chunk);

  const SearchPlan& plan_;
  const std::vector<SearchFile>& files_;
  const Deadline deadline_;
  const std::size_t max_buffered_bytes_;
  std::vector<std::unique_ptr<PieceScan>> scans_;
  std::size_t window_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Morsels morsels_;
  std::size_t met_ = 0;       // Files that are, or were, among the morsels.
  std::size_t taken_ = 0;     // Morsels in work, or with results that wait.
  std::size_t buffered_ = 0;  // Bytes that wait.
  std::size_t running_ = 0;   // Threads.
  bool stop_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace towl::detail
