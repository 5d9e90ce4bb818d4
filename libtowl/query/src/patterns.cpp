#include "towl/query/patterns.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
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

using detail::has_times;
using detail::PatternMiner;

/// A part of a file, for one thread at a time.
struct Work {
  std::size_t file = 0;
  Piece piece = {};
};

/// What is known of a file before it is looked at.
struct KnownFile {
  Header header = {};
  Ordinal count = 0;  // As its index page says.
};

bool is_over(const PatternOptions& options) {
  return options.stop.stop_requested() || (options.deadline && std::chrono::steady_clock::now() >= *options.deadline);
}

/// Makes frames of entries that are in no frame, or that share one with entries that are not wanted.
class FrameMaker {
 public:
  explicit FrameMaker(PatternMiner& miner) : miner_(miner) {}

  void add(Ordinal ordinal, const EntryView& entry) {
    ordinals_.push_back(ordinal);
    entries_.emplace_back(entry);
    entries_.back().sender.clear();
    bytes_ += entry.log_entry.size();
    if (bytes_ >= detail::v2::kSealedFrameBytes || entries_.size() == kMaxPieceEntries) finish();
  }

  /// Before the miner's file changes, and at the end.
  void finish() {
    if (entries_.empty()) return;
    const std::vector<EntryView> views(entries_.begin(), entries_.end());
    payload_.clear();
    encoder_.encode(views, payload_);
    miner_.set_ordinals(&ordinals_);
    // What was just written can be read.
    static_cast<void>(decoder_.begin_sifted(payload_, static_cast<std::uint32_t>(views.size()), bytes_,
                                            {.sender = false, .received = true, .text = true, .time = true}, 0,
                                            miner_));
    for (std::size_t row = 0; row < views.size(); ++row) {
      if (miner_.needs_text(row)) miner_.add_text(ordinals_[row], views[row]);
    }
    miner_.set_ordinals(nullptr);
    entries_.clear();
    ordinals_.clear();
    bytes_ = 0;
  }

 private:
  PatternMiner& miner_;
  std::vector<Entry> entries_;
  std::vector<Ordinal> ordinals_;
  std::uint64_t bytes_ = 0;
  std::string payload_;
  detail::v2::ColumnEncoder encoder_{1};
  detail::v2::ColumnDecoder decoder_;
};

/// The work of one thread.
class Worker {
 public:
  Worker(const std::vector<SearchFile>& files, const PatternOptions& options)
      : files_(files), options_(options), miner_(options), maker_(miner_) {}

  PatternMiner& miner() { return miner_; }
  std::vector<Unread>& unread() { return unread_; }

  /// Returns how far it looked.
  Ordinal look_through(const Work& work) {
    if (!open(work.file)) return work.piece.end;
    const SearchFile& file = files_[work.file];
    const Ordinal end = std::min(file.end, work.piece.end);
    miner_.begin(work.file, std::max(file.from, work.piece.begin.ordinal), end);
    // Of a file of format 1 the whole is one piece.
    if (work.piece.begin.offset != 0) {
      reader_->seek(work.piece.begin);
    } else if (auto sought = reader_->seek(Ordinal{0}); !sought) {
      unread_.push_back({work.file, std::move(sought.error())});
      return end;
    }
    Ordinal reached = end;
    for (;;) {
      auto batch = reader_->next_batch(end);
      if (!batch) {
        unread_.push_back({work.file, batch.error()});
        const bool goes_on = reader_->continues_behind_damage() && (batch.error().code == ErrorCode::corrupt ||
                                                                    batch.error().code == ErrorCode::entry_too_large);
        if (!goes_on) break;
        continue;
      }
      if (!*batch) break;
      Ordinal ordinal = (*batch)->first;
      const bool is_sealed = miner_.was_sifted(ordinal);
      for (const EntryView& entry : (*batch)->entries) {
        if (!is_sealed) {
          maker_.add(ordinal, entry);
        } else if (miner_.needs_text(ordinal - miner_.first())) {
          miner_.add_text(ordinal, entry);
        }
        ++ordinal;
      }
      if (!is_over(options_)) continue;
      reached = std::min(ordinal, end);
      break;
    }
    maker_.finish();
    return reached;
  }

