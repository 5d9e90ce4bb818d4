#include "commands/selection.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "arguments/options.hpp"
#include "files/local_files.hpp"
#include "towl/record/time_expression.hpp"

namespace towlctl {
namespace {

/// How often a follower looks for more. Half of what a person notices as delay.
constexpr auto kPoll = std::chrono::milliseconds(50);

/// "_SYSTEMD_UNIT=x", as journalctl has matches; files whose names look like that are given as ./NAME=….
bool is_match(const std::string& name) {
  const auto equals = name.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

towl::Result<std::optional<towl::Timestamp>> read_time(const std::string& option,
                                                       const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  auto time = towl::parse_time_expression(*text, towl::now());
  if (time) return *time;
  time.error().message = option + ": " + time.error().message;
  return tl::unexpected(time.error());
}

}  // namespace

void declare_selection(CLI::App& command, SelectionOptions& options) {
  add_word(command, "--store", options.store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_word(command, "-S,--since", options.since, "TIME",
           "Happened at or after: today, -1h, 2 hours ago, 2026-01-17 14:30, @1768660200 …");
  add_word(command, "-U,--until", options.until, "TIME", "Happened before");
  add_texts(command, "-u,--unit", options.filter.units, "UNIT", "Of this systemd unit, or service");
  add_texts(command, "-t,--identifier", options.filter.identifiers, "NAME", "With this syslog identifier");
  add_word(command, "-p,--priority", options.filter.priority, "LEVEL",
           "Of this level or worse: err, warning, critical …; or a range, err..alert");
  add_texts(command, "--sender", options.filter.senders, "HOST", "From this sender; may have * and ?");
}

towl::Result<Selection> select(const SelectionOptions& options) {
  FilterOptions filter = options.filter;
  std::vector<std::string> files;
  for (const std::string& name : options.names) (is_match(name) ? filter.fields : files).push_back(name);
  auto made = EntryFilter::create(filter);
  if (!made) return tl::unexpected(made.error());
  Selection selection{.paths = {}, .store = {}, .since = {}, .until = {}, .filter = std::move(*made)};
  const auto since = read_time("--since", options.since);
  if (!since) return tl::unexpected(since.error());
  const auto until = read_time("--until", options.until);
  if (!until) return tl::unexpected(until.error());
  selection.since = *since;
  selection.until = *until;
  auto store = local_store(options.store);
  if (options.rejected) {
    store /= "rejected";
    std::error_code error;
    if (!std::filesystem::is_directory(store, error)) {
      return towl::fail(
          towl::ErrorCode::not_found,
          "nothing was rejected, or this is a mirror: rejected entries stay in the collector's own store, "
          "e.g. --store /var/lib/towl",
          store.string());
    }
  }
  auto paths = find_files(store, files);
  if (!paths) return tl::unexpected(paths.error());
  selection.paths = std::move(*paths);
  if (files.empty()) selection.store = store;
  return selection;
}

EntryStream::EntryStream(const Selection& selection, std::vector<std::filesystem::path> paths,
                         const towl::ScanOptions& options, bool follow)
    : scan_(std::move(paths), options), store_(selection.store), follow_(follow) {}

void EntryStream::wait_for_more() {
  std::this_thread::sleep_for(kPoll);
  if (!store_) return;
  const auto now = find_files(*store_, {});
  if (!now) return;
  // By ID, lowest first: those behind the last known one are new. Retention may have taken old ones away.
  for (const auto& path : *now) {
    if (scan_.paths().empty() || file_id_of(path) > file_id_of(scan_.paths().back())) scan_.add_file(path);
  }
}

}  // namespace towlctl
