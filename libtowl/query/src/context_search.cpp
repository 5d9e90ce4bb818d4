#include "towl/query/context_search.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "towl/file_reader.hpp"

namespace towl {

class ContextSearch::Impl {
 public:
  Impl(Search search, const Context& context, FileLayer* layer)
      : search_(std::move(search)), context_(context), layer_(layer) {}

  Outcome next(bool& is_match);
  void go_on(std::vector<SearchFile> more) {
    search_.go_on(std::move(more));
    held_.reset();
  }

 private:
  struct Range {
    std::size_t file = 0;
    Ordinal begin = 0;
    Ordinal end = 0;
  };

  void plan(const FoundEntry& found);
  void plan_rest();
  std::optional<FoundEntry> next_neighbour();
  bool open(std::size_t file);

  Search search_;
  const Context context_;
  FileLayer* const layer_;
  std::optional<Outcome> held_;  // What comes after the neighbours.
  std::deque<Range> ranges_;
  bool is_sought_ = false;  // In the first of them.
  std::optional<std::size_t> reading_;
  std::optional<FileReader> reader_;
  // For the file of the last entry that was given out: what comes next, and up to where neighbours are wanted.
  std::optional<std::size_t> file_;
  Ordinal next_ = 0;
  Ordinal until_ = 0;
};

bool ContextSearch::Impl::open(std::size_t file) {
  if (reading_ == file) return reader_.has_value();
  reading_ = file;
  reader_.reset();
  auto reader = FileReader::open(search_.files()[file].path, {.layer = layer_});
  if (reader) reader_.emplace(std::move(*reader));
  return reader_.has_value();
}

// The neighbours after the last match that do not belong to another match.
void ContextSearch::Impl::plan_rest() {
  if (file_ && until_ > next_) ranges_.push_back({*file_, next_, std::min(until_, search_.files()[*file_].end)});
}

void ContextSearch::Impl::plan(const FoundEntry& found) {
  const Ordinal before = found.ordinal - std::min(found.ordinal, context_.before);
  if (file_ != found.file) {
    plan_rest();
    ranges_.push_back({found.file, std::max(before, search_.files()[found.file].from), found.ordinal});
    return;
  }
  const Ordinal after = std::min(until_, found.ordinal);
  if (after > next_) ranges_.push_back({found.file, next_, after});
  const Ordinal begin = std::max({before, next_, after});
  if (found.ordinal > begin) ranges_.push_back({found.file, begin, found.ordinal});
}

std::optional<FoundEntry> ContextSearch::Impl::next_neighbour() {
  while (!ranges_.empty()) {
    Range& range = ranges_.front();
    bool is_there = open(range.file);
    if (is_there && !std::exchange(is_sought_, true)) is_there = reader_->seek(range.begin).has_value();
    if (is_there) {
      auto entry = reader_->next();
      const bool goes_on = !entry && reader_->continues_behind_damage() && entry.error().code == ErrorCode::corrupt;
      if (goes_on && reader_->position().ordinal < range.end) continue;
      if (entry && *entry && reader_->ordinal() < range.end) {
        const Ordinal ordinal = reader_->ordinal();
        if (file_ == range.file) next_ = std::max(next_, ordinal + 1);
        return FoundEntry{range.file, &reader_->header(), ordinal, **entry};
      }
    }
    ranges_.pop_front();
    is_sought_ = false;
  }
  return std::nullopt;
}

Outcome ContextSearch::Impl::next(bool& is_match) {
  is_match = false;
  if (!held_) {
    held_ = search_.next();
    if (const auto* found = std::get_if<FoundEntry>(&*held_)) {
      plan(*found);
    } else if (std::holds_alternative<SearchEnd>(*held_)) {
      plan_rest();
    }
  }
  if (auto neighbour = next_neighbour()) return *neighbour;
  Outcome outcome = *held_;
  // The end is the end until go_on().
  if (!std::holds_alternative<SearchEnd>(outcome)) held_.reset();
  if (const auto* found = std::get_if<FoundEntry>(&outcome)) {
    is_match = true;
    file_ = found->file;
    next_ = found->ordinal + 1;
    until_ = context_.after > ~Ordinal{0} - next_ ? ~Ordinal{0} : next_ + context_.after;
  }
  return outcome;
}

ContextSearch::ContextSearch(Search search, const Context& context, FileLayer* layer)
    : impl_(std::make_unique<Impl>(std::move(search), context, layer)) {}
ContextSearch::ContextSearch(ContextSearch&&) noexcept = default;
ContextSearch& ContextSearch::operator=(ContextSearch&&) noexcept = default;
ContextSearch::~ContextSearch() = default;

Outcome ContextSearch::next(bool& is_match) { return impl_->next(is_match); }
void ContextSearch::go_on(std::vector<SearchFile> more) { impl_->go_on(std::move(more)); }

}  // namespace towl
