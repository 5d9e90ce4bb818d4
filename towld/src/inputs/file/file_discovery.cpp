#include "inputs/file/file_discovery.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "inputs/file/open_folder.hpp"
#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// The files that towld's own log and output go to.
std::set<FileIdentity> own_logs() {
  std::set<FileIdentity> own;
  for (const int descriptor : {1, 2}) {
    const auto status = status_of(descriptor);
    if (status && status->is_regular) own.insert(status->identity);
  }
  return own;
}

/// True if the file system of `identity` is mounted at `folder`: what is not there, is not there.
bool is_mounted(const std::string& folder, const FileIdentity& identity) {
  const auto status = status_of(folder.c_str());
  return status && status->identity.device == identity.device;
}

}  // namespace

std::optional<std::string> find_in_folder(const std::string& folder, const FileIdentity& identity) {
  const OpenFolder open(::opendir(folder.c_str()));
  if (!open) return std::nullopt;
  while (const dirent* entry = ::readdir(open.get())) {
    if (entry->d_ino != identity.inode) continue;
    std::string path = folder + "/" + entry->d_name;
    const auto status = status_of(path.c_str());
    if (status && status->identity == identity && status->is_regular) return path;
  }
  return std::nullopt;
}

FileDiscovery::FileDiscovery(const FileInputConfig& config, FileFinder finder, const TailSettings& settings,
                             std::string store_folder, TailSet& tails, BatchFeeder& feeder, const InputContext& context)
    : config_(config),
      finder_(std::move(finder)),
      settings_(settings),
      store_folder_(std::move(store_folder)),
      tails_(tails),
      feeder_(feeder),
      context_(context),
      log_(context.log) {}

FileDiscovery::~FileDiscovery() { context_.claims->release_all(context_.name); }

std::size_t FileDiscovery::missing() const {
  return static_cast<std::size_t>(std::count_if(restored_.begin(), restored_.end(),
                                                [&](const auto& known) { return finder_.wants(known.second.path); }));
}

// False if another input has the file.
bool FileDiscovery::claim(const FileIdentity& identity, const std::string& path) {
  const std::string owner = context_.claims->claim(source_of(identity), context_.name);
  if (owner != context_.name) {
    ignore(path, "input " + owner + " reads it");
    of_others_.insert(identity);
    return false;
  }
  if (of_others_.erase(identity) > 0) read_position_again(identity);
  return true;
}

void FileDiscovery::read_position_again(const FileIdentity& identity) {
  restored_.erase(identity);
  const std::string source = source_of(identity);
  for (const towl::SourcePosition& position : context_.ingest->positions()) {
    if (position.source != source) continue;
    if (auto known = parse_position(position.position)) restored_[identity] = std::move(*known);
  }
}

void FileDiscovery::restore(const std::vector<towl::SourcePosition>& positions) {
  for (const towl::SourcePosition& position : positions) {
    const auto identity = parse_source(position.source);
    if (!identity) continue;
    if (auto known = parse_position(position.position)) {
      is_first_start_ = is_first_start_ && !finder_.wants(known->path);
      restored_[*identity] = std::move(*known);
    } else {
      log_->error("the position of {} is not understood: the file is read from its beginning", position.source);
    }
  }
}

std::optional<std::string> FileDiscovery::find_renamed(const FileTail& tail) const {
  return find_in_folder(folder_of(tail.path()), tail.identity());
}

void FileDiscovery::forget(FileTail& tail) {
  context_.claims->release(source_of(tail.identity()), context_.name);
  if (tail.is_open() || is_mounted(folder_of(tail.path()), tail.identity())) {
    feeder_.forget(tail.identity());
  } else {
    restored_[tail.identity()] = tail.stored_position();
  }
}

