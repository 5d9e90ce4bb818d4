#include "inputs/file/file_tail.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "limits/limits.hpp"
#include "towl/time.hpp"

namespace towld {
std::string_view compression_of(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1F\x8B"sv)) return "gzip";
  if (head.starts_with("\xFD"
                       "7zXZ\0"sv)) {
    return "xz";
  }
  if (head.starts_with("\x28\xB5\x2F\xFD"sv)) return "zstd";
  if (head.starts_with("BZh"sv)) return "bzip2";
  if (head.starts_with("\x04\x22\x4D\x18"sv)) return "lz4";
  return {};
}

FileTail::FileTail(std::uint64_t key, const FileIdentity& identity, std::string path, const TailSettings& settings,
                   const std::optional<FilePosition>& from)
    : key_(key),
      identity_(identity),
      path_(std::move(path)),
      settings_(settings),
      reader_(settings.max_line_bytes, settings.encoding) {
  if (settings.join) joiner_.emplace(settings.join, settings.max_line_bytes);
  if (settings.parsers && !settings.parsers->empty()) {
    joins_ = std::make_unique<JoinState>(*settings.parsers, settings.max_entry_bytes);
  }
  if (settings.path_fields) path_fields_ = settings.path_fields->of(path_);
  if (PodKey pod = pod_of(path_fields_); settings.pods && !pod.empty()) pod_.emplace(std::move(pod));
  if (!from) return;
  stored_ahead_ = from->ahead;
  if (joins_) joins_->restore({from->offset, from->ahead});
  reader_.seek(from->offset);
  stored_ = from->offset;
  stored_mark_ = from->mark;
  set_mark(stored_, stored_mark_);
  fingerprint_ = from->fingerprint;
  born_ns_ = from->born_ns;
}

towl::Result<void> FileTail::open(const std::string& path) {
  // Not to wait for a writer, if it is a pipe by now.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return towl::fail(towl::error_from_errno(errno, "cannot open", path));
  const auto status = status_of(file.get());
  if (!status) return towl::fail(status.error());
  if (status->identity != identity_ || !status->is_regular) {
    return towl::fail(towl::ErrorCode::not_found, "another file has the name by now", path);
  }
  is_other_file_ = born_ns_ != 0 && status->born_ns != 0 && born_ns_ != status->born_ns;
  born_ns_ = status->born_ns;
  file_ = std::move(file);
  at_end_ = false;
  return {};
}

// True if the file still begins as it did.
towl::Result<bool> FileTail::check_head(ReadBuffers& buffers) {
  const bool grows = fingerprint_.length < settings_.fingerprint_bytes;
  const std::size_t wanted = grows ? std::max(settings_.fingerprint_bytes, kMinHeadBytes) : fingerprint_.length;
  std::string& head = buffers.head;
  head.resize(wanted);
  const auto got = read_at(descriptor(), head.data(), wanted, 0);
  if (!got) return towl::fail(got.error());
  head.resize(*got);
  if (!begins_with(head, fingerprint_)) return false;
  if (grows) {
    head_ = head;
  } else if (!head_.empty()) {
    std::string().swap(head_);
  }
  reader_.set_encoding(find_byte_order_mark(head, settings_.encoding).encoding);
  return true;
}

// True if the bytes before `offset`, where the last read began, are those that were there.
towl::Result<bool> FileTail::check_mark(const ReadBuffers& buffers, std::uint64_t offset) const {
  if (mark_.length == 0 || mark_.length > kFileMarkBytes || mark_end_ != offset || mark_.length > offset) return true;
  const auto seen = buffers.offset == offset ? buffers.before(offset) : std::nullopt;
  if (seen && seen->size() >= mark_.length) {
    return fingerprint_of(seen->substr(seen->size() - static_cast<std::size_t>(mark_.length))) == mark_;
  }
  std::string bytes(static_cast<std::size_t>(mark_.length), '\0');
  const auto got = read_at(descriptor(), bytes.data(), bytes.size(), offset - mark_.length);
  if (!got) return towl::fail(got.error());
  return *got == bytes.size() && fingerprint_of(bytes) == mark_;
}

Fingerprint FileTail::mark_at(std::uint64_t end) const {
  if (end == 0) return {};
  if (buffers_ != nullptr && buffers_->reads == buffers_reads_) {
    if (const auto bytes = buffers_->before(end)) return fingerprint_of(*bytes);
  }
  std::array<char, kFileMarkBytes> bytes;
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kFileMarkBytes, end));
  const auto got = is_open() ? read_at(descriptor(), bytes.data(), length, end - length) : std::size_t{0};
  if (!got || *got < length) return {};
  return fingerprint_of(std::span(bytes).first(length));
}

