// FileTail is one file that is read: which it is, how far it was read, and how far that is stored.
//
// A tail is its file, whatever its name: it is made for a path and goes on through renames and deletion. A file that
// begins again (truncated, or another one with the same inode) is read from its beginning by the same tail.
// Threads: one: the input's.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "ingest/batch.hpp"
#include "inputs/descriptor.hpp"
#include "inputs/file/file_config.hpp"
#include "inputs/file/file_identity.hpp"
#include "inputs/file/file_position.hpp"
#include "inputs/file/line_joiner.hpp"
#include "inputs/file/line_reader.hpp"
#include "inputs/file/path_fields.hpp"
#include "inputs/kubernetes/pod_directory.hpp"
#include "parse/join_state.hpp"
#include "towl/result.hpp"

namespace towld {

using FileClock = std::chrono::steady_clock;

/// What the tails of an input share.
struct TailSettings {
  std::size_t fingerprint_bytes = 1024;
  std::size_t max_line_bytes = std::size_t{1} << 20;
  Encoding encoding = Encoding::utf8;
  std::shared_ptr<const JoinRule> join = {};           ///< nullptr: a line is an entry.
  std::shared_ptr<const ParserChain> parsers = {};     ///< nullptr: none.
  std::shared_ptr<const PathFields> path_fields = {};  ///< nullptr: none.
  std::size_t max_entry_bytes = std::size_t{1} << 20;
  std::shared_ptr<const PodDirectory> pods = {};  ///< nullptr: nobody asks for labels.
  std::chrono::nanoseconds pod_wait = {};         ///< How long a file waits for its pod's.
};

/// A batch that was submitted and is not answered yet.
struct BatchInFlight {
  std::uint64_t ticket = 0;
  std::uint64_t end = 0;  ///< The file's offset once it is stored.
  std::size_t bytes = 0;
  Fingerprint mark = {};  ///< Of the bytes before `end`.
  std::array<std::uint64_t, 3> ahead = {};
};

class FileTail {
 public:
  /// Begins at `from`, if the file was read before; else at its beginning.
  FileTail(std::uint64_t key, const FileIdentity& identity, std::string path, const TailSettings& settings,
           const std::optional<FilePosition>& from = {});

  std::uint64_t key() const { return key_; }
  const FileIdentity& identity() const { return identity_; }
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }
  std::uint64_t offset() const { return reader_.offset(); }
  std::uint64_t size() const { return size_; }
  const Fingerprint& fingerprint() const { return fingerprint_; }

  // The open file.
  bool is_open() const { return static_cast<bool>(file_); }
  int descriptor() const { return file_.get(); }
  /// Opens the file at `path`, which may be any of its names. Errors: not_found if that is another file by now;
  /// permission_denied, io.
  towl::Result<void> open(const std::string& path);
  void close() { file_.reset(); }

  /// What was read.
  enum class Seen {
    lines,        ///< take() has them.
    began_again,  ///< The file is not what it was: see begin_again().
    compressed,   ///< It is not text.
  };
  towl::Result<Seen> read(ReadBuffers& buffers);
  bool at_end() const { return at_end_; }
  /// It has changed, or may have.
  void look_again() { at_end_ = false; }

  /// Calls `take` with each entry that is complete.
  void take(ReadBuffers& buffers, const LineReader::Take& take);
  /// Calls `take` with lines that wait for more to come to the same entry.
  void flush(const LineReader::Take& take);
  /// The same, and with a last line that has no end: the file is not going to grow. If it did, at_end() is false.
  towl::Result<void> take_rest(ReadBuffers& buffers, const LineReader::Take& take);
  bool has_joined() const { return (joiner_ && !joiner_->empty()) || (joins_ && !joins_->empty()); }
  /// How long they wait after the last line.
  std::int64_t join_timeout_ns() const;
  /// What waits within the parsers' chain; nullptr if there is none.
  JoinState* joins() { return joins_.get(); }
  /// The fields that its path says.
  const std::vector<Field>& path_fields() const { return path_fields_; }
  /// Of its pod, if its path names one and labels are asked for.
  std::optional<PodOfFile>& pod() { return pod_; }
  bool waits_for_labels() const { return pod_ && pod_->until(); }
  /// When the last line came to the entry that waits for more.
  FileClock::time_point joined_at() const { return joined_at_; }

