// HttpProtocol is what one way to post entries over HTTP has of its own: what bodies it takes, how entries are read
// from them, and what the answers look like. HttpIntake does the rest for all of them.
//
// Threads: the server's.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/http_message.hpp"
#include "inputs/gatherer.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

/// What became of a request's entries.
struct HttpCounts {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;  ///< Below min_level.
  std::uint64_t dropped = 0;   ///< A parser was told to.

  void add(Gatherer::Taken taken) {
    accepted += taken == Gatherer::Taken::taken ? 1 : 0;
    rejected += taken == Gatherer::Taken::below_level ? 1 : 0;
    dropped += taken == Gatherer::Taken::filtered ? 1 : 0;
  }
};

/// Takes the entries of one request, one after the other.
class HttpEntries {
 public:
  HttpEntries(Gatherer& gatherer, std::string_view peer, towl::Timestamp now)
      : gatherer_(gatherer), peer_(peer), now_(now) {}

  /// The next draft, empty but for the peer as its sender and now as its time.
  Draft& draft();

  /// Takes the draft. Errors: entry_too_large where the request has too many.
  towl::Result<void> take();

  /// The request is refused for its next entry: none of it is stored. `left` are its entries from that one on, as far as
  /// they can be told: all of the request count as rejected. Returns the error, with which entry it is.
  towl::Result<void> refuse(const towl::Error& error, std::uint64_t left);

  /// Entries of a request that was refused.
  std::uint64_t refused() const { return refused_; }
  std::uint64_t read() const { return read_; }
  const HttpCounts& counts() const { return counts_; }

 private:
  Gatherer& gatherer_;
  std::string_view peer_;
  towl::Timestamp now_;
  std::uint64_t read_ = 0;
  std::uint64_t refused_ = 0;
  HttpCounts counts_;
};

class HttpProtocol {
 public:
  virtual ~HttpProtocol() = default;

  /// Whether bodies of this media type are taken: in lower case, without parameters, "" where none is given.
  virtual bool takes(std::string_view media_type) const = 0;
  /// What to send instead: "the Content-Type must be …".
  virtual std::string_view taken_types() const = 0;

  /// Reads the body into `draft` where it is one entry: such requests share a batch with others. False where it is not,
  /// or cannot be read; read() is asked then.
  virtual bool read_one(HttpRequest& request, Draft& draft);

  /// Reads the body's entries. The body has room for towl::JsonReader::kPaddingBytes behind its end. Errors: those of
  /// HttpEntries::refuse(); others, where there is no entry at all. entry_too_large is 413, others 400.
  virtual towl::Result<void> read(HttpRequest& request, HttpEntries& entries) = 0;

  /// The answer once the entries are stored: by default 202 and how many.
  virtual HttpResponse stored(const HttpCounts& counts) const;
};

}  // namespace towld
