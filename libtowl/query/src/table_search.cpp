#include "towl/query/table_search.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace towl {
namespace {

/// nullopt: there are too many groups to be counted so.
Result<std::optional<TableAnswer>> count_groups(const std::vector<SearchFile>& files, const Expression& expression,
                                                Pipeline& pipeline, const SearchOptions& options,
                                                const std::function<void(const Unread&)>& unread) {
  auto search = Search::create(files, expression, options);
  if (!search) return fail(std::move(search.error()));
  std::vector<Unread> parts;
  for (;;) {
    Outcome outcome = search->next();
    if (auto* const part = std::get_if<Unread>(&outcome)) {
      parts.push_back(std::move(*part));
      continue;
    }
    const auto* const end = std::get_if<SearchEnd>(&outcome);
    if (end == nullptr) continue;
    if (end->reason != SearchEnd::Reason::done) return TableAnswer{.end = end->reason};
    break;
  }
  const auto counts = search->counts();
  if (!counts) return std::nullopt;  // What cannot be read is told when each entry is looked at.
  for (const Unread& part : parts) unread(part);
  for (const EntryCount& counted : *counts) {
    if (auto added = pipeline.add(counted); !added) return fail(std::move(added.error()));
  }
  auto table = pipeline.finish();
  if (!table) return fail(std::move(table.error()));
  return TableAnswer{.table = std::move(*table)};
}

}  // namespace

Result<TableAnswer> search_table(const std::vector<SearchFile>& files, const Query& query, const PipelineOptions& pipes,
                                 SearchOptions options, const std::function<void(const Unread&)>& unread) {
  Pipeline pipeline(query.pipes, pipes);
  options.limit = UINT64_MAX;
  options.count_by = pipeline.count_by();
  if (options.count_by) {
    auto counted = count_groups(files, query.expression, pipeline, options, unread);
    if (!counted) return fail(std::move(counted.error()));
    if (*counted) return std::move(**counted);
    options.count_by.reset();
  }
  options.wanted = pipeline.wanted();
  auto search = Search::create(files, query.expression, options);
  if (!search) return fail(std::move(search.error()));
  for (;;) {
    const Outcome outcome = search->next();
    if (const auto* const found = std::get_if<FoundEntry>(&outcome)) {
      const auto more = pipeline.add(*found);
      if (!more) return fail(more.error());
      if (!*more) break;
    } else if (const auto* const part = std::get_if<Unread>(&outcome)) {
      unread(*part);
    } else {
      const auto reason = std::get<SearchEnd>(outcome).reason;
      if (reason != SearchEnd::Reason::done) return TableAnswer{.end = reason};
      break;
    }
  }
  auto table = pipeline.finish();
  if (!table) return fail(std::move(table.error()));
  return TableAnswer{.table = std::move(*table)};
}

}  // namespace towl