  /// Reads from the beginning from now on. Returns how many bytes are known to have vanished unread.
  std::uint64_t begin_again();
  /// Passes over what is in the file now.
  towl::Result<Seen> skip_to_end(ReadBuffers& buffers);
  /// Looks at the size alone, to know what is lost if the file is truncated before it is read.
  void look_at_size();

  /// The position once all up to `end` is stored: an entry's end, or what is stored.
  FilePosition position(const JoinProgress& progress);
  FilePosition stored_position() { return position({stored_, stored_ahead_}); }

  // What was submitted.
  std::shared_ptr<BatchStream> stream = std::make_shared<BatchStream>();
  std::deque<BatchInFlight> in_flight = {};
  std::size_t bytes_in_flight = 0;
  std::uint64_t stored_offset() const { return stored_; }
  void set_stored(std::uint64_t offset, const Fingerprint& mark, const std::array<std::uint64_t, 3>& ahead = {}) {
    stored_ = offset;
    stored_mark_ = mark;
    stored_ahead_ = ahead;
  }
  /// Reads again from what is stored, in a new stream.
  void rewind();
  /// Something of it was refused, and is not stored yet.
  bool is_retried() const { return refused || retry_at || retry_pause.count() > 0; }

  // Kept by the input.
  std::string trouble = {};                              ///< Why it cannot be read now.
  bool ignored = false;                                  ///< It is not to be read at all: `trouble` says why.
  std::optional<FileClock::time_point> gone_since = {};  ///< No matching path leads to it.
  bool refused = false;                                  ///< A batch could not be stored; others are not answered yet.
  std::optional<FileClock::time_point> retry_at = {};    ///< When it is read again after that.
  std::chrono::nanoseconds retry_pause = {};
  std::optional<std::uint64_t> after = {};          ///< The tail that had the path before, until that is read.
  std::optional<std::uint64_t> before = {};         ///< The tail that waits for this one.
  bool is_ready = false;                            ///< It stands in the line of those to be read.
  bool waits_for_answers = false;                   ///< It is read on once batches of it are answered.
  bool from_end = false;                            ///< What it has when it is first opened is passed over.
  std::optional<FileClock::time_point> timer = {};  ///< When it is looked at without a reason.
  bool is_finished = false;                         ///< Gone for long: nothing more is read.
  FileClock::time_point grew_at = {};               ///< When it last had something new.
  std::uint64_t scan = 0;                           ///< The last one that found it.
  std::uint64_t bytes_read = 0;                     ///< Since its beginning or the start; and the entries in them.
  std::uint64_t entries = 0;

 private:
  towl::Result<bool> check_head(ReadBuffers& buffers);
  towl::Result<bool> check_mark(const ReadBuffers& buffers, std::uint64_t offset) const;
  Fingerprint mark_at(std::uint64_t end) const;
  void set_mark(std::uint64_t end, const Fingerprint& mark) {
    mark_end_ = end;
    mark_ = mark;
  }

  std::uint64_t key_;
  FileIdentity identity_;
  std::string path_;
  const TailSettings& settings_;
  Descriptor file_;
  LineReader reader_;
  std::optional<LineJoiner> joiner_;
  FileClock::time_point joined_at_ = {};
  Fingerprint fingerprint_;
  std::int64_t born_ns_ = 0;
  std::string head_;        // what the file begins with, while the fingerprint is shorter than it may be
  std::uint64_t size_ = 0;  // as last seen
  std::uint64_t stored_ = 0;
  Fingerprint mark_;  // of the bytes before mark_end_
  std::uint64_t mark_end_ = 0;
  Fingerprint stored_mark_;  // of those before stored_
  std::array<std::uint64_t, 3> stored_ahead_ = {};
  std::unique_ptr<JoinState> joins_;
  std::vector<Field> path_fields_;
  std::optional<PodOfFile> pod_;
  const ReadBuffers* buffers_ = nullptr;  // what was read last, while they have it
  std::uint64_t buffers_reads_ = 0;
  bool at_end_ = false;
  bool is_other_file_ = false;
};

/// What a file's first bytes say about its compression; "" for text.
std::string_view compression_of(std::string_view head);

}  // namespace towld