towl::Result<FileTail::Seen> FileTail::read(ReadBuffers& buffers) {
  const auto status = status_of(descriptor());
  if (!status) return towl::fail(status.error());
  if (is_other_file_ || status->size < reader_.offset()) return Seen::began_again;
  // A last line without end may be taken back: nothing of it was taken.
  if (status->size < reader_.searched()) reader_.seek(reader_.offset());
  const std::uint64_t old_offset = reader_.offset();
  auto got = reader_.read(descriptor(), buffers);
  if (!got) return towl::fail(got.error());
  // After reading: what was read is of the file that begins so, and goes on so.
  const auto same = check_head(buffers);
  if (!same) return towl::fail(same.error());
  const auto goes_on = *same ? check_mark(buffers, old_offset) : false;
  if (!goes_on) return towl::fail(goes_on.error());
  if (!*goes_on) {
    reader_.seek(old_offset);
    return Seen::began_again;
  }
  buffers_ = &buffers;
  buffers_reads_ = buffers.reads;
  if (reader_.offset() == 0) {
    if (!compression_of(buffers.head).empty()) {
      at_end_ = true;
      size_ = status->size;
      return Seen::compressed;
    }
    const std::size_t mark_bytes = find_byte_order_mark(buffers.head, settings_.encoding).bytes;
    if (mark_bytes > 0) {
      reader_.seek(mark_bytes);
      got = reader_.read(descriptor(), buffers);
      if (!got) return towl::fail(got.error());
      buffers_reads_ = buffers.reads;
    }
  }
  size_ = std::max(status->size, reader_.searched() + *got);
  at_end_ = reader_.at_end();
  if (reader_.offset() != old_offset) set_mark(reader_.offset(), mark_at(reader_.offset()));
  return Seen::lines;
}

towl::Result<FileTail::Seen> FileTail::skip_to_end(ReadBuffers& buffers) {
  const auto status = status_of(descriptor());
  if (!status) return towl::fail(status.error());
  if (const auto same = check_head(buffers); !same) return towl::fail(same.error());
  if (!compression_of(buffers.head).empty()) return Seen::compressed;
  size_ = status->size;
  reader_.seek(size_ - size_ % unit_bytes(reader_.encoding()));
  set_mark(reader_.offset(), mark_at(reader_.offset()));
  set_stored(mark_end_, mark_);
  if (joins_) joins_->restore({stored_});
  return Seen::lines;
}

void FileTail::take(ReadBuffers& buffers, const LineReader::Take& take) {
  const std::uint64_t old_offset = reader_.offset();
  if (joiner_) {
    reader_.take_lines(buffers, [&](const Line& line) { joiner_->add(line, take); });
  } else {
    reader_.take_lines(buffers, take);
  }
  if ((joiner_ || joins_) && reader_.offset() != old_offset) joined_at_ = FileClock::now();
  if (reader_.offset() != old_offset) set_mark(reader_.offset(), mark_at(reader_.offset()));
}

void FileTail::flush(const LineReader::Take& take) {
  if (joiner_) joiner_->flush(take);
}

towl::Result<void> FileTail::take_rest(ReadBuffers& buffers, const LineReader::Take& take) {
  if (is_open() && !ignored) {
    const auto status = status_of(descriptor());
    if (!status) return towl::fail(status.error());
    if (status->size != size_) {
      at_end_ = false;
      return {};
    }
    auto taken = reader_.take_rest(descriptor(), status->size, buffers, [&](const Line& line) {
      if (joiner_) return joiner_->add(line, take);
      take(line);
    });
    if (!taken) return taken;
    set_mark(reader_.offset(), mark_at(reader_.offset()));
  }
  flush(take);
  return {};
}

std::uint64_t FileTail::begin_again() {
  const std::uint64_t lost = is_other_file_ ? 0 : size_ - std::min(size_, reader_.offset());
  is_other_file_ = false;
  fingerprint_ = {};
  size_ = 0;
  set_stored(0, {});
  set_mark(0, {});
  if (joins_) joins_->restore({});
  entries = bytes_read = 0;
  at_end_ = false;
  reader_.set_encoding(settings_.encoding);
  reader_.seek(0);
  return lost;
}

std::int64_t FileTail::join_timeout_ns() const {
  if (joiner_ && !joiner_->empty()) return settings_.join->timeout_ns();
  return joins_ ? joins_->timeout_ns() : 0;
}

void FileTail::look_at_size() {
  if (!is_open() || size_ == 0) return;  // Not before it is known to be the file that was read.
  const auto status = status_of(descriptor());
  if (!status || status->size <= size_) return;
  // Or is it another one already?
  std::string head(fingerprint_.length, '\0');
  const auto got = read_at(descriptor(), head.data(), head.size(), 0);
  if (got && *got == head.size() && begins_with(head, fingerprint_)) size_ = status->size;
}

FilePosition FileTail::position(const JoinProgress& progress) {
  const std::uint64_t end = progress.offset;
  // Bytes that were read do not change; those after them may.
  const std::uint64_t known = std::min({std::uint64_t{settings_.fingerprint_bytes}, end, std::uint64_t{head_.size()}});
  if (known > fingerprint_.length) fingerprint_ = fingerprint_of(std::span(head_).first(known));
  FilePosition position{.offset = end, .fingerprint = fingerprint_, .ahead = progress.ahead, .born_ns = born_ns_};
  if (end == mark_end_) {
    position.mark = mark_;
  } else {
    position.mark = end == stored_ ? stored_mark_ : mark_at(end);
  }
  position.stored_s = towl::now() / towl::kNanosecondsPerSecond;
  position.path = path_;
  return position;
}

void FileTail::rewind() {
  reader_.seek(stored_);
  set_mark(stored_, stored_mark_);
  if (joiner_) joiner_->clear();
  if (joins_) joins_->restore({stored_, stored_ahead_});
  stream = std::make_shared<BatchStream>();
  at_end_ = false;
}

}  // namespace towld
