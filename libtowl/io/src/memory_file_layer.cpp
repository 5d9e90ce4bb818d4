#include "towl/memory_file_layer.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>

namespace towl {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSectorBytes = 512;

struct Contents {
  std::string now;
  std::string synced;
  std::optional<std::string> before_cut = {};  // Before it was cut, if that is not synced.
  std::uint64_t number = 0;
};

// The write at which the power failed.
struct WriteInFlight {
  std::shared_ptr<Contents> file;
  std::string before;
  std::uint64_t offset = 0;
  std::string bytes;

  // How many times a sector ends within it, or at its end.
  std::uint64_t boundaries() const {
    return bytes.empty() ? 0 : (offset + bytes.size() - 1) / kSectorBytes - offset / kSectorBytes + 1;
  }
  // Up to which byte of it the first `count` sectors reach.
  std::size_t reach(std::uint64_t count) const {
    if (count == 0) return 0;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>((offset / kSectorBytes + count) * kSectorBytes - offset, bytes.size()));
  }
};

void put_bytes(std::string& contents, std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  const auto at = static_cast<std::size_t>(offset);
  if (contents.size() < at + bytes.size()) contents.resize(at + bytes.size());
  contents.replace(at, bytes.size(), bytes);
}

// The states are: the first 0, 1, … all sectors are there; then: all but the first 1, 2, … sectors.
std::string torn(const WriteInFlight& write, std::uint64_t state) {
  std::string left = write.before;
  const std::string_view bytes = write.bytes;
  if (state <= write.boundaries()) {
    put_bytes(left, write.offset, bytes.substr(0, write.reach(state)));
  } else {
    const std::size_t from = write.reach(state - write.boundaries());
    put_bytes(left, write.offset + from, bytes.substr(from));
  }
  return left;
}

using Names = std::map<std::string, std::shared_ptr<Contents>>;

// What the disk has of a file when the power is back.
std::string survived(const Contents& file, PowerCut kind, std::mt19937_64& random) {
  if (kind == PowerCut::keep_all || kind == PowerCut::keep_torn) return file.now;
  if (kind == PowerCut::keep_synced) return file.synced;
  // A cut may not have reached the disk, though what it cut off had.
  const std::string& now = file.before_cut && random() % 2 == 0 ? *file.before_cut : file.now;
  std::string left = random() % 2 == 0 ? now : file.synced;
  for (std::size_t at = 0; at < left.size(); at += kSectorBytes) {
    const std::size_t length = std::min(kSectorBytes, left.size() - at);
    const std::string& source = random() % 2 == 0 ? now : file.synced;
    std::string sector = at < source.size() ? source.substr(at, length) : std::string();
    sector.resize(length);  // A sector that was never written reads as zeros.
    left.replace(at, length, sector);
  }
  return left;
}

// Names change in a journal, in order: a later rename never survives if an earlier one does not.
Names survived(const Names& now, const Names& synced, PowerCut kind, std::mt19937_64& random) {
  if (kind == PowerCut::keep_all || kind == PowerCut::keep_torn) return now;
  if (kind == PowerCut::keep_synced) return synced;
  return random() % 2 == 0 ? now : synced;
}

}  // namespace

struct MemoryFileLayer::Disk {
  mutable std::mutex mutex;
  Names names;
  Names synced_names;
  std::set<std::string> folders = {"/", "."};
  std::set<std::string> locks;
  std::uint64_t operations = 0;
  std::uint64_t boots = 0;
  std::uint64_t files_created = 0;
  std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t fail_from = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t fail_count = 0;
  ErrorCode fail_code = ErrorCode::io;
  std::uint64_t stop_from = std::numeric_limits<std::uint64_t>::max();
  std::optional<WriteInFlight> in_flight;

  // Counts an operation. Returns the error to fail with, if any; sets `moment` if the power fails right now.
  std::optional<Error> begin(const char* what, const std::string& path, bool* moment = nullptr) {
    const std::uint64_t number = operations++;
    if (number >= stop_from) {
      if (moment != nullptr) *moment = number == stop_from;
      return Error{.code = ErrorCode::io, .message = std::string(what) + ": the power is off", .file = path};
    }
    if (number >= fail_from && number - fail_from < fail_count) {
      if (moment != nullptr) *moment = true;
      return Error{.code = fail_code, .message = std::string(what) + ": failed on purpose", .file = path};
    }
    return std::nullopt;
  }

  bool is_off() const { return operations > stop_from; }

  std::uint64_t used() const {
    std::uint64_t bytes = 0;
    for (const auto& [name, file] : names) bytes += file->now.size();
    return bytes;
  }
};

