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

/// More threads than that wait for each other.
constexpr std::uint64_t kMaxThreads = 256;

/// "_SYSTEMD_UNIT=x", as journalctl has matches; files whose names look like that are given as ./NAME=….
bool is_match(const std::string& name) {
  const auto equals = name.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// Lowers, or raises, `time` where the option is given.
towl::Result<void> read_time(const std::string& option, towl::TimeBound bound, const std::optional<std::string>& text,
                             towl::Timestamp& time) {
  if (!text) return {};
  const auto read = towl::parse_time_bound(*text, bound, towl::now());
  if (!read) return towl::fail(read.error().code, option + ": " + read.error().message);
  time = *read;
  return {};
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
  add_texts(command, "--title", options.filter.titles, "TITLE", "In files with this title; may have * and ?");
  add_texts(command, "--org", options.filter.orgs, "ORG", "In files of this organisation; may have * and ?");
  add_number(command, "-j,--threads", options.threads, "N", "Read with N threads (default: as many as there are cores)",
             {.least = 1, .most = kMaxThreads});
}

towl::Result<Selection> select(const SelectionOptions& options) {
  FilterOptions filter = options.filter;
  std::vector<std::string> files;
  for (const std::string& name : options.names) (name == "+" || is_match(name) ? filter.fields : files).push_back(name);
  auto expression = filter_expression(filter);
  if (!expression) return tl::unexpected(expression.error());
  towl::TimeTest range;
  if (auto read = read_time("--since", towl::TimeBound::since, options.since, range.since); !read) {
    return tl::unexpected(read.error());
  }
  if (auto read = read_time("--until", towl::TimeBound::until, options.until, range.until); !read) {
    return tl::unexpected(read.error());
  }
  Selection selection;
  std::vector<towl::Expression> parts;
  if (options.since) selection.since = range.since;
  if (options.until) selection.until = range.until;
  if (range != towl::TimeTest()) parts.push_back(towl::between(range.since, range.until));
  parts.push_back(std::move(*expression));
  selection.expression = towl::all_of(std::move(parts));
  selection.threads = static_cast<unsigned>(options.threads);
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

std::vector<towl::SearchFile> Selection::files() const {
  std::vector<towl::SearchFile> files;
  files.reserve(paths.size());
  for (const auto& path : paths) files.push_back({.path = path});
  return files;
}

std::vector<towl::SearchFile> wait_for_more(const Selection& selection, std::filesystem::path& last_path) {
  std::this_thread::sleep_for(kPoll);
  std::vector<towl::SearchFile> more;
  if (!selection.store) return more;
  const auto now = find_files(*selection.store, {});
  if (!now) return more;
  // By ID, lowest first: those behind the last known one are new. Retention may have taken old ones away.
  for (const auto& path : *now) {
    if (last_path.empty() || file_id_of(path) > file_id_of(last_path)) {
      more.push_back({.path = path});
      last_path = path;
    }
  }
  return more;
}

}  // namespace towlctl
