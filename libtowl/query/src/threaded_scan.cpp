#include "threaded_scan.hpp"

#include <algorithm>
#include <utility>

namespace towl::detail {
namespace {

/// How many morsels a thread may be in work or wait to be given out: enough that a slow one does not hold up others.
constexpr std::size_t kMorselsAhead = 8;

/// How many files a thread asks filters about in one go. Asking takes about as long as passing a file between threads.
constexpr std::size_t kFilesAtOnce = 32;

}  // namespace

ThreadedScan::ThreadedScan(const SearchPlan& plan, const std::vector<SearchFile>& files, const SearchOptions& options,
                           std::vector<std::unique_ptr<PieceScan>> scans)
    : plan_(plan),
      files_(files),
      deadline_(options),
      max_buffered_bytes_(options.max_buffered_bytes),
      scans_(std::move(scans)),
      window_(kMorselsAhead * scans_.size()),
      running_(scans_.size()) {
  for (const auto& scan : scans_) threads_.emplace_back([this, scan = scan.get()] { work(*scan); });
}

ThreadedScan::~ThreadedScan() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
}

std::size_t ThreadedScan::file_at(std::size_t place) const {
  return plan_.order == Order::forwards ? place : files_.size() - 1 - place;
}

// Makes morsels of the next files, except those that their filters rule out.
void ThreadedScan::meet_files(std::unique_lock<std::mutex>& lock) {
  const std::size_t count = plan_.pruner ? std::min(kFilesAtOnce, files_.size() - met_) : 1;
  std::vector<Morsels::iterator> met;
  for (std::size_t i = 0; i < count; ++i) {
    met.push_back(morsels_.insert(morsels_.end(), {.file = file_at(met_++), .is_taken = plan_.pruner != nullptr}));
  }
  if (!plan_.pruner) return;
  lock.unlock();
  std::vector<std::shared_ptr<const StorePruner::Within>> within(count);
  bool is_over = false;
  for (std::size_t i = 0; i < count && !is_over; ++i) {
    const SearchFile& file = files_[met[i]->file];
    if (plan_.pruner->is_cheap(file.path)) {
      within[i] = std::make_shared<const StorePruner::Within>(filter_says(plan_, file));
    }
    is_over = deadline_.is_over();
  }
  lock.lock();
  for (std::size_t i = 0; i < count; ++i) {
    if (within[i] && *within[i] && (*within[i])->empty()) {
      morsels_.erase(met[i]);
    } else {
      met[i]->within = std::move(within[i]);
      met[i]->is_taken = false;
    }
  }
  stop_ = stop_ || is_over;
  changed_.notify_all();
}

// The first free morsel; nullopt if there is nothing more to do.
std::optional<ThreadedScan::Morsels::iterator> ThreadedScan::take() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop_) return std::nullopt;
    const auto free = std::find_if(morsels_.begin(), morsels_.end(), [](const Morsel& one) { return !one.is_taken; });
    const bool are_all_met = met_ == files_.size();
    if (taken_ < window_ && free != morsels_.end()) {
      free->is_taken = true;
      ++taken_;
      return free;
    }
    if (taken_ < window_ && !are_all_met) {
      meet_files(lock);
      continue;
    }
    // A file in work may still be split, and one whose filter is asked may have to be read.
    const auto may_grow = [](const Morsel& one) { return one.is_taken && !one.piece && !one.is_done; };
    const bool is_none_free = free == morsels_.end() && are_all_met;
    if (is_none_free && std::none_of(morsels_.begin(), morsels_.end(), may_grow)) return std::nullopt;
    changed_.wait(lock);
  }
}

void ThreadedScan::work(PieceScan& scan) {
  Worker worker{.scan = &scan};
  for (;;) {
    const auto morsel = take();
    if (!morsel) {
      const std::scoped_lock lock(mutex_);
      --running_;
      changed_.notify_all();
      return;
    }
    run(worker, *morsel);
    const std::scoped_lock lock(mutex_);
    (*morsel)->is_done = true;
    if (deadline_.is_over()) stop_ = true;
    changed_.notify_all();
  }
}

// False if nobody needs the results any more.
bool ThreadedScan::push(Morsels::iterator morsel, Chunk chunk) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    const bool is_next = morsel == morsels_.begin();
    return stop_ || buffered_ < max_buffered_bytes_ || (is_next && morsel->bytes < max_buffered_bytes_);
  });
  if (stop_ && !chunk.is_last) return false;
  morsel->bytes += chunk.kept_bytes;
  buffered_ += chunk.kept_bytes;
  morsel->chunks.push_back(std::move(chunk));
  if (morsel == morsels_.begin()) changed_.notify_all();
  return true;
}

