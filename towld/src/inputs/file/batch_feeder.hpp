// BatchFeeder makes batches of what was read from files, each of one file and with its position, and hears what became
// of them.
//
// Once:    A batch and its position are stored together or not at all. What could not be stored is read again from
//          where the last stored batch ended, once all batches after it are answered.
// Bounded: by bytes in flight, of each file and of all.
// Threads: one: the input's. Answers come through the mailbox.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inputs/file/file_tail.hpp"
#include "inputs/file/mailbox.hpp"
#include "inputs/file/tail_set.hpp"
#include "inputs/gatherer.hpp"
#include "limits/limits.hpp"

namespace towld {

class BatchFeeder {
 public:
  BatchFeeder(InputContext context, std::shared_ptr<Mailbox> mailbox, TailSet& tails);

  /// Takes an entry of the file; submits when there are enough for a batch.
  void take(FileTail& tail, const Line& line, towl::Timestamp received);
  /// Takes what waits within the parsers' chain.
  void flush(FileTail& tail);
  /// Submits what was taken of the file since; `end`: the offset that is reached once it is stored.
  void finish(FileTail& tail, const JoinProgress& end);
  /// The same, up to the last entry taken.
  void finish(FileTail& tail);

  /// What became of a batch.
  enum class Outcome {
    stored,
    waiting,  ///< It was refused; others of the same file are still to be answered.
    rewound,  ///< All are answered; the file is to be read again.
  };
  Outcome answered(const Mailbox::Answer& answer, FileTail& tail);

  /// The file's position is stored with the next batch, whatever file that is of.
  void save(const FileTail& tail) { unsaved_[tail.key()] = ++version_; }
  /// The source is forgotten with the next batch, unless the file is there again by then.
  void forget(const FileIdentity& identity) { forgotten_.push_back(identity); }

  bool has_room() const { return bytes_in_flight_ < kMaxBytesInFlight; }
  /// Somebody cannot go on before batches are answered.
  void await() { is_awaited_ = true; }
  bool is_awaited() const { return is_awaited_ && bytes_in_flight_ > 0; }

 private:
  void took(FileTail& tail);
  void add_pod_fields(const PodOfFile& pod, Draft& draft);

  /// Positions of other sources that travel with a batch.
  struct Passengers {
    std::map<std::uint64_t, std::uint64_t> saved;  ///< Keys, and versions of their positions.
    std::vector<FileIdentity> forgotten;
  };

  std::vector<towl::SourcePosition> positions(FileTail& tail, const FilePosition& position, std::uint64_t ticket);

  Gatherer gatherer_;
  std::shared_ptr<Mailbox> mailbox_;
  TailSet& tails_;
  std::uint64_t last_ticket_ = 0;
  std::uint64_t taken_ = 0;  // since the last batch, with those that were filtered
  JoinProgress end_ = {};    // after the last entry
  std::size_t bytes_in_flight_ = 0;
  bool is_awaited_ = false;
  std::uint64_t version_ = 0;
  std::map<std::uint64_t, std::uint64_t> unsaved_;  // keys, and versions of their positions
  std::vector<FileIdentity> forgotten_;
  std::map<std::uint64_t, Passengers> passengers_;  // by ticket
};

}  // namespace towld