std::vector<std::uint64_t> FileDiscovery::scan(FileWatcher& watcher) {
  ++scan_;
  ignored_.clear();
  complaints_.clear();
  const FoundFiles found = finder_.find();
  const FileWatcher::Watched watched = watcher.watch_folders(found.folders);
  is_blind_ = !watched.all;
  has_new_folders_ = watched.some_new;
  for (const towl::Error& error : found.errors) ignore(error.file, error.message, true);
  if (scan_ == 1) {
    for (const std::string& pattern : found.unmatched) {
      log_->warn("input {}: no file matches {} yet; what turns up there will be read", context_.name, pattern);
    }
  }
  for (const std::string& path : found.excluded) ignore(path, "excluded by the configuration");
  if (found.too_many) {
    ignore(config_.include.front(),
           "more than " + std::to_string(kMaxFoundFiles) + " files match: the rest is not read", true);
  }
  const std::vector<Match> matches = look(found);
  // Which tail had which path until now.
  std::vector<std::uint64_t> changed;
  if (scan_ == 1) changed = take_renamed(matches);
  std::unordered_map<std::string, std::uint64_t> owners;
  for (const auto& [key, tail] : tails_) {
    // Of several the last one: it waits for those before.
    if (!tail->is_finished) owners[tail->path()] = key;
  }
  for (const Match& match : take_known(matches)) {
    if (const auto key = take_new(match, owners, watcher)) changed.push_back(*key);
  }
  for (const std::uint64_t key : take_gone()) changed.push_back(key);
  complained_ = std::move(complaints_);
  return changed;
}

void FileDiscovery::ignore(const std::string& path, const std::string& why, bool is_error) {
  if (is_error) {
    complaints_[path] = why;
    const auto before = complained_.find(path);
    if (before == complained_.end() || before->second != why) log_->warn("{}: {}", path, why);
  }
  if (ignored_.size() < kMaxIgnoredFiles) ignored_[path] = why;
}

// The matches that are files to be read, links followed.
std::vector<FileDiscovery::Match> FileDiscovery::look(const FoundFiles& found) {
  const auto own = own_logs();
  std::vector<Match> matches;
  for (const std::string& path : found.paths) {
    const auto status = status_of(path.c_str());
    if (!status) {
      if (status.error().code != towl::ErrorCode::not_found) ignore(path, status.error().message, true);
      continue;
    }
    if (!status->is_regular) {
      ignore(path, "not a regular file");
    } else if (own.contains(status->identity)) {
      ignore(path, "towld's own log");
    } else {
      matches.push_back({path, *status});
    }
  }
  return matches;
}

// Marks the tails that were found and sees to their paths. Returns the matches that are new.
std::vector<FileDiscovery::Match> FileDiscovery::take_known(std::vector<Match> matches) {
  const auto see = [&](FileTail& tail) {
    tail.scan = scan_;
    tail.gone_since.reset();
  };
  for (const Match& match : matches) {
    FileTail* tail = tails_.find(match.status.identity);
    if (tail != nullptr && tail->path() == match.path) see(*tail);
  }
  std::vector<Match> fresh;
  for (Match& match : matches) {
    FileTail* tail = tails_.find(match.status.identity);
    if (tail == nullptr) {
      fresh.push_back(std::move(match));
    } else if (tail->path() == match.path) {
      if (match.status.size != tail->size()) tail->look_again();
    } else if (tail->scan == scan_) {
      ignore(match.path, "the same file as " + tail->path());
    } else {
      log_->debug("{} is now {}", tail->path(), match.path);
      tail->set_path(match.path);
      see(*tail);
    }
  }
  // If several appeared since the last scan, the oldest first: perhaps they all had the same path.
  std::stable_sort(fresh.begin(), fresh.end(), [](const Match& a, const Match& b) {
    return std::pair(a.status.born_ns, a.status.modified_ns) < std::pair(b.status.born_ns, b.status.modified_ns);
  });
  return fresh;
}

