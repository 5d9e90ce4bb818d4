// StreamSession is what one protocol over TCP or TLS makes of the bytes of a connection: entries for the sink, and
// answers. Connection and StreamListener do the rest for all of them.
//
// Threads: the event loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "inputs/stream/entry_sink.hpp"
#include "inputs/stream/limited_log.hpp"

namespace towld {

class StreamSession {
 public:
  virtual ~StreamSession() = default;

  enum class Step {
    more,    ///< All of the bytes are taken.
    end,     ///< The protocol ends here: what is to be answered is, and the connection closed.
    broken,  ///< Nothing more can be read: what came makes no sense. The same.
  };

  /// What the server says first.
  virtual std::string greeting() { return {}; }

  /// Takes all of `bytes`. Appends to `answers` what the client is told once all entries so far are stored; if they
  /// cannot be, the connection is closed instead.
  virtual Step take(std::string_view bytes, std::string& answers) = 0;

  /// The stream has ended: what is unfinished is stored as it is, if it is of use.
  virtual void finish() = 0;

  /// Messages that were whole.
  virtual std::uint64_t messages() const = 0;
  /// A message has begun.
  virtual bool is_within_message() const = 0;
  /// What it has allocated.
  virtual std::size_t held_bytes() const = 0;
};

/// What the sessions of a listener share, and outlives them.
struct SessionHost {
  EntrySink& sink;
  LimitedLog& log;
};

/// Makes the session of a connection from `peer`, an address.
using MakeSession = std::function<std::unique_ptr<StreamSession>(SessionHost host, const std::string& peer)>;

}  // namespace towld
