// Entries that a collector finds. If the connection is lost, or the collector's time for one answer is over, the same
// question is asked again from the cursor of what came last: nothing is missed, and nothing comes twice.
#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

#include "collector/backoff.hpp"
#include "collector/collector.hpp"
#include "commands/entry_source.hpp"
#include "commands/reach_collector.hpp"
#include "output/server_rows.hpp"
#include "towl/file_name.hpp"

namespace towlctl {
namespace {

using namespace std::chrono_literals;

/// Tries after a connection is lost, for a reader that does not follow: about five seconds.
constexpr int kTries = 6;

/// How long to wait for an event. If the collector is silent, gRPC itself checks that the connection is still there.
constexpr auto kWait = std::chrono::seconds(1);

towl::Error error_of(const Collector& collector, const PullError& error) {
  return {.code = towl::ErrorCode::io, .message = collector.server() + ": " + error.message};
}

/// nullptr if it is not there.
const towl::ServedFile* find(const std::vector<towl::ServedFile>& files, const SelectedRange& range) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const towl::ServedFile& file) {
    if (range.file != 0) return file.file_id() == range.file;
    return range.uuid != towl::Uuid{} && file.header.uuid == range.uuid;
  });
  return found == files.end() ? nullptr : &*found;
}

class ServerEntries final : public Entries {
 public:
  ServerEntries(Collector& collector, QueryCall call)
      : collector_(collector), call_(std::move(call)), left_(call_.limit) {}

  towl::Outcome next(bool& is_match) override {
    is_match = true;
    for (;;) {
      if (over_) return towl::SearchEnd{.reason = *over_};
      if (!stream_) {
        stream_ = collector_.query(call_);
        begun_at_ = call_.cursor;
      }
      const auto event = stream_->next(stop_, kWait);
      if (!event) {
        if (has_limit_ && left_ == 0) {
          over_ = towl::SearchEnd::Reason::limit;
          continue;
        }
        if (event.error().failure == PullFailure::cut && (call_.follow || backoff_.tries() < kTries)) {
          stream_.reset();
          backoff_.wait(stop_);
          continue;
        }
        return fail(event.error());
      }
      switch (event->kind) {
        case QueryEvent::Kind::entry:
          if (!take(*event, is_match)) continue;
          return towl::FoundEntry{static_cast<std::size_t>(event->file_id), &header_, event->ordinal, event->entry};
        case QueryEvent::Kind::place:
          backoff_.reset();
          if (!event->cursor.empty()) call_.cursor = event->cursor;
          // A follower shows what it has: there is nothing more just now.
          if (call_.follow) return towl::SearchEnd{};
          continue;
        case QueryEvent::Kind::unread:
          return towl::Unread{static_cast<std::size_t>(event->file_id),
                              {.code = towl::ErrorCode::corrupt,
                               .message = collector_.server() + ", file " + std::to_string(event->file_id) + ": " +
                                          std::string(event->text)}};
        case QueryEvent::Kind::row:
          return fail({PullFailure::bad_data, "the collector sent a row where entries were asked for"});
        case QueryEvent::Kind::nothing:
          if (call_.follow) return towl::SearchEnd{};
          continue;
        case QueryEvent::Kind::end:
          if (event->end == QueryEvent::End::time) {
            if (event->cursor.empty() || event->cursor == begun_at_) {
              return fail({PullFailure::refused, "it finds nothing within query.max_time of its configuration"});
            }
            call_.cursor = event->cursor;
            stream_.reset();
            continue;
          }
          over_ = event->end == QueryEvent::End::done ? towl::SearchEnd::Reason::done : towl::SearchEnd::Reason::limit;
          continue;
      }
    }
  }

  void wait_for_more() override {}  // next() does.

 private:
  // False for an entry that already came before the answer went on.
  bool take(const QueryEvent& event, bool& is_match) {
    const std::pair place(event.file_id, event.ordinal);
    if (event.is_neighbour && last_ && place <= *last_) return false;
    is_match = !event.is_neighbour;
    if (!call_.backwards) last_ = std::max(last_.value_or(place), place);
    if (is_match) {
      call_.cursor =
          std::to_string(event.file_id) + ":" + std::to_string(call_.backwards ? event.ordinal : event.ordinal + 1);
      if (left_ > 0) call_.limit = --left_;
    }
    if (header_.file_id != event.file_id || header_.uuid != event.uuid) {
      header_.file_id = event.file_id;
      header_.uuid = event.uuid;
    }
    return true;
  }

  towl::Outcome fail(const PullError& error) {
    over_ = towl::SearchEnd::Reason::stopped;
    return towl::Unread{0, error_of(collector_, error)};
  }

  Collector& collector_;
  QueryCall call_;
  std::uint64_t left_;
  const bool has_limit_ = left_ > 0;
  std::unique_ptr<QueryStream> stream_;
  std::string begun_at_;  // its cursor
  std::stop_token stop_;
  Backoff backoff_{100ms, 2s};
  towl::Header header_;
  std::optional<std::pair<towl::FileId, towl::Ordinal>> last_;
  std::optional<towl::SearchEnd::Reason> over_;
};