std::optional<FilePosition> FileDiscovery::restored_position(const Match& match) {
  auto known = restored_.find(match.status.identity);
  if (known == restored_.end()) {
    // The number of a device may be another one after the machine was restarted.
    known = std::find_if(restored_.begin(), restored_.end(), [&](const auto& restored) {
      return restored.first.inode == match.status.identity.inode && restored.second.path == match.path &&
             restored.second.born_ns == match.status.born_ns && !is_mounted(folder_of(match.path), restored.first);
    });
    if (known == restored_.end()) return std::nullopt;
    feeder_.forget(known->first);
  }
  FilePosition position = std::move(known->second);
  restored_.erase(known);
  return position;
}

bool FileDiscovery::is_in_store(const std::string& path) const {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return !error && !store_folder_.empty() && real.string().starts_with(store_folder_ + "/");
}

std::optional<std::uint64_t> FileDiscovery::take_new(const Match& match,
                                                     const std::unordered_map<std::string, std::uint64_t>& owners,
                                                     FileWatcher& watcher) {
  if (const FileTail* tail = tails_.find(match.status.identity)) {
    ignore(match.path, "the same file as " + tail->path());
    return std::nullopt;
  }
  if (is_in_store(match.path)) {
    ignore(match.path, "a file of towld's own store");
    return std::nullopt;
  }
  if (!claim(match.status.identity, match.path)) return std::nullopt;
  const auto from = restored_position(match);
  if (!from && config_.ignore_older_ns && match.status.modified_ns < towl::now() - *config_.ignore_older_ns) {
    ignore(match.path, "older than ignore_older");
    context_.claims->release(source_of(match.status.identity), context_.name);
    watcher.watch_path(match.path);
    return std::nullopt;
  }
  FileTail& tail = tails_.add(match.status.identity, match.path, settings_, from);
  tail.scan = scan_;
  tail.from_end = !from && config_.read_from == ReadFrom::end && is_first_start_ && scan_ == 1;
  const auto owner = owners.find(match.path);
  FileTail* before = owner == owners.end() ? nullptr : tails_.find(owner->second);
  if (before != nullptr) {
    // What it has now is older than all of the new file.
    before->look_again();
    before->before = tail.key();
    tail.after = before->key();
  }
  log_->debug("reading {} from {}", match.path, tail.offset());
  return tail.key();
}

// Files that no match leads to any more.
std::vector<std::uint64_t> FileDiscovery::take_gone() {
  std::vector<std::uint64_t> gone;
  for (const auto& [key, tail] : tails_) {
    if (tail->scan == scan_ || tail->gone_since) continue;
    tail->gone_since = FileClock::now();
    tail->look_again();
    gone.push_back(key);
  }
  return gone;
}

// At the start: files that were read before and that no pattern matches now.
std::vector<std::uint64_t> FileDiscovery::take_renamed(const std::vector<Match>& matches) {
  std::set<FileIdentity> matched;
  for (const Match& match : matches) matched.insert(match.status.identity);
  std::vector<std::uint64_t> taken;
  const std::int64_t now_s = towl::now() / towl::kNanosecondsPerSecond;
  for (auto next = restored_.begin(); next != restored_.end();) {
    const auto known = next++;
    const auto& [identity, position] = *known;
    if (matched.contains(identity)) continue;
    const std::string folder = folder_of(position.path);
    const bool is_old = now_s - position.stored_s > kKeepMissing_s;
    // Those of other inputs are theirs; those that no input wants are kept for a while.
    if (!finder_.wants(position.path) && !is_old) continue;
    if (const auto path = find_in_folder(folder, identity)) {
      if (*path == position.path || !finder_.wants(position.path)) continue;  // Nobody wants it now.
      if (!claim(identity, *path)) continue;
      FileTail& tail = tails_.add(identity, position.path, settings_, position);
      tail.gone_since = FileClock::now();
      if (auto opened = tails_.open(tail, *path); !opened) tail.trouble = opened.error().message;
      taken.push_back(tail.key());
      restored_.erase(known);
    } else if ((is_mounted(folder, identity) || is_old) && !context_.claims->is_claimed(source_of(identity))) {
      log_->info("{} is gone; it was read up to offset {}", position.path, position.offset);
      feeder_.forget(identity);
      restored_.erase(known);
    }
  }
  return taken;
}

}  // namespace towld
