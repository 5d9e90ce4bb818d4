#include "export/exported_entries.hpp"

namespace towlctl {

towl::Result<ExportedEntries> ExportedEntries::open(const ExportSelection& selection, const towl::Wanted& wanted) {
  towl::SearchOptions options{
      .threads = selection.threads, .wanted = wanted, .stop = selection.stop, .layer = selection.layer};
  auto search = towl::Search::create(selection.files, selection.expression, options);
  if (!search) return tl::unexpected(search.error());
  return ExportedEntries(std::move(*search));
}

towl::Result<const towl::FoundEntry*> ExportedEntries::next() {
  for (;;) {
    outcome_ = search_.next();
    if (const auto* found = std::get_if<towl::FoundEntry>(&outcome_)) return found;
    if (const auto* unread = std::get_if<towl::Unread>(&outcome_)) {
      losses_.push_back(unread->error.to_string());
      continue;
    }
    if (std::get<towl::SearchEnd>(outcome_).reason == towl::SearchEnd::Reason::done) return nullptr;
    return towl::fail(towl::ErrorCode::closed, "it was interrupted, and nothing was written");
  }
}

}  // namespace towlctl