bool ThreadedScan::open_file(Worker& worker, Morsels::iterator morsel) {
  if (worker.file == morsel->file) return worker.open != nullptr;
  worker.file = morsel->file;
  worker.open.reset();
  const SearchFile& file = files_[morsel->file];
  if (!morsel->within) morsel->within = std::make_shared<const StorePruner::Within>(filter_says(plan_, file));
  auto open = OpenFile::open(plan_, files_, morsel->file, worker.scan->sieve(), *morsel->within);
  if (!open) {
    push(morsel, {.file = morsel->file, .error = std::move(open.error())});
    return false;
  }
  worker.open = std::move(*open);
  return worker.open != nullptr;
}

// Puts the file's pieces into the list, except the first, which is returned; nullopt if it has none.
std::optional<Piece> ThreadedScan::split(Worker& worker, Morsels::iterator morsel) {
  const SearchFile& file = files_[morsel->file];
  OpenFile& open = *worker.open;
  if (!may_have(plan_, open)) return std::nullopt;
  const bool forwards = plan_.order == Order::forwards;
  // Finding the pieces of a file of format 1 means reading it.
  if (forwards && !open.reader.continues_behind_damage()) return Piece{{file.from, 0}, file.end};
  std::vector<Piece> pieces;
  if (auto planned = plan_pieces(plan_, file, open, pieces); !planned) {
    push(morsel, {.file = morsel->file, .facts = open.facts, .error = std::move(planned.error())});
  }
  if (pieces.empty()) return std::nullopt;
  if (!forwards) std::reverse(pieces.begin(), pieces.end());
  const std::scoped_lock lock(mutex_);
  const auto after = std::next(morsel);
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    morsels_.insert(after, {.file = morsel->file, .piece = pieces[i], .within = morsel->within});
  }
  morsel->piece = pieces.front();
  changed_.notify_all();
  return pieces.front();
}

void ThreadedScan::run(Worker& worker, Morsels::iterator morsel) {
  if (!open_file(worker, morsel)) return;
  const auto piece = morsel->piece ? morsel->piece : split(worker, morsel);
  if (!piece) return;
  OpenFile& open = *worker.open;
  const Ordinal from = std::max(piece->begin.ordinal, files_[morsel->file].from);
  if (from > piece->begin.ordinal || piece->begin.offset == 0) {
    if (auto sought = open.reader.seek(from); !sought) {
      push(morsel, {.file = morsel->file, .facts = open.facts, .error = std::move(sought.error())});
      return;
    }
  } else {
    open.reader.seek(piece->begin);
  }
  worker.scan->begin(open, {from, piece->begin.offset}, piece->end);
  const auto is_over = [&] { return deadline_.is_over(); };
  const auto take = [&](Chunk chunk) { return push(morsel, std::move(chunk)); };
  if (plan_.order == Order::forwards) {
    scan_forwards(*worker.scan, plan_, morsel->file, open, is_over, take);
  } else {
    scan_backwards(*worker.scan, plan_, morsel->file, open, is_over, take);
  }
}

bool ThreadedScan::next(Chunk& chunk) {
  std::unique_lock lock(mutex_);
  for (;;) {
    // Files that are ruled out leave the list while this runs.
    changed_.wait(lock, [&] {
      if (morsels_.empty()) return met_ == files_.size() || running_ == 0;
      const Morsel& first = morsels_.front();
      return !first.chunks.empty() || first.is_done || (!first.is_taken && running_ == 0);
    });
    if (morsels_.empty()) {
      if (met_ == files_.size()) return false;
      chunk = {.file = file_at(met_), .is_last = true};
      chunk.reached = files_[chunk.file].from;
      return true;
    }
    Morsel& first = morsels_.front();
    if (!first.chunks.empty()) {
      chunk = std::move(first.chunks.front());
      first.chunks.pop_front();
      first.bytes -= chunk.kept_bytes;
      buffered_ -= chunk.kept_bytes;
      lock.unlock();
      changed_.notify_all();
      return true;
    }
    if (!first.is_done) {
      // No thread got to it in time.
      chunk = {.file = first.file, .is_last = true};
      chunk.reached = std::max(files_[first.file].from, first.piece ? first.piece->begin.ordinal : 0);
      return true;
    }
    morsels_.pop_front();
    --taken_;
    changed_.notify_all();
  }
}

}  // namespace towl::detail
