#include "towl/query/table_search.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

namespace towl {
namespace {

using Reason = SearchEnd::Reason;

/// Fills a part of the table.
class Part final : public EntryTaker {
 public:
  Part(Pipeline pipeline, std::stop_source& stop) : pipeline_(std::move(pipeline)), stop_(stop) {}

  void take(const FoundEntry& entry) override {
    if (error_) return;
    if (auto taken = pipeline_.add(entry); !taken) {
      error_ = std::move(taken.error());
      stop_.request_stop();
    }
  }

  Pipeline& pipeline() { return pipeline_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  Pipeline pipeline_;
  std::stop_source& stop_;
  std::optional<Error> error_;
};

class TableSearch {
 public:
  TableSearch(const std::vector<SearchFile>& files, const Query& query, SearchOptions options,
              const PipelineOptions& limits)
      : files_(files), query_(query), options_(std::move(options)), limits_(limits) {
    options_.limit = UINT64_MAX;
    options_.count_by.reset();
    options_.takers.clear();
  }

  Result<TableAnswer> make() {
    Pipeline pipeline(query_.pipes, limits_);
    options_.wanted = pipeline.wanted();
    if (auto groups = pipeline.count_by()) {
      auto answer = count(std::move(*groups), pipeline);
      if (!answer) return fail(std::move(answer.error()));
      if (*answer) return std::move(**answer);
    }
    const std::size_t threads =
        options_.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options_.threads;
    if (threads > 1) {
      if (auto parts = pipeline.parts(threads, options_.order)) {
        auto answer = make_in_threads(std::move(*parts), pipeline);
        if (!answer) return fail(std::move(answer.error()));
        if (*answer) return std::move(**answer);
      }
    }
    // A value that several threads keep is counted for each of them: in one thread there may be room.
    return make_in_order(Pipeline(query_.pipes, limits_));
  }

  std::vector<Unread> unread = {};

 private:
  using MaybeAnswer = std::optional<TableAnswer>;

  static Result<TableAnswer> finish(Pipeline& pipeline) {
    auto table = pipeline.finish();
    if (!table) return fail(std::move(table.error()));
    return TableAnswer{std::move(*table), Reason::done};
  }

  // Runs a search that gives no entries to its end.
  Reason run(Search& search) {
    for (;;) {
      Outcome outcome = search.next();
      if (const auto* end = std::get_if<SearchEnd>(&outcome)) return end->reason;
      if (auto* part = std::get_if<Unread>(&outcome)) unread.push_back(std::move(*part));
    }
  }

  // nullopt: there are too many groups.
  Result<MaybeAnswer> count(std::vector<CountBy> groups, Pipeline& pipeline) {
    SearchOptions options = options_;
    options.count_by = std::move(groups);
    auto search = Search::create(files_, query_.expression, options);
    if (!search) return fail(std::move(search.error()));
    const Reason reason = run(*search);
    if (reason != Reason::done) return MaybeAnswer(TableAnswer{{}, reason});
    const auto counts = search->counts();
    if (!counts) {
      unread.clear();
      return MaybeAnswer();
    }
    for (const EntryCount& counted : *counts) {
      if (auto added = pipeline.add(counted); !added) return fail(std::move(added.error()));
    }
    auto answer = finish(pipeline);
    if (!answer) return fail(std::move(answer.error()));
    return MaybeAnswer(std::move(*answer));
  }

  // nullopt: there was no room.
  Result<MaybeAnswer> make_in_threads(std::vector<Pipeline> pipelines, Pipeline& pipeline) {
    std::stop_source stop;
    const std::stop_callback stopped(options_.stop, [&] { stop.request_stop(); });
    std::vector<std::unique_ptr<Part>> parts;
    SearchOptions options = options_;
    options.stop = stop.get_token();
    for (Pipeline& one : pipelines) {
      parts.push_back(std::make_unique<Part>(std::move(one), stop));
      options.takers.push_back(parts.back().get());
    }
    const auto out_of_room = [&] {
      unread.clear();
      return MaybeAnswer();
    };
    Reason reason = Reason::done;
    {
      auto search = Search::create(files_, query_.expression, options);
      if (!search) return fail(std::move(search.error()));
      reason = run(*search);
    }
    if (options_.stop.stop_requested()) return MaybeAnswer(TableAnswer{{}, Reason::stopped});
    const bool has_room = std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part->error(); });
    if (!has_room) return out_of_room();
    if (reason != Reason::done) return MaybeAnswer(TableAnswer{{}, reason});
    for (const auto& part : parts) {
      if (!pipeline.merge(std::move(part->pipeline()))) return out_of_room();
    }
    auto answer = finish(pipeline);
    if (!answer) return out_of_room();
    return MaybeAnswer(std::move(*answer));
  }

  Result<TableAnswer> make_in_order(Pipeline pipeline) {
    auto search = Search::create(files_, query_.expression, options_);
    if (!search) return fail(std::move(search.error()));
    for (;;) {
      Outcome outcome = search->next();
      if (const auto* found = std::get_if<FoundEntry>(&outcome)) {
        const auto taken = pipeline.add(*found);
        if (!taken) return fail(taken.error());
        if (!*taken) break;
      } else if (auto* part = std::get_if<Unread>(&outcome)) {
        unread.push_back(std::move(*part));
      } else {
        const Reason reason = std::get<SearchEnd>(outcome).reason;
        if (reason != Reason::done) return TableAnswer{{}, reason};
        break;
      }
    }
    return finish(pipeline);
  }

  const std::vector<SearchFile>& files_;
  const Query& query_;
  SearchOptions options_;
  const PipelineOptions& limits_;
};

}  // namespace

Result<TableAnswer> make_table(const std::vector<SearchFile>& files, const Query& query, SearchOptions options,
                               const PipelineOptions& limits, const std::function<void(const Unread&)>& unread) {
  TableSearch search(files, query, std::move(options), limits);
  auto answer = search.make();
  for (const Unread& part : search.unread) unread(part);
  return answer;
}

}  // namespace towl