class ServerSource final : public EntrySource {
 public:
  ServerSource(const Selection& selection, std::unique_ptr<Collector> collector, std::vector<towl::ServedFile> files)
      : selection_(selection), collector_(std::move(collector)), files_(std::move(files)) {}

  towl::Result<std::unique_ptr<Entries>> open(const EntryQuestion& question) override {
    QueryCall call = call_of(question);
    // What is stored from now on is for open_behind().
    if (call.backwards) call.cursor = end();
    return std::make_unique<ServerEntries>(*collector_, std::move(call));
  }

  towl::Result<std::unique_ptr<Entries>> open_behind(const std::optional<towl::FoundEntry>& last,
                                                     const EntryQuestion& question) override {
    QueryCall call = call_of(question);
    call.cursor = last ? std::to_string(last->file_id()) + ":" + std::to_string(last->ordinal + 1) : end();
    return std::make_unique<ServerEntries>(*collector_, std::move(call));
  }

  towl::Result<towl::Table> table(const towl::Query& query, const towl::PipelineOptions&,
                                  const std::function<void(const towl::Error&)>& unread) override {
    QueryCall call;
    call.expression = towl::to_text(
        towl::Query{.expression = towl::all_of({selection_.expression, query.expression}), .pipes = query.pipes});
    call.files = ranges();
    const auto stream = collector_->query(call);
    ServerRows rows;
    for (;;) {
      const auto event = stream->next({}, kWait);
      if (!event) return tl::unexpected(error_of(*collector_, event.error()));
      if (event->kind == QueryEvent::Kind::row) {
        if (auto added = rows.add(event->text); !added) return tl::unexpected(std::move(added.error()));
      } else if (event->kind == QueryEvent::Kind::unread) {
        unread({.code = towl::ErrorCode::corrupt,
                .message = collector_->server() + ", file " + std::to_string(event->file_id) + ": " +
                           std::string(event->text)});
      } else if (event->kind == QueryEvent::Kind::end) {
        if (event->end == QueryEvent::End::rows) {
          unread({.code = towl::ErrorCode::no_space,
                  .message = "limit reached: there are more rows; ask for fewer (| limit N), or raise query.max_rows "
                             "of the collector"});
        }
        return rows.take();
      }
    }
  }

  std::map<std::size_t, std::string> names() const override {
    std::map<std::size_t, std::string> names;
    for (const towl::ServedFile& file : files_) {
      const auto is_it = [&](const QueryRange& range) { return range.file == file.file_id(); };
      const auto wanted = ranges();
      if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_it)) continue;
      names[static_cast<std::size_t>(file.file_id())] = towl::file_name(file.file_id());
    }
    return names;
  }

 private:
  QueryCall call_of(const EntryQuestion& question) const {
    QueryCall call;
    call.expression = towl::to_text(towl::all_of({selection_.expression, question.expression}));
    call.backwards = question.order == towl::Order::backwards;
    if (question.limit != UINT64_MAX) call.limit = question.limit;
    call.files = ranges();
    call.before = question.context.before;
    call.after = question.context.after;
    call.without_text = !question.with_text;
    call.follow = question.follow;
    return call;
  }

  std::vector<QueryRange> ranges() const {
    std::vector<QueryRange> ranges;
    for (const SelectedRange& range : selection_.ranges) {
      if (const towl::ServedFile* file = find(files_, range))
        ranges.push_back({file->file_id(), range.from, range.end});
    }
    return ranges;
  }

  /// The cursor after all entries that were there when the source was made. A store without files has none.
  std::string end() const {
    if (files_.empty()) return "";
    return std::to_string(files_.back().file_id()) + ":" + std::to_string(files_.back().index.count);
  }

  const Selection& selection_;
  const std::unique_ptr<Collector> collector_;
  const std::vector<towl::ServedFile> files_;
};

/// All files, in the order of their IDs. A list whose IDs do not ascend is an error, so that it has an end.
PullResult<std::vector<towl::ServedFile>> list_all(Collector& collector) {
  std::vector<towl::ServedFile> files;
  for (ListRequest request;;) {
    auto page = collector.list_files(request, {});
    if (!page) return tl::unexpected(page.error());
    for (towl::ServedFile& file : page->files) {
      if (file.file_id() <= request.after) {
        return pull_fail(PullFailure::bad_data, "the collector lists its files in no order");
      }
      request.after = file.file_id();
      files.push_back(std::move(file));
    }
    if (!page->more || page->files.empty()) return files;
  }
}

}  // namespace

towl::Result<std::unique_ptr<EntrySource>> open_server_source(const Selection& selection, bool) {
  auto collector = reach_collector(selection.open_collector, *selection.server, {});
  if (!collector) return tl::unexpected(std::move(collector.error()));
  auto files = list_all(**collector);
  if (!files) return tl::unexpected(error_of(**collector, files.error()));
  for (const SelectedRange& range : selection.ranges) {
    if (find(*files, range) != nullptr) continue;
    const std::string which = range.file != 0 ? "file " + std::to_string(range.file) : "file with this UUID";
    return towl::fail(towl::ErrorCode::not_found, (*collector)->server() + " has no " + which + ", or not any more");
  }
  return std::make_unique<ServerSource>(selection, std::move(*collector), std::move(*files));
}

}  // namespace towlctl