class MemoryFileLayer::MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<Disk> disk, std::shared_ptr<Contents> file, std::string path, bool writable)
      : disk_(std::move(disk)),
        file_(std::move(file)),
        path_(std::move(path)),
        boot_(disk_->boots),
        writable_(writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("read")) return fail(*error);
    if (offset >= file_->now.size()) return std::size_t{0};
    return file_->now.copy(buffer.data(), buffer.size(), static_cast<std::size_t>(offset));
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const std::lock_guard guard(disk_->mutex);
    bool moment = false;
    if (auto error = begin("write", &moment)) {
      if (moment && disk_->is_off()) disk_->in_flight = {file_, file_->now, offset, std::string(bytes)};
      if (moment) put_bytes(file_->now, offset, bytes.substr(0, bytes.size() / 2));
      return fail(*error);
    }
    if (!writable_) return fail(ErrorCode::permission_denied, "opened for reading", path_);
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end > file_->now.size() ? end - file_->now.size() : 0;
    if (growth > disk_->capacity - std::min(disk_->capacity, disk_->used())) {
      return fail(ErrorCode::no_space, "no space left", path_);
    }
    put_bytes(file_->now, offset, bytes);
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("sync")) return fail(*error);
    file_->synced = file_->now;
    file_->before_cut.reset();
    return {};
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("size")) return fail(*error);
    return file_->now.size();
  }

  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("truncate")) return fail(*error);
    if (size < file_->now.size() && !file_->before_cut) file_->before_cut = file_->now;
    file_->now.resize(static_cast<std::size_t>(size));
    return {};
  }

  Result<void> reserve(std::uint64_t offset, std::uint64_t length) override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("reserve")) return fail(*error);
    const std::uint64_t end = offset + length;
    const std::uint64_t growth = end > file_->now.size() ? end - file_->now.size() : 0;
    if (growth > disk_->capacity - std::min(disk_->capacity, disk_->used())) {
      return fail(ErrorCode::no_space, "no space left", path_);
    }
    return {};
  }

  Result<void> release_reserved() override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("release")) return fail(*error);
    return {};
  }

  Result<FileIdentity> identity() override {
    const std::lock_guard guard(disk_->mutex);
    if (auto error = begin("identity")) return fail(*error);
    return FileIdentity{0, file_->number};
  }

 private:
  std::optional<Error> begin(const char* what, bool* moment = nullptr) {
    if (boot_ != disk_->boots) {
      return Error{.code = ErrorCode::io, .message = "the file was open when the power went", .file = path_};
    }
    return disk_->begin(what, path_, moment);
  }

  std::shared_ptr<Disk> disk_;
  std::shared_ptr<Contents> file_;
  std::string path_;
  std::uint64_t boot_;
  bool writable_;
};

class MemoryFileLayer::MemoryLock final : public FileLock {
 public:
  MemoryLock(std::shared_ptr<Disk> disk, std::string path)
      : disk_(std::move(disk)), path_(std::move(path)), boot_(disk_->boots) {}
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;
  ~MemoryLock() override {
    const std::lock_guard guard(disk_->mutex);
    if (boot_ == disk_->boots) disk_->locks.erase(path_);
  }

 private:
  std::shared_ptr<Disk> disk_;
  std::string path_;
  std::uint64_t boot_;
};

MemoryFileLayer::MemoryFileLayer() : disk_(std::make_shared<Disk>()) {}
MemoryFileLayer::~MemoryFileLayer() = default;

Result<std::unique_ptr<File>> MemoryFileLayer::open(const fs::path& path, OpenMode mode) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = path.lexically_normal().string();
  if (auto error = disk_->begin("open", name)) return fail(*error);
  auto found = disk_->names.find(name);
  if (mode == OpenMode::create) {
    if (found != disk_->names.end()) return fail(ErrorCode::already_exists, "cannot create: it exists", name);
    found = disk_->names.emplace(name, std::make_shared<Contents>()).first;
    found->second->number = ++disk_->files_created;
  }
  if (found == disk_->names.end()) return fail(ErrorCode::not_found, "cannot open: no such file", name);
  return std::make_unique<MemoryFile>(disk_, found->second, name, mode != OpenMode::read);
}

Result<std::vector<std::string>> MemoryFileLayer::list(const fs::path& folder) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = folder.lexically_normal().string();
  if (auto error = disk_->begin("list", name)) return fail(*error);
  if (!disk_->folders.contains(name)) return fail(ErrorCode::not_found, "cannot list: no such folder", name);
  std::vector<std::string> names;
  for (const auto& [path, file] : disk_->names) {
    if (fs::path(path).parent_path() == folder.lexically_normal()) names.push_back(fs::path(path).filename().string());
  }
  return names;
}

Result<void> MemoryFileLayer::create_folder(const fs::path& folder) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = folder.lexically_normal().string();
  if (auto error = disk_->begin("create folder", name)) return fail(*error);
  disk_->folders.insert(name);
  return {};
}

Result<void> MemoryFileLayer::rename(const fs::path& from, const fs::path& to) {
  const std::lock_guard guard(disk_->mutex);
  const std::string old_name = from.lexically_normal().string();
  if (auto error = disk_->begin("rename", old_name)) return fail(*error);
  const auto found = disk_->names.find(old_name);
  if (found == disk_->names.end()) return fail(ErrorCode::not_found, "cannot rename: no such file", old_name);
  const auto file = found->second;
  disk_->names.erase(found);
  disk_->names[to.lexically_normal().string()] = file;
  return {};
}

