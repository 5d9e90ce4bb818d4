#include "outputs/parquet/round_plan.hpp"

#include <algorithm>

#include "limits/limits.hpp"
#include "outputs/parquet/host_folder.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;

/// How many senders are remembered by name: a client may send another one with each entry.
constexpr std::size_t kRememberedSenders = 50'000;

}  // namespace

bool RoundPlan::is_written(const FollowedEntry& entry, std::int64_t minute) const {
  if (!is_before({entry.file_id, entry.ordinal, {}}, before_.end)) return false;
  return minute <= before_.minute || minute > before_.minute + kParquetHeldMinutes;
}

bool RoundPlan::waits(std::int64_t minute) const {
  return !request_.all && minute > after_.minute && minute <= after_.minute + kParquetHeldMinutes;
}

std::uint32_t RoundPlan::folder_of(std::string_view sender) {
  std::string name = host_folder(sender);
  const auto [at, is_new] = folder_of_name_.try_emplace(name, static_cast<std::uint32_t>(folders_.size()));
  if (is_new) folders_.push_back(std::move(name));
  return at->second;
}

/// With the folders that are there already.
RoundPlan::Day& RoundPlan::day_of(const std::string& day) {
  const auto [at, is_new] = days_.try_emplace(day);
  if (is_new) {
    std::error_code error;
    for (fs::directory_iterator host(request_.path, error), end; !error && host != end; host.increment(error)) {
      std::error_code ignored;
      if (!fs::exists(host->path() / day, ignored)) continue;
      const std::string name = host->path().filename().string();
      const auto [folder, is_unknown] = folder_of_name_.try_emplace(name, static_cast<std::uint32_t>(folders_.size()));
      if (is_unknown) folders_.push_back(name);
      at->second.folders.emplace(folder->second, folder->second);
      ++at->second.count;
    }
  }
  return at->second;
}

std::uint32_t RoundPlan::folder_on(std::int64_t minute, std::uint32_t folder) {
  Day& day = day_of(day_folder(minute));
  const auto known = day.folders.find(folder);
  if (known != day.folders.end()) return known->second;
  if (day.count < kParquetDayHosts) {
    ++day.count;
    day.folders.emplace(folder, folder);
    return folder;
  }
  const std::string name(kOtherHosts);
  const auto [other, is_new] = folder_of_name_.try_emplace(name, static_cast<std::uint32_t>(folders_.size()));
  if (is_new) folders_.push_back(name);
  day.folders.emplace(folder, other->second);
  return other->second;
}

std::size_t RoundPlan::add_file(std::int64_t minute, std::uint32_t folder) {
  const auto [place, is_new] = places_.try_emplace({minute, folder}, files_.size());
  if (is_new) files_.push_back({.minute = minute, .folder = folder});
  return place->second;
}

std::optional<std::size_t> RoundPlan::file_of(const FollowedEntry& entry) {
  const std::int64_t minute = minute_of(entry.entry.time());
  if (is_written(entry, minute) || waits(minute)) return std::nullopt;
  const auto last = last_of_sender_.find(entry.entry.sender);
  if (last != last_of_sender_.end() && last->second.minute == minute) return last->second.place;
  const std::uint32_t folder = folder_on(minute, folder_of(entry.entry.sender));
  if (is_planned_ && !places_.contains({minute, folder})) return std::nullopt;
  const std::size_t place = add_file(minute, folder);
  if (last != last_of_sender_.end()) {
    last->second = {minute, place};
  } else if (last_of_sender_.size() < kRememberedSenders) {
    last_of_sender_.emplace(entry.entry.sender, LastFile{minute, place});
  }
  return place;
}

void RoundPlan::count(const FollowedEntry& entry, PlannedFile& file, std::uint64_t seen) {
  const auto place = static_cast<std::size_t>(&file - files_.data());
  if (first_seen_.size() <= place) first_seen_.resize(place + 1, seen);
  if (file.entries == 0) first_seen_[place] = seen;
  ++file.entries;
  file.span = seen - first_seen_[place] + 1;
  if (file.sources.empty() || file.sources.back().first.file_id != entry.file_id) {
    file.sources.push_back({{entry.file_id, entry.ordinal, entry.uuid}, entry.ordinal});
  }
  file.sources.back().last = entry.ordinal;
  ++entries_;
  if (folders_[file.folder] == kOtherHosts) ++other_hosts_;
}

towl::Result<RoundPlan> RoundPlan::make(const towl::Store& store, const ParquetRequest& request,
                                        const RoundState& before) {
  RoundPlan plan(request, before);
  // A clock that is set back: what was written stays written.
  plan.after_.minute = std::max(request.minute, before.minute);
  StoreRange range(store, before.begin, request.end, {.sender = true, .received = true, .text = false, .time = true});
  std::optional<StorePosition> waiting;
  StorePosition end = request.end;
  std::uint64_t seen = 0;
  for (;; ++seen) {
    const auto entry = range.next();
    if (!entry) return towl::fail(entry.error());
    if (!*entry) break;
    const StorePosition position{(*entry)->file_id, (*entry)->ordinal, (*entry)->uuid};
    // What is left is for the next round.
    const bool is_full = plan.entries_ >= kParquetRoundEntries || plan.files_.size() >= kParquetRoundFiles;
    if (is_full && !is_before(position, before.end)) {
      end = position;
      break;
    }
    if (const auto place = plan.file_of(**entry)) {
      plan.count(**entry, plan.files_[*place], seen);
    } else if (!waiting && plan.waits(minute_of((*entry)->entry.time())) &&
               !plan.is_written(**entry, minute_of((*entry)->entry.time()))) {
      waiting = position;
    }
  }
  plan.after_.end = is_before(end, before.end) ? before.end : end;
  plan.after_.begin = waiting.value_or(plan.after_.end);
  plan.missed_files_ = range.missed_files();
  plan.damaged_places_ = range.damaged_places();
  plan.is_planned_ = true;
  return plan;
}

}  // namespace towld
