#include "commands/selection.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "arguments/options.hpp"
#include "files/file_facts.hpp"
#include "files/local_files.hpp"
#include "towl/record/time_expression.hpp"

namespace towlctl {
namespace {

/// How often a follower looks for more. Half of the delay that a person notices.
constexpr auto kPoll = std::chrono::milliseconds(50);
/// A file that a sync was interrupted in does not hold up those after it for longer.
constexpr auto kLongestPause = std::chrono::seconds(10);

/// More threads than that wait for each other.
constexpr std::uint64_t kMaxThreads = 256;

/// "_SYSTEMD_UNIT=x", as journalctl has matches; files whose names look like that are given as ./NAME=….
bool is_match(const std::string& name) {
  const auto equals = name.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  return std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// Lowers, or raises, `time` if the option is given.
towl::Result<void> read_time(const std::string& option, towl::TimeBound bound, const std::optional<std::string>& text,
                             towl::Timestamp& time) {
  if (!text) return {};
  const auto read = towl::parse_time_bound(*text, bound, towl::now());
  if (!read) return towl::fail(read.error().code, option + ": " + read.error().message);
  time = *read;
  return {};
}

towl::Result<void> select_of_server(const SelectionOptions& options, const std::vector<std::string>& files,
                                    Selection& selection) {
  const auto refuse = [](std::string why) { return towl::fail(towl::ErrorCode::invalid_argument, std::move(why)); };
  if (!options.store.empty()) return refuse("--server and --store: entries are the collector's, or those of a folder");
  if (options.rejected)
    return refuse("--rejected: rejected entries stay in the collector's folder; ask there, with --store");
  for (const std::string& name : files) {
    const auto range = read_range(name);
    if (!range)
      return refuse("\"" + name + "\": of a collector's files only IDs are known: 3, or a part of one: 3:47000-");
    selection.ranges.push_back(*range);
  }
  selection.server = options.server;
  selection.open_collector = options.open_collector;
  return {};
}

towl::Result<void> select_local(const std::filesystem::path& store, const std::vector<std::string>& files,
                                Selection& selection) {
  const auto add = [&](const std::vector<std::string>& names, const SelectedRange& range) -> towl::Result<void> {
    const auto paths = find_files(store, names);
    if (!paths) return tl::unexpected(paths.error());
    selection.paths.insert(selection.paths.end(), paths->begin(), paths->end());
    selection.ranges.resize(selection.paths.size(), range);
    return {};
  };
  if (files.empty()) return add({}, {});
  for (const std::string& name : files) {
    const auto range = read_range(name);
    const bool is_part = range && name.find(':') != std::string::npos;
    if (auto added = add({is_part ? std::to_string(range->file) : name}, is_part ? *range : SelectedRange{}); !added) {
      return added;
    }
  }
  return {};
}

/// Whether entries may still come to a file that has a newer one beside it.
bool may_grow(FollowedFile& file) {
  const auto facts = read_facts(file.path);
  if (!facts || facts->index.closed) return false;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file.path, error);
  const auto now = std::chrono::steady_clock::now();
  if (error || bytes == file.bytes) return !error && now - file.grew < kLongestPause;
  file.bytes = bytes;
  file.grew = now;
  return true;
}

}  // namespace

std::optional<SelectedRange> read_range(std::string_view text) {
  SelectedRange range;
  const char* const end = text.data() + text.size();
  const auto id = std::from_chars(text.data(), end, range.file);
  if (id.ec != std::errc() || range.file == 0) return std::nullopt;
  if (id.ptr == end) return range;
  if (*id.ptr != ':') return std::nullopt;
  const auto from = std::from_chars(id.ptr + 1, end, range.from);
  if (from.ec != std::errc()) return std::nullopt;
  towl::Ordinal last = range.from;
  if (from.ptr != end) {
    if (*from.ptr != '-') return std::nullopt;
    if (from.ptr + 1 == end) return range;
    const auto to = std::from_chars(from.ptr + 1, end, last);
    if (to.ec != std::errc() || to.ptr != end) return std::nullopt;
  }
  if (last < range.from || last == ~towl::Ordinal{0}) return std::nullopt;
  range.end = last + 1;
  return range;
}

void declare_selection(CLI::App& command, SelectionOptions& options, OpenCollector open_collector) {
  if (open_collector) {
    options.open_collector = std::move(open_collector);
    add_word(command, "--server", options.server, "HOST:PORT",
             "Ask this collector for its entries; nothing is mirrored");
  }
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
  selection.filter = *expression;
  parts.push_back(std::move(*expression));
  selection.expression = towl::all_of(std::move(parts));
  selection.threads = static_cast<unsigned>(options.threads);
  if (options.server) {
    if (auto selected = select_of_server(options, files, selection); !selected) return tl::unexpected(selected.error());
    return selection;
  }
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
  if (auto found = select_local(store, files, selection); !found) return tl::unexpected(found.error());
  if (files.empty()) selection.store = store;
  return selection;
}

std::vector<towl::SearchFile> Selection::files() const {
  std::vector<towl::SearchFile> files;
  files.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    files.push_back({.path = paths[i], .from = ranges[i].from, .end = ranges[i].end});
  }
  return files;
}

std::vector<towl::SearchFile> wait_for_more(const Selection& selection, FollowedFile& last) {
  std::this_thread::sleep_for(kPoll);
  std::vector<towl::SearchFile> more;
  if (!selection.store) return more;
  const auto now = find_files(*selection.store, {});
  if (!now) return more;
  // By ID, lowest first: those after the last known one are new. Retention may have removed old ones.
  for (const auto& path : *now) {
    if (!last.path.empty() && file_id_of(path) <= file_id_of(last.path)) continue;
    if (!last.path.empty() && may_grow(last)) break;
    more.push_back({.path = path});
    last = {.path = path};
  }
  return more;
}

}  // namespace towlctl
