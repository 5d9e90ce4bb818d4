// Appender turns a FileWriter's entries into the stored bytes of one format: it gathers entries, gives the bytes to
// write for them, and writes the index page. FileWriter decides when anything is written, synced or taken back.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"

namespace towl::detail {

/// What is called for each entry; an error ends the visit.
using VisitEntry = std::function<Result<void>(const EntryView&)>;
/// The same for a gap, with the number of entries that it stands for.
using VisitGap = std::function<Result<void>(std::uint64_t)>;

class Appender {
 public:
  virtual ~Appender() = default;

  /// Gathers an entry, and counts it in `index`.
  virtual void add(const EntryView& entry, Index& index) = 0;

  /// Gathers entries and, in the same frame, positions. False if the format has no frames, or no frame can hold all:
  /// nothing is gathered then.
  virtual bool add_together(std::span<const EntryView> entries, std::span<const SourcePosition> positions,
                            Index& index) = 0;

  /// Gathers a gap for `count` entries that never got here, with positions in its frame. False if the format has no
  /// gaps.
  virtual bool add_gap(std::uint64_t count, std::span<const SourcePosition> positions, Timestamp when,
                       Index& index) = 0;

  /// About the most bytes that the gathered entries will take.
  virtual std::size_t gathered_bytes() const = 0;

  /// The bytes to store at `offset` for all that is gathered; valid until the next call. `durable`: entries that are on
  /// stable storage now.
  virtual std::string_view stored(Ordinal durable, std::uint64_t offset) = 0;

  /// The bytes to store at `offset` after the last entry when a file is closed; may be none. `index` is the file's.
  virtual std::string_view closing(Ordinal durable, const Index& index, std::uint64_t offset) = 0;

  /// The bytes to store at `offset` for a signed head, after the last entry; none if the format has no heads.
  virtual std::string_view head(std::string_view payload, Ordinal durable, const Index& index,
                                std::uint64_t offset) = 0;

  /// What was written from entry `first` on was cut off: frames of a new life begin there.
  virtual void begin_life(std::uint32_t random, Ordinal first) = 0;

  /// The stored bytes were written, at `offset`: nothing is gathered any more.
  virtual void written(std::uint64_t offset) = 0;

  /// Forgets all that is gathered. Memory of an unusually large batch is given back.
  virtual void drop() = 0;

  /// All that was written is on stable storage.
  virtual void synced() = 0;

  /// Writes the index page: `index` of what is on stable storage, which ends at `end`.
  virtual Result<void> write_index(File& file, const Index& index, const Position& end) = 0;

  /// Reads entries and gaps back from bytes that stored() gave. Errors: those of `visit` and `gap`.
  virtual Result<void> visit_stored(std::string_view bytes, const VisitEntry& visit, const VisitGap& gap) const = 0;
};

/// Counts an entry in the parts of the index that both formats have.
inline void count_entry(const EntryView& entry, Index& index) {
  if (!index.first) index.first = entry.received;
  index.last = entry.received;
  ++index.count;
}

}  // namespace towl::detail
