#include "commands/entry_source.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "files/file_facts.hpp"
#include "files/file_layers.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/table_search.hpp"

namespace towlctl {
namespace {

class LocalEntries final : public Entries {
 public:
  LocalEntries(const Selection& selection, towl::Search search, const towl::Context& context,
               std::filesystem::path last)
      : selection_(selection), last_{.path = std::move(last)} {
    if (context.before + context.after > 0) {
      with_neighbours_.emplace(std::move(search), context, &file_layer());
    } else {
      search_.emplace(std::move(search));
    }
  }

  towl::Outcome next(bool& is_match) override {
    is_match = true;
    return search_ ? search_->next() : with_neighbours_->next(is_match);
  }

  void wait_for_more() override {
    auto more = towlctl::wait_for_more(selection_, last_);
    if (search_) {
      search_->go_on(std::move(more));
    } else {
      with_neighbours_->go_on(std::move(more));
    }
  }

 private:
  const Selection& selection_;
  FollowedFile last_;
  std::optional<towl::Search> search_;
  std::optional<towl::ContextSearch> with_neighbours_;
};

class LocalSource final : public EntrySource {
 public:
  explicit LocalSource(const Selection& selection) : selection_(selection) {}

  towl::Result<std::unique_ptr<Entries>> open(const EntryQuestion& question) override {
    return open_files(selection_.files(), question);
  }

  towl::Result<std::unique_ptr<Entries>> open_behind(const std::optional<towl::FoundEntry>& last,
                                                     const EntryQuestion& question) override {
    auto files = selection_.files();
    if (!files.empty()) {
      const std::size_t file = last ? last->file : files.size() - 1;
      files[file].from = last ? last->ordinal + 1 : end_of(files.back().path);
      files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(file));
    }
    return open_files(std::move(files), question);
  }

  towl::Result<std::optional<std::uint64_t>> count(const EntryQuestion& question, const OnUnread& unread) override {
    const std::vector<towl::CountBy> together;
    auto search = towl::Search::create(selection_.files(), towl::all_of({selection_.expression, question.expression}),
                                       {.threads = question.threads, .count_by = together, .layer = &file_layer()});
    if (!search) return tl::unexpected(std::move(search.error()));
    for (;;) {
      const towl::Outcome outcome = search->next();
      if (std::holds_alternative<towl::SearchEnd>(outcome)) break;
      if (const auto* part = std::get_if<towl::Unread>(&outcome)) unread(part->error);
    }
    const auto counts = search->counts();
    if (!counts) return tl::unexpected(counts.error());
    std::uint64_t all = 0;
    for (const towl::EntryCount& counted : *counts) all += counted.count;
    return all;
  }

  towl::Result<towl::Table> table(const towl::Query& query, const towl::PipelineOptions& limits,
                                  const OnUnread& unread) override {
    const towl::Query of_selection{towl::all_of({selection_.expression, query.expression}), query.pipes};
    auto answer =
        towl::make_table(selection_.files(), of_selection, {.threads = selection_.threads, .layer = &file_layer()},
                         limits, [&](const towl::Unread& part) { unread(part.error); });
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return std::move(answer->table);
  }

  std::map<std::size_t, std::string> names() const override {
    std::map<std::size_t, std::string> names;
    for (std::size_t file = 0; file < selection_.paths.size(); ++file) names[file] = selection_.paths[file].string();
    return names;
  }

 private:
  towl::Result<std::unique_ptr<Entries>> open_files(std::vector<towl::SearchFile> files,
                                                    const EntryQuestion& question) {
    towl::SearchOptions options{.order = question.order, .limit = question.limit, .threads = question.threads};
    options.layer = &file_layer();
    if (!question.with_text) options.wanted = {.sender = false, .received = false, .text = false, .time = false};
    if (question.follow && selection_.store) leave_for_later(files);
    auto last = files.empty() ? std::filesystem::path() : files.back().path;
    auto search =
        towl::Search::create(std::move(files), towl::all_of({selection_.expression, question.expression}), options);
    if (!search) return tl::unexpected(std::move(search.error()));
    return std::make_unique<LocalEntries>(selection_, std::move(*search), question.context, std::move(last));
  }

  /// Files after one that may grow come by wait_for_more().
  static void leave_for_later(std::vector<towl::SearchFile>& files) {
    const auto open = std::find_if(files.begin(), files.end(), [](const towl::SearchFile& file) {
      const auto facts = read_facts(file.path);
      return facts && !facts->index.closed;
    });
    if (open != files.end()) files.erase(std::next(open), files.end());
  }

  static towl::Ordinal end_of(const std::filesystem::path& path) {
    auto reader = towl::FileReader::open(path, {.layer = &file_layer()});
    const auto end = reader ? reader->skip_to_end() : tl::unexpected(reader.error());
    return end ? end->ordinal : 0;
  }

  const Selection& selection_;
};

}  // namespace

towl::Result<std::unique_ptr<EntrySource>> open_source(const Selection& selection, bool follow) {
  if (selection.server) return open_server_source(selection, follow);
  return std::make_unique<LocalSource>(selection);
}

}  // namespace towlctl
