#include "entry_stream.hpp"

#include <algorithm>
#include <utility>

namespace towl::detail {
namespace {

constexpr std::int64_t kUsualRows = 65'536;

/// A batch ends where its texts are so long, too.
constexpr std::size_t kBatchBytes = std::size_t{64} << 20;

/// What could not be read is told, but not without end.
constexpr std::size_t kLossBytes = std::size_t{16} << 10;

}  // namespace

EntryStream::EntryStream(StreamRequest request)
    : request_(std::move(request)), wanted_(wanted_of(request_.columns)), batch_(request_.columns, request_.binary) {
  if (request_.batch_rows <= 0) request_.batch_rows = kUsualRows;
  if (request_.limit == 0) request_.limit = UINT64_MAX;
}

Result<EntryStream> EntryStream::open(StreamRequest request) {
  EntryStream stream(std::move(request));
  StreamRequest& of = stream.request_;
  if (of.expression.kind == Expression::Kind::everything) return stream;
  std::vector<SearchFile> files;
  for (const auto& path : of.paths) files.push_back({.path = path});
  std::vector<Expression> parts;
  if (of.since || of.until) {
    parts.push_back(between(of.since.value_or(TimeTest().since), of.until.value_or(TimeTest().until)));
  }
  parts.push_back(of.expression);
  SearchOptions options{.limit = of.limit, .threads = of.threads, .wanted = stream.wanted_};
  auto search = Search::create(std::move(files), all_of(std::move(parts)), options);
  if (!search) return fail(std::move(search.error()));
  stream.search_.emplace(std::move(*search));
  return stream;
}

void EntryStream::lose(const Error& error) {
  if (losses_.size() > kLossBytes) return;
  losses_ += error.to_string();
  losses_ += '\n';
}

bool EntryStream::is_full() const { return batch_.rows() >= request_.batch_rows || batch_.text_bytes() >= kBatchBytes; }

void EntryStream::add(const FoundEntry& entry) {
  cells_.set(entry);
  const auto& columns = batch_.columns();
  for (std::size_t i = 0; i < columns.size(); ++i) batch_.add(i, cells_.cell(columns[i]));
  batch_.end_row();
  ++given_;
}

/// A text without fields: nothing in it has to be looked for.
void EntryStream::add_plain(const Header& header, Ordinal ordinal, const EntryView& entry) {
  const auto& columns = batch_.columns();
  const FoundEntry found{.header = &header, .ordinal = ordinal, .entry = entry};
  bool is_set = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    switch (columns[i].kind) {
      case ColumnKind::time:
      case ColumnKind::time_ns:
        batch_.add_number(i, entry.time());
        break;
      case ColumnKind::received:
      case ColumnKind::received_ns:
        batch_.add_number(i, entry.received);
        break;
      case ColumnKind::host:
        batch_.add_text(i, entry.sender);
        break;
      case ColumnKind::message:
        batch_.add_text(i, entry.log_entry);
        break;
      case ColumnKind::ordinal:
        batch_.add_number(i, static_cast<std::int64_t>(ordinal));
        break;
      case ColumnKind::file_id:
        batch_.add_number(i, static_cast<std::int64_t>(header.file_id));
        break;
      default:
        if (!std::exchange(is_set, true)) cells_.set(found);
        batch_.add(i, cells_.cell(columns[i]));
    }
  }
  batch_.end_row();
  ++given_;
}

/// False at the end.
bool EntryStream::fill_from_search() {
  while (!is_full()) {
    const Outcome outcome = search_->next();
    if (const auto* found = std::get_if<FoundEntry>(&outcome)) {
      if (found->entry.log_format == LogFormat::text) {
        add_plain(*found->header, found->ordinal, found->entry);
      } else {
        add(*found);
      }
    } else if (const auto* unread = std::get_if<Unread>(&outcome)) {
      lose(unread->error);
    } else {
      return false;
    }
  }
  return true;
}

bool EntryStream::open_next_file() {
  while (next_path_ < request_.paths.size()) {
    auto opened = FileReader::open(request_.paths[next_path_++],
                                   {.since = request_.since, .until = request_.until, .wanted = wanted_});
    if (opened) {
      reader_.emplace(std::move(*opened));
      return true;
    }
    lose(opened.error());
  }
  return false;
}

bool EntryStream::fill_from_files() {
  const TimeTest range{request_.since.value_or(TimeTest().since), request_.until.value_or(TimeTest().until)};
  const bool is_bounded = request_.since || request_.until;
  while (!is_full() && given_ < request_.limit) {
    if (at_ < entries_.entries.size()) {
      const EntryView& entry = entries_.entries[at_];
      const Ordinal ordinal = entries_.first + at_++;
      if (is_bounded && !range.contains(entry.time())) continue;
      if (entry.log_format == LogFormat::text) {
        add_plain(reader_->header(), ordinal, entry);
      } else {
        add({.header = &reader_->header(), .ordinal = ordinal, .entry = entry});
      }
      continue;
    }
    entries_ = {};
    at_ = 0;
    if (!reader_ && !open_next_file()) return false;
    const auto more = reader_->next_batch();
    if (!more) {
      lose(more.error());
      if (!reader_->continues_behind_damage() || more.error().code != ErrorCode::corrupt) reader_.reset();
    } else if (*more) {
      entries_ = **more;
    } else {
      reader_.reset();
    }
  }
  return given_ < request_.limit;
}

Result<void> EntryStream::next(ArrowArray& to) {
  to = {};
  if (search_) {
    (void)fill_from_search();
  } else {
    (void)fill_from_files();
  }
  if (batch_.rows() > 0) batch_.give(to);
  return {};
}

}  // namespace towl::detail
