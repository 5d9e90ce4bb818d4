#include "towl/query/search.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "chunk.hpp"
#include "group_counter.hpp"
#include "piece_scan.hpp"
#include "threaded_scan.hpp"

namespace towl {

using detail::Chunk;
using detail::OpenFile;
using detail::PieceScan;

class Search::Impl {
 public:
  Impl(std::vector<SearchFile> files, detail::SearchPlan plan, const SearchOptions& options)
      : files_(std::move(files)), plan_(std::move(plan)), options_(options), deadline_(options) {}

  Result<void> start();
  Outcome next();
  void go_on(std::vector<SearchFile> more);
  Result<std::vector<EntryCount>> counts() const;
  const std::vector<SearchFile>& files() const { return files_; }

 private:
  bool fill();
  bool fill_forwards();
  bool fill_backwards();
  bool open_next(std::size_t file);
  void leave_file();
  SearchEnd end(SearchEnd::Reason reason, SearchPlace next);
  std::size_t current() const { return plan_.order == Order::forwards ? at_ : files_.size() - 1 - at_; }

  std::vector<SearchFile> files_;
  const detail::SearchPlan plan_;
  const SearchOptions options_;
  const detail::Deadline deadline_;
  std::optional<SearchEnd> end_;
  std::uint64_t found_ = 0;
  Chunk chunk_;
  std::size_t row_ = 0;  // in chunk_
  SearchPlace next_;
  std::vector<std::unique_ptr<detail::GroupCounter>> counters_;  // One a thread.

