// Framer cuts a stream of bytes into syslog messages (RFC 6587): counted ("57 <34>1 …") or ended by a newline or NUL
// (Python's SysLogHandler), told apart by the first byte of each.
//
// A digit begins a count, which has at most nine digits, none of them a leading zero, and a blank after it. On a
// connection that never had a count, what turns out to be none is a message that ends with a newline. On one that had,
// it shows that the two ends disagree about where messages begin: the rest of the connection is `broken`.
// A message longer than the limit is cut there, and the rest is skipped, with no memory spent on it.
//
// Memory: none while nothing is unfinished; at most the limit.
// Threads: one at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace towld {

/// A message; its end marks are dropped if they are the framing's.
struct Frame {
  std::string_view message = {};  ///< Dies at the next call.
  std::uint64_t bytes = 0;        ///< What it was before it was cut, or would have been if it had come whole.

  bool is_cut() const { return bytes > message.size(); }
};

class Framer {
 public:
  explicit Framer(std::size_t limit) : limit_(limit) {}

  enum class Step {
    frame,   ///< `frame` is set; there may be more.
    more,    ///< All of the input is taken.
    broken,  ///< `frame` is what can be kept of the rest. Nothing more can be read.
  };

  /// Takes from the front of `input`.
  Step next(std::string_view& input, Frame& frame);

  /// What is there of an unfinished message when the stream ends.
  std::optional<Frame> finish();

  /// A message has begun.
  bool is_within_message() const { return state_ != State::start; }
  /// What it has allocated.
  std::size_t held_bytes() const { return held_.capacity() > sizeof(std::string) ? held_.capacity() : 0; }

 private:
  enum class State { start, count, counted, line };

  void begin(State state);
  std::optional<Step> take_count(std::string_view& input, Frame& frame);
  std::optional<Step> take_counted(std::string_view& input, Frame& frame);
  std::optional<Step> take_line(std::string_view& input, Frame& frame);
  Step break_off(std::string_view& input, Frame& frame);
  void hold(std::string_view bytes);

  const std::size_t limit_;
  State state_ = State::start;
  bool has_counts_ = false;
  bool is_delivered_ = false;  ///< `held_` is a message that the caller has seen.
  std::uint64_t count_ = 0;    ///< Of the message that is read.
  std::uint64_t seen_ = 0;     ///< Bytes of it.
  std::string held_;           ///< Its beginning, up to the limit; or the digits of its count.
};

}  // namespace towld
