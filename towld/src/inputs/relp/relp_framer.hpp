// RelpFramer cuts a stream of bytes into frames of RELP (https://www.rsyslog.com/doc/relp.html):
//
//     TXNR SP COMMAND SP DATALEN [SP DATA] LF
//
// TXNR has up to nine digits, COMMAND up to 32 letters, DATALEN up to nine digits. If data is longer than the limit,
// the rest is skipped, with no memory spent on it.
//
// Memory: none while nothing is unfinished; at most the limit.
// Threads: one at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace towld {

struct RelpFrame {
  std::string_view transaction = {};  ///< Its digits; views die at the next call.
  std::string_view command = {};
  std::string_view data = {};
  std::uint64_t data_bytes = 0;  ///< What it was before it was cut.
};

class RelpFramer {
 public:
  explicit RelpFramer(std::size_t limit) : limit_(limit) {}

  enum class Step {
    frame,   ///< `frame` is set; there may be more.
    more,    ///< All of the input is taken.
    broken,  ///< No frame of RELP.
  };

  /// Takes from the front of `input`.
  Step next(std::string_view& input, RelpFrame& frame);

  /// A frame has begun.
  bool is_within_frame() const { return state_ != State::header || !header_.empty(); }
  /// What it has allocated.
  std::size_t held_bytes() const { return held_.capacity() > sizeof(std::string) ? held_.capacity() : 0; }

 private:
  enum class State { header, data, end };

  bool take_header(std::string_view& input);
  bool read_header();
  void take_data(std::string_view& input);

  const std::size_t limit_;
  State state_ = State::header;
  bool is_delivered_ = false;  // The frame before was seen by the caller.
  std::string header_;         // Up to the space or newline after DATALEN, without it.
  std::size_t transaction_bytes_ = 0;
  std::size_t command_bytes_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t seen_ = 0;        // Bytes of the data.
  std::string_view direct_ = {};  // Data that came whole in one input.
  std::string held_;              // Data that did not, up to the limit.
};

}  // namespace towld