  // In the caller's thread:
  std::unique_ptr<PieceScan> scan_;
  std::unique_ptr<OpenFile> open_;
  std::size_t at_ = 0;  // Files that were left.
  std::vector<Piece> pieces_;
  std::deque<Chunk> waiting_;
  // With threads of its own:
  std::unique_ptr<detail::ThreadedScan> threads_;
};

Result<void> Search::Impl::start() {
  const unsigned wanted = options_.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options_.threads;
  const std::size_t threads = options_.takers.empty() ? wanted : options_.takers.size();
  std::vector<std::unique_ptr<PieceScan>> scans;
  for (std::size_t i = 0; i < threads; ++i) {
    if (options_.count_by) counters_.push_back(std::make_unique<detail::GroupCounter>(*options_.count_by));
    auto scan = PieceScan::create(plan_, options_, counters_.empty() ? nullptr : counters_.back().get(),
                                  options_.takers.empty() ? nullptr : options_.takers[i]);
    if (!scan) return fail(std::move(scan.error()));
    scans.push_back(std::move(*scan));
  }
  next_ = {0, files_.empty() ? 0 : files_.front().from};
  if (threads == 1) {
    scan_ = std::move(scans.front());
  } else {
    threads_ = std::make_unique<detail::ThreadedScan>(plan_, files_, options_, std::move(scans));
  }
  return {};
}

SearchEnd Search::Impl::end(SearchEnd::Reason reason, SearchPlace next) {
  end_ = SearchEnd{reason, next};
  return *end_;
}

Outcome Search::Impl::next() {
  if (end_) return *end_;
  if (found_ == options_.limit) {
    threads_.reset();
    return end(SearchEnd::Reason::limit, next_);
  }
  for (;;) {
    if (row_ < chunk_.rows.size()) {
      const Chunk::Row& row = chunk_.rows[row_++];
      ++found_;
      next_ = {chunk_.file, row.ordinal + 1};
      FoundEntry found{chunk_.file, &chunk_.facts->header, row.ordinal, row.entry};
      if (row.level >= 0) found.level = row.level;
      return found;
    }
    next_ = {chunk_.file, std::max(chunk_.reached, chunk_.file == next_.file ? next_.ordinal : 0)};
    if (chunk_.error) {
      Unread unread{chunk_.file, std::move(*chunk_.error)};
      chunk_.error.reset();
      return unread;
    }
    if (chunk_.is_last) {
      threads_.reset();
      return end(deadline_.reason(), next_);
    }
    row_ = 0;
    if (!fill()) return end(SearchEnd::Reason::done, next_);
  }
}

bool Search::Impl::fill() {
  if (threads_) {
    if (threads_->next(chunk_)) return true;
    threads_.reset();
    return false;
  }
  return plan_.order == Order::forwards ? fill_forwards() : fill_backwards();
}

void Search::Impl::leave_file() {
  open_.reset();
  pieces_.clear();
  ++at_;
}

// False if there is nothing to read in it; chunk_ may then have an error.
bool Search::Impl::open_next(std::size_t file) {
  auto open = OpenFile::open(plan_, files_, file, scan_->sieve(), detail::filter_says(plan_, files_[file]));
  if (!open) {
    chunk_.error = std::move(open.error());
  } else {
    open_ = std::move(*open);
    if (open_ && detail::may_have(plan_, *open_)) return true;
  }
  leave_file();
  return false;
}

bool Search::Impl::fill_forwards() {
  chunk_ = {};
  for (;;) {
    if (!open_) {
      if (at_ == files_.size()) {
        chunk_.file = files_.empty() ? 0 : files_.size() - 1;
        return false;
      }
      const SearchFile& file = files_[at_];
      chunk_.file = at_;
      chunk_.reached = file.from;
      if (deadline_.is_over() && at_ > 0) {
        chunk_.is_last = true;
        return true;
      }
      if (!open_next(at_)) {
        if (chunk_.error) return true;
        continue;
      }
      if (auto sought = open_->reader.seek(file.from); !sought) {
        chunk_.error = std::move(sought.error());
        leave_file();
        return true;
      }
      scan_->begin(*open_, {file.from, 0}, file.end);
    }
    const auto slice = scan_->next();
    chunk_.file = at_;
    chunk_.facts = open_->facts;
    chunk_.reached = scan_->reached();
    if (!slice) {
      chunk_.error = slice.error();
      if (!scan_->can_go_on(*chunk_.error)) leave_file();
      chunk_.is_last = deadline_.is_over();
      return true;
    }
    if (!*slice) {
      // The last file may grow: it stays open.
      if (at_ + 1 == files_.size()) return false;
      leave_file();
      continue;
    }
    detail::add_views(**slice, chunk_);
    chunk_.is_last = deadline_.is_over();
    if (!chunk_.is_empty()) return true;
  }
}

bool Search::Impl::fill_backwards() {
  chunk_ = {};
  while (waiting_.empty()) {
    if (!open_) {
      if (at_ == files_.size()) return false;
      const std::size_t file = current();
      chunk_.file = file;
      if (deadline_.is_over()) {
        chunk_.is_last = true;
        return true;
      }
      if (!open_next(file)) {
        if (chunk_.error) return true;
        continue;
      }
      if (auto planned = detail::plan_pieces(plan_, files_[file], *open_, pieces_); !planned) {
        chunk_.facts = open_->facts;
        chunk_.error = std::move(planned.error());
        return true;
      }
    }
    if (pieces_.empty()) {
      leave_file();
      continue;
    }
    const std::size_t file = current();
    const Piece piece = pieces_.back();
    pieces_.pop_back();
    const Ordinal from = std::max(piece.begin.ordinal, files_[file].from);
    open_->reader.seek(piece.begin);
    if (from > piece.begin.ordinal) {
      if (auto sought = open_->reader.seek(from); !sought) continue;  // Reading will report what is wrong.
    }
    scan_->begin(*open_, {from, piece.begin.offset}, piece.end);
    detail::scan_backwards(
        *scan_, plan_, file, *open_, [&] { return deadline_.is_over(); },
        [&](Chunk chunk) {
          waiting_.push_back(std::move(chunk));
          return true;
        });
  }
  chunk_ = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

void Search::Impl::go_on(std::vector<SearchFile> more) {
  files_.insert(files_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  if (end_ && end_->reason == SearchEnd::Reason::done) end_.reset();
}

Result<std::vector<EntryCount>> Search::Impl::counts() const {
  detail::GroupCounter all(options_.count_by.value_or(std::vector<CountBy>()));
  for (const auto& counter : counters_) all.add(*counter);
  if (all.is_too_large()) return fail(ErrorCode::no_space, "there are too many groups to count entries by");
  return all.groups();
}

Search::Search(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Search::Search(Search&&) noexcept = default;
Search& Search::operator=(Search&&) noexcept = default;
Search::~Search() = default;

Result<Search> Search::create(std::vector<SearchFile> files, Expression expression, const SearchOptions& options) {
  auto plan = detail::make_plan(std::move(expression), options);
  auto impl = std::make_unique<Impl>(std::move(files), std::move(plan), options);
  if (auto started = impl->start(); !started) return fail(std::move(started.error()));
  return Search(std::move(impl));
}

Outcome Search::next() { return impl_->next(); }
void Search::go_on(std::vector<SearchFile> more) { impl_->go_on(std::move(more)); }
Result<std::vector<EntryCount>> Search::counts() const { return impl_->counts(); }
const std::vector<SearchFile>& Search::files() const { return impl_->files(); }

}  // namespace towl
