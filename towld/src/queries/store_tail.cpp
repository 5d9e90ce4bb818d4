#include "queries/store_tail.hpp"

#include <chrono>

#include "limits/limits.hpp"
#include "towl/query/address.hpp"

namespace towld {
namespace {

constexpr std::string_view kBeginning = "begin";

}  // namespace

towl::Result<QueryCursor> StoreTail::end_of(const towl::Catalog& catalog) {
  const auto files = catalog.files();
  if (!files) return towl::fail(files.error());
  if (files->open) return QueryCursor{files->open->file_id(), files->open->index.count};
  if (files->closed->empty()) return QueryCursor{};
  const towl::ServedFile& last = files->closed->back();
  return QueryCursor{last.file_id(), last.index.count};
}

std::string StoreTail::id_before(const towl::Catalog& catalog, const QueryCursor& cursor) {
  const auto files = catalog.files();
  if (!files) return std::string(kBeginning);
  // The last entry before it may be in an earlier file.
  std::string id(kBeginning);
  files->each_after(0, [&](const towl::ServedFile& file) {
    if (file.file_id() > cursor.file) return false;
    const towl::Ordinal count = file.file_id() == cursor.file ? cursor.ordinal : file.index.count;
    if (count > 0) id = towl::address_text(file.header, count - 1);
    return true;
  });
  constexpr std::string_view kScheme = "towl://";
  return id.starts_with(kScheme) ? id.substr(kScheme.size()) : id;
}

towl::Result<StoreTail::Place> StoreTail::place_after(const towl::Catalog& catalog, std::string_view id) {
  if (id == kBeginning) return Place{};
  const auto address = towl::read_address(id);
  if (!address)
    return towl::fail(towl::ErrorCode::invalid_argument, "Last-Event-ID is UUID/ORDINAL, as an event had it");
  const auto files = catalog.files();
  if (!files) return towl::fail(files.error());
  std::optional<Place> place;
  files->each_after(0, [&](const towl::ServedFile& file) {
    const bool is_it = address->uuid ? file.header.uuid == *address->uuid : file.file_id() == address->file_id;
    if (is_it) place = Place{{file.file_id(), address->ordinal + 1}};
    return !is_it;
  });
  return place.value_or(Place{.cursor = {}, .is_gone = true});
}

towl::Result<bool> StoreTail::look(const Sink& sink, const std::stop_token& stop) {
  const auto looked = files_of(catalog_, {.files = scope_, .cursor = cursor_});
  if (!looked) return towl::fail(looked.error());
  if (looked->files.empty()) return true;
  auto search = towl::Search::create(looked->files, expression_,
                                     {.deadline = std::chrono::steady_clock::now() + kTailRoundTime, .stop = stop});
  if (!search) return towl::fail(std::move(search.error()));
  for (;;) {
    const towl::Outcome outcome = search->next();
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome)) {
      cursor_ = {found->file_id(), found->ordinal + 1};
      if (!sink.entry(*found)) return false;
    } else if (const auto* unread = std::get_if<towl::Unread>(&outcome)) {
      // Retention may have removed the file in the meantime.
      if (unread->error.code != towl::ErrorCode::not_found) sink.unread(looked->ids[unread->file], unread->error);
    } else {
      const auto& end = std::get<towl::SearchEnd>(outcome);
      if (end.reason != towl::SearchEnd::Reason::done) {
        cursor_ = std::max(cursor_, looked->cursor_at(end.next), [](const auto& a, const auto& b) {
          return std::pair(a.file, a.ordinal) < std::pair(b.file, b.ordinal);
        });
        return false;
      }
      // Whatever could not be read at its end is not there to be read later either.
      cursor_ = {looked->ids.back(), looked->files.back().end};
      return true;
    }
  }
}

}  // namespace towld