 private:
  bool open(std::size_t file) {
    if (reader_ && file_ == file) return true;
    ReadOptions reading{.layer = options_.layer, .sieve = &miner_};
    const PatternOptions all;
    if (options_.since != all.since) reading.since = options_.since;
    if (options_.until != all.until) reading.until = options_.until;
    const bool times = has_times(options_);
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

  const std::vector<SearchFile>& files_;
  const PatternOptions& options_;
  PatternMiner miner_;
  FrameMaker maker_;
  std::vector<Unread> unread_;
  std::unique_ptr<FileReader> reader_;
  std::size_t file_ = 0;
};

/// Finds the patterns of one call.
class Finding {
 public:
  Finding(const std::vector<SearchFile>& files, const PatternOptions& options)
      : files_(files), options_(options), known_(files.size()) {}

  Result<Patterns> run() {
    const bool selects = options_.expression.kind != Expression::Kind::everything;
    plan(!selects);
    if (!selects) {
      read();
    } else if (auto done = search(); !done) {
      return fail(std::move(done.error()));
    }
    PatternMiner& miner = workers_.front()->miner();
    miner.merge();
    found_.others = miner.others();
    give(miner);
    return std::move(found_);
  }

 private:
  // Lists the parts, and reads each file's header.
  void plan(bool wants_pieces) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      auto reader = FileReader::open(files_[i].path, {.layer = options_.layer});
      if (!reader) {
        // The search itself reports it.
        if (wants_pieces) found_.unread.push_back({i, std::move(reader.error())});
        continue;
      }
      known_[i] = {reader->header(), reader->index().count};
      if (!wants_pieces) continue;
      if (!reader->continues_behind_damage()) {
        work_.push_back({i, {{}, files_[i].end, 0, 0}});
        continue;
      }
      pieces_.clear();
      if (auto planned = reader->pieces(pieces_); !planned) found_.unread.push_back({i, std::move(planned.error())});
      for (const Piece& piece : pieces_) {
        const bool is_outside = piece.end <= files_[i].from || piece.begin.ordinal >= files_[i].end ||
                                piece.event_max < options_.since || piece.event_min > options_.until;
        if (!is_outside) work_.push_back({i, piece});
      }
    }
  }

  // Each thread takes the next piece; what is left at the end was not looked at.
  void read() {
    const std::size_t cores =
        options_.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options_.threads;
    const std::size_t threads = std::clamp<std::size_t>(cores, 1, std::max<std::size_t>(1, work_.size()));
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(files_, options_));
    std::atomic<std::size_t> next = 0;
    std::atomic<std::uint64_t> left = 0;
    std::atomic<bool> is_cut = false;
    const auto run = [&](Worker& worker) {
      for (std::size_t i = next++; i < work_.size(); i = next++) {
        const Work& work = work_[i];
        const Ordinal reached = is_over(options_) ? work.piece.begin.ordinal : worker.look_through(work);
        if (reached >= std::min(work.piece.end, files_[work.file].end)) continue;
        left += entries_between(work.file, reached, work.piece.end);
        is_cut = true;
      }
    };
    {
      std::vector<std::jthread> running;
      for (std::size_t i = 1; i < threads; ++i) running.emplace_back([&, i] { run(*workers_[i]); });
      run(*workers_.front());
    }
    if (is_cut) found_.end = reason();
    found_.not_looked_at = left;
    PatternMiner& all = workers_.front()->miner();
    all.set_max_bytes(options_.max_bytes * threads);
    for (const auto& worker : workers_) {
      if (worker != workers_.front()) all.add(worker->miner());
      std::move(worker->unread().begin(), worker->unread().end(), std::back_inserter(found_.unread));
    }
  }

  // Entries that the expression selects go through the miner like entries that are not sealed.
  Result<void> search() {
    workers_.push_back(std::make_unique<Worker>(files_, options_));
    PatternMiner& miner = workers_.front()->miner();
    FrameMaker maker(miner);
    const bool times = has_times(options_);
    std::vector<Expression> parts = {options_.expression};
    const PatternOptions all;
    if (options_.since != all.since || options_.until != all.until)
      parts.insert(parts.begin(), between(options_.since, options_.until));
    auto search = Search::create(files_, all_of(std::move(parts)),
                                 {.threads = options_.threads,
                                  .wanted = {.sender = false, .received = times, .text = true, .time = times},
                                  .deadline = options_.deadline,
                                  .stop = options_.stop,
                                  .layer = options_.layer});
    if (!search) return fail(std::move(search.error()));
    std::optional<std::size_t> file;
    for (;;) {
      Outcome outcome = search->next();
      if (auto* unread = std::get_if<Unread>(&outcome)) {
        found_.unread.push_back(std::move(*unread));
      } else if (const auto* entry = std::get_if<FoundEntry>(&outcome)) {
        if (file != entry->file) {
          maker.finish();
          file = entry->file;
          miner.begin(*file, 0, ~Ordinal{0});
        }
        maker.add(entry->ordinal, entry->entry);
      } else {
        maker.finish();
        note_end(std::get<SearchEnd>(outcome));
        return {};
      }
    }
  }

  void note_end(const SearchEnd& end) {
    found_.end = end.reason;
    if (end.reason == SearchEnd::Reason::done) return;
    for (std::size_t i = end.next.file; i < files_.size(); ++i)
      found_.not_looked_at += entries_between(i, i == end.next.file ? end.next.ordinal : 0, ~Ordinal{0});
  }

  std::uint64_t entries_between(std::size_t file, Ordinal from, Ordinal end) const {
    from = std::max(from, files_[file].from);
    end = std::min(end, files_[file].end);
    // A piece's end is known; a whole file's is its count.
    if (end == ~Ordinal{0}) end = known_[file].count;
    return end > from ? end - from : 0;
  }

  SearchEnd::Reason reason() const {
    return options_.stop.stop_requested() ? SearchEnd::Reason::stopped : SearchEnd::Reason::deadline;
  }

  // The most frequent ones, as people see them.
  void give(const PatternMiner& miner) {
    std::vector<const std::pair<const std::string, PatternMiner::Found>*> order;
    for (const auto& one : miner.found()) {
      if (!options_.new_since || one.second.earlier == 0) order.push_back(&one);
    }
    const std::size_t given = std::min(options_.limit, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(given), order.end(),
                      [](const auto* a, const auto* b) {
                        const PatternMiner::Found& x = a->second;
                        const PatternMiner::Found& y = b->second;
                        if (x.count != y.count) return x.count > y.count;
                        return std::tie(x.example.file, x.example.ordinal) <
                               std::tie(y.example.file, y.example.ordinal);
                      });
    found_.more = order.size() - given;
    order.resize(given);
    for (const auto* one : order) {
      const auto& [pattern, counted] = *one;
      found_.patterns.push_back(
          {.text = detail::shown_pattern(pattern),
           .count = counted.count,
           .earlier = counted.earlier,
           .example = counted.example,
           .address = address_text(known_[counted.example.file].header, counted.example.ordinal)});
    }
  }

  const std::vector<SearchFile>& files_;
  const PatternOptions& options_;
  std::vector<KnownFile> known_;
  std::vector<Work> work_;
  std::vector<Piece> pieces_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Patterns found_;
};

}  // namespace

Result<Patterns> find_patterns(const std::vector<SearchFile>& files, const PatternOptions& options) {
  return Finding(files, options).run();
}

}  // namespace towl