Result<void> MemoryFileLayer::remove(const fs::path& path) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = path.lexically_normal().string();
  if (auto error = disk_->begin("remove", name)) return fail(*error);
  if (disk_->names.erase(name) == 0) return fail(ErrorCode::not_found, "cannot remove: no such file", name);
  return {};
}

Result<void> MemoryFileLayer::sync_folder(const fs::path& folder) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = folder.lexically_normal().string();
  if (auto error = disk_->begin("sync folder", name)) return fail(*error);
  const auto inside = [&](const auto& item) { return fs::path(item.first).parent_path() == folder.lexically_normal(); };
  std::erase_if(disk_->synced_names, inside);
  for (const auto& item : disk_->names) {
    if (inside(item)) disk_->synced_names.insert(item);
  }
  return {};
}

Result<std::unique_ptr<FileLock>> MemoryFileLayer::lock(const fs::path& path) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = path.lexically_normal().string();
  if (auto error = disk_->begin("lock", name)) return fail(*error);
  if (!disk_->locks.insert(name).second) return fail(ErrorCode::locked, "another process is writing here", name);
  return std::make_unique<MemoryLock>(disk_, name);
}

std::string MemoryFileLayer::stamp(const fs::path& path) {
  const std::lock_guard guard(disk_->mutex);
  const auto found = disk_->names.find(path.lexically_normal().string());
  if (found == disk_->names.end()) return {};
  const Contents& file = *found->second;
  return std::to_string(file.number) + ' ' + std::to_string(file.now.size()) + ' ' +
         std::to_string(std::hash<std::string>()(file.now));
}

Result<Space> MemoryFileLayer::space(const fs::path& folder) {
  const std::lock_guard guard(disk_->mutex);
  if (auto error = disk_->begin("space", folder.string())) return fail(*error);
  return Space{disk_->capacity, disk_->capacity - std::min(disk_->capacity, disk_->used())};
}

std::uint64_t MemoryFileLayer::operations() const {
  const std::lock_guard guard(disk_->mutex);
  return disk_->operations;
}

void MemoryFileLayer::fail_at(std::uint64_t number, ErrorCode code, std::uint64_t count) {
  const std::lock_guard guard(disk_->mutex);
  disk_->fail_from = number;
  disk_->fail_count = count;
  disk_->fail_code = code;
}

void MemoryFileLayer::stop_at(std::uint64_t number) {
  const std::lock_guard guard(disk_->mutex);
  disk_->stop_from = number;
}

void MemoryFileLayer::cut_power(PowerCut kind, std::uint64_t seed) {
  const std::lock_guard guard(disk_->mutex);
  std::mt19937_64 random(seed);
  if (kind == PowerCut::keep_torn && disk_->in_flight) {
    disk_->in_flight->file->now = torn(*disk_->in_flight, seed);
  }
  disk_->in_flight.reset();
  disk_->names = survived(disk_->names, disk_->synced_names, kind, random);
  for (auto& [name, file] : disk_->names) {
    auto copy = std::make_shared<Contents>(*file);
    copy->now = copy->synced = survived(*file, kind, random);
    copy->before_cut.reset();
    file = std::move(copy);
  }
  disk_->synced_names = disk_->names;
  disk_->locks.clear();
  disk_->fail_count = 0;
  disk_->stop_from = std::numeric_limits<std::uint64_t>::max();
  ++disk_->boots;
}

std::uint64_t MemoryFileLayer::torn_states() const {
  const std::lock_guard guard(disk_->mutex);
  return disk_->in_flight ? 2 * disk_->in_flight->boundaries() : 0;
}

void MemoryFileLayer::set_capacity(std::uint64_t bytes) {
  const std::lock_guard guard(disk_->mutex);
  disk_->capacity = bytes;
}

std::string MemoryFileLayer::contents(const fs::path& path) const {
  const std::lock_guard guard(disk_->mutex);
  const auto found = disk_->names.find(path.lexically_normal().string());
  return found == disk_->names.end() ? std::string() : found->second->now;
}

void MemoryFileLayer::set_contents(const fs::path& path, std::string bytes) {
  const std::lock_guard guard(disk_->mutex);
  const std::string name = path.lexically_normal().string();
  auto& file = disk_->names[name];
  if (file == nullptr) {
    file = std::make_shared<Contents>();
    file->number = ++disk_->files_created;
  }
  file->now = file->synced = std::move(bytes);
  file->before_cut.reset();
  disk_->synced_names[name] = file;
  disk_->folders.insert(fs::path(name).parent_path().string());
}

bool MemoryFileLayer::exists(const fs::path& path) const {
  const std::lock_guard guard(disk_->mutex);
  return disk_->names.contains(path.lexically_normal().string());
}

}  // namespace towl
