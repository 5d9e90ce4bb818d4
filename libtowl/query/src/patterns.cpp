#include "towl/query/patterns.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

#include "pattern_miner.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/address.hpp"
#include "v2/columns.hpp"

namespace towl {
namespace {

using detail::PatternMiner;

/// A part of a file, for one thread at a time.
struct Work {
  std::size_t file = 0;
  Piece piece = {};
};

/// What one thread does.
class Worker {
 public:
  Worker(const std::vector<SearchFile>& files, const PatternOptions& options)
      : files_(files), options_(options), miner_(options) {}

  PatternMiner& miner() { return miner_; }
  std::vector<Unread>& unread() { return unread_; }

  void look_through(const Work& work) {
    if (!open(work.file)) return;
    const SearchFile& file = files_[work.file];
    miner_.begin(work.file, std::max(file.from, work.piece.begin.ordinal), std::min(file.end, work.piece.end));
    miner_.set_first({});
    // Of a file of format 1 the whole is one piece.
    if (work.piece.begin.offset != 0) {
      reader_->seek(work.piece.begin);
    } else if (auto sought = reader_->seek(Ordinal{0}); !sought) {
      unread_.push_back({work.file, std::move(sought.error())});
      return;
    }
    for (;;) {
      auto batch = reader_->next_batch(std::min(file.end, work.piece.end));
      if (!batch) {
        unread_.push_back({work.file, batch.error()});
        const bool goes_on = reader_->continues_behind_damage() && (batch.error().code == ErrorCode::corrupt ||
                                                                    batch.error().code == ErrorCode::entry_too_large);
        if (!goes_on) break;
        continue;
      }
      if (!*batch || options_.stop.stop_requested()) break;
      keep(**batch);
    }
    mine();
  }

 private:
  bool open(std::size_t file) {
    if (reader_ && file_ == file) return true;
    ReadOptions reading{.layer = options_.layer, .sieve = &miner_};
    const PatternOptions all;
    if (options_.since != all.since) reading.since = options_.since;
    if (options_.until != all.until) reading.until = options_.until;
    const bool times = reading.since || reading.until || options_.new_since;
    reading.wanted = {.sender = false, .received = times, .text = true, .time = times};
    auto opened = FileReader::open(files_[file].path, reading);
    reader_.reset();
    if (!opened) {
      unread_.push_back({file, std::move(opened.error())});
      return false;
    }
    reader_ = std::make_unique<FileReader>(std::move(*opened));
    file_ = file;
    return true;
  }

  // Entries that are not sealed are made into a frame.
  void keep(const EntryBatch& batch) {
    if (!kept_.empty() && batch.first != first_ + kept_.size()) mine();
    Ordinal ordinal = batch.first;
    for (const EntryView& entry : batch.entries) {
      if (kept_.empty()) first_ = ordinal;
      kept_.emplace_back(entry);
      kept_.back().sender.clear();
      kept_bytes_ += entry.log_entry.size();
      ++ordinal;
      if (kept_bytes_ >= detail::v2::kSealedFrameBytes || kept_.size() == kMaxPieceEntries) mine();
    }
  }

  void mine() {
    if (kept_.empty()) return;
    const std::vector<EntryView> views(kept_.begin(), kept_.end());
    payload_.clear();
    encoder_.encode(views, payload_);
    miner_.set_first(first_);
    // What was just written can be read.
    static_cast<void>(decoder_.begin_sifted(payload_, static_cast<std::uint32_t>(views.size()), kept_bytes_,
                                            {.sender = false, .received = true, .text = true, .time = true}, first_,
                                            miner_));
    miner_.set_first({});
    kept_.clear();
    kept_bytes_ = 0;
  }

  const std::vector<SearchFile>& files_;
  const PatternOptions& options_;
  PatternMiner miner_;
  std::vector<Unread> unread_;
  std::unique_ptr<FileReader> reader_;
  std::size_t file_ = 0;
  std::vector<Entry> kept_;
  Ordinal first_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::string payload_;
  detail::v2::ColumnEncoder encoder_{1};
  detail::v2::ColumnDecoder decoder_;
};

// Which parts there are, and each file's header.
void plan(const std::vector<SearchFile>& files, const PatternOptions& options, std::vector<Work>& work,
          std::vector<Header>& headers, std::vector<Unread>& unread) {
  headers.resize(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto reader = FileReader::open(files[i].path, {.layer = options.layer});
    if (!reader) {
      unread.push_back({i, std::move(reader.error())});
      continue;
    }
    headers[i] = reader->header();
    if (!reader->continues_behind_damage()) {
      work.push_back({i, {{}, files[i].end, 0, 0}});
      continue;
    }
    std::vector<Piece> pieces;
    if (auto planned = reader->pieces(pieces); !planned) unread.push_back({i, std::move(planned.error())});
    for (const Piece& piece : pieces) {
      const bool is_outside = piece.end <= files[i].from || piece.begin.ordinal >= files[i].end ||
                              piece.event_max < options.since || piece.event_min > options.until;
      if (!is_outside) work.push_back({i, piece});
    }
  }
}

}  // namespace

Patterns find_patterns(const std::vector<SearchFile>& files, const PatternOptions& options) {
  Patterns found;
  std::vector<Work> work;
  std::vector<Header> headers;
  plan(files, options, work, headers, found.unread);
  const std::size_t cores = options.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.threads;
  const std::size_t threads = std::clamp<std::size_t>(cores, 1, std::max<std::size_t>(1, work.size()));
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.push_back(std::make_unique<Worker>(files, options));
  std::atomic<std::size_t> next = 0;
  const auto run = [&](Worker& worker) {
    for (std::size_t i = next++; i < work.size() && !options.stop.stop_requested(); i = next++)
      worker.look_through(work[i]);
  };
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 1; i < threads; ++i) running.emplace_back([&, i] { run(*workers[i]); });
    run(*workers.front());
  }
  PatternOptions unbounded = options;
  unbounded.max_bytes = options.max_bytes * threads;
  PatternMiner all(unbounded);
  for (const auto& worker : workers) {
    all.add(worker->miner());
    std::move(worker->unread().begin(), worker->unread().end(), std::back_inserter(found.unread));
  }
  all.merge();
  found.others = all.others();
  for (const auto& [pattern, one] : all.found()) {
    if (options.new_since && one.earlier > 0) continue;
    found.patterns.push_back({.text = detail::shown_pattern(pattern),
                              .count = one.count,
                              .earlier = one.earlier,
                              .example = one.example,
                              .address = address_text(headers[one.example.file], one.example.ordinal)});
  }
  std::sort(found.patterns.begin(), found.patterns.end(), [](const EntryPattern& a, const EntryPattern& b) {
    if (a.count != b.count) return a.count > b.count;
    return std::tie(a.example.file, a.example.ordinal) < std::tie(b.example.file, b.example.ordinal);
  });
  return found;
}

}  // namespace towl
