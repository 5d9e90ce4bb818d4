// JoinState takes the lines of one source through a chain of parsers, and keeps what waits for more: parts of lines
// that a container's runtime has cut, and lines that belong together (the parser multiline). Each of a container's
// streams has its own.
//
// Position: what waits is not stored yet. progress() says from where the source is to be read again so that nothing is
//           lost; streams that are further on than that are passed over up to where they were, so that nothing is
//           stored twice.
// Memory:   up to the longest entry a stream; what is longer is cut, and its length is kept.
// Threads:  one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "parse/join_rule.hpp"
#include "parse/parser_chain.hpp"

namespace towld {

/// How far a source is done.
struct JoinProgress {
  std::uint64_t offset = 0;                 ///< All before it is.
  std::array<std::uint64_t, 3> ahead = {};  ///< Of each stream all before this; 0: nothing more.

  friend bool operator==(const JoinProgress&, const JoinProgress&) = default;
};

class JoinState {
 public:
  /// Takes a whole draft. The chain has been applied to it.
  using Emit = std::function<void(Draft& draft)>;

  /// `chain` is borrowed. `max_bytes` is of one entry.
  JoinState(const ParserChain& chain, std::size_t max_bytes) : chain_(chain), max_bytes_(max_bytes) {}

  /// Reading begins again at `progress`: what waits is forgotten.
  void restore(const JoinProgress& progress);

  /// Takes the line from `begin` to `end` as it was read; calls `emit` for each draft that is complete now. If a
  /// parser drops one, `emit` is not called. Adds to `failures` as ParserChain::apply() does; returns how many were
  /// dropped.
  std::uint64_t add(Draft& draft, std::uint64_t begin, std::uint64_t end, std::atomic<std::uint64_t>& failures,
                    const Emit& emit);

  /// Completes all that waits.
  std::uint64_t flush(std::atomic<std::uint64_t>& failures, const Emit& emit);

  bool empty() const { return held_.empty(); }

  /// How long what waits is to wait after the last line.
  std::int64_t timeout_ns() const;

  /// What is done, if all that was emitted is stored.
  JoinProgress progress() const;

 private:
  /// A draft that waits at a step of the chain.
  struct Held {
    std::size_t step = 0;
    std::size_t stream = 0;
    bool is_partial = false;  ///< For the rest of its line; else for more lines.
    Draft draft;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t lines = 1;
    std::uint64_t original_bytes = 0;
    JoinRule::State state = {};
  };
  struct Moving {
    std::uint64_t begin;
    std::uint64_t end;
    bool failed = false;
  };

  void run(Draft& draft, std::size_t step, Moving moving, std::atomic<std::uint64_t>& failures, const Emit& emit);
  bool put_together(Draft& draft, std::size_t step, Moving& moving);
  void join(Draft& draft, std::size_t step, const JoinRule& rule, const Moving& moving,
            std::atomic<std::uint64_t>& failures, const Emit& emit);
  void release(std::list<Held>::iterator held, std::atomic<std::uint64_t>& failures, const Emit& emit);
  std::list<Held>::iterator find(std::size_t step, std::size_t stream, bool is_partial);
  void append(Held& held, std::string_view text, bool is_line);
  void hold(Draft& draft, std::size_t step, std::size_t stream, bool is_partial, const Moving& moving);

  const ParserChain& chain_;
  const std::size_t max_bytes_;
  std::list<Held> held_;
  std::uint64_t end_ = 0;                      // of the last line
  std::optional<std::uint64_t> waiting_ = {};  // where the last line begins, while it is not held yet
  std::array<std::uint64_t, 3> done_ = {};     // of each stream
  std::array<std::uint64_t, 3> skip_ = {};
  std::uint64_t dropped_ = 0;
};

}  // namespace towld
