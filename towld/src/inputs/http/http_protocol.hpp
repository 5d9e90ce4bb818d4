// HttpProtocol is what one way to post entries over HTTP has of its own: what bodies it takes, how entries are read
// from them, and what the answers look like. HttpIntake does the rest for all of them.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/http_message.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input_type.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

/// What became of a request's entries.
struct HttpCounts {
  std::uint64_t accepted = 0;
  std::uint64_t marked = 0;    ///< Could not be read, and are stored as they came.
  std::uint64_t rejected = 0;  ///< Below min_level.
  std::uint64_t dropped = 0;   ///< A parser was told to.
  std::uint64_t refused = 0;   ///< Could not be read, and are not stored: the protocol says which, or how many.
  std::string refusal = {};    ///< Why the first of them.
  std::string answer = {};     ///< What else the protocol's own answer needs.

  void add(Gatherer::Taken taken) {
    accepted += taken == Gatherer::Taken::taken ? 1 : 0;
    rejected += taken == Gatherer::Taken::below_level ? 1 : 0;
    dropped += taken == Gatherer::Taken::filtered ? 1 : 0;
  }
};

/// Takes the entries of one request, one after the other.
class HttpEntries {
 public:
  HttpEntries(Gatherer& gatherer, const HttpRequest& request, towl::Timestamp now, const HttpLimits& limits = {});

  /// What the body may have, and become.
  const HttpLimits& limits() const { return limits_; }

  /// The request had more entries than it may.
  bool is_over_limit() const { return is_over_limit_; }

  /// The next draft, empty except for the peer as its sender and now as its time.
  Draft& draft();

  /// Takes the draft. Errors: entry_too_large if the request has too many.
  towl::Result<void> take();

  /// Stores `raw`, an entry that cannot be read, as it came, with TOWL_UNPARSED. Errors: those of take(); `error` if
  /// the client wants all or nothing (?strict=1).
  towl::Result<void> mark(std::string_view raw, const towl::Error& error);

  /// Refuses `raw`, an entry that cannot be read, alone: for protocols that tell their clients so. It is counted once the
  /// request is stored, and kept: `towlctl cat --rejected`. Errors: those of mark().
  towl::Result<void> refuse_one(std::string_view raw, const towl::Error& error);

  /// The client wants all or nothing.
  bool is_strict() const { return is_strict_; }

  /// Why the first entry that was marked could not be read.
  const std::optional<towl::Error>& first_mark() const { return first_mark_; }

  /// The request is refused for its next entry: none of it is stored. `left` are its entries from that one on, as far as
  /// they can be told: all of the request count as rejected. Returns the error, with which entry it is.
  towl::Result<void> refuse(const towl::Error& error, std::uint64_t left);

  /// None of the request's entries can be read: all are refused. Returns the error.
  towl::Result<void> refuse_all(const towl::Error& error);

  /// Entries of a request that was refused.
  std::uint64_t refused() const { return refused_; }
  std::uint64_t read() const { return read_; }
  std::string& answer() { return counts_.answer; }
  const HttpCounts& counts() const { return counts_; }

 private:
  Gatherer& gatherer_;
  std::string_view peer_;  // the request's
  towl::Timestamp now_;
  const HttpLimits limits_;
  bool is_over_limit_ = false;
  std::uint64_t read_ = 0;
  std::uint64_t refused_ = 0;
  bool is_strict_ = false;
  std::optional<towl::Error> first_mark_ = {};
  HttpCounts counts_;
};

class HttpProtocol {
 public:
  virtual ~HttpProtocol() = default;

  /// Another one of its kind: large bodies are read by one of their own.
  virtual std::unique_ptr<HttpProtocol> another() const = 0;

  /// Whether bodies of this media type are taken: in lower case, without parameters, "" if none is given.
  virtual bool takes(std::string_view media_type) const = 0;
  /// What to send instead: "the Content-Type must be …".
  virtual std::string_view taken_types() const = 0;

  /// The answer to a request that brings no entries: clients ask what they talk to. nullopt: it brings some.
  virtual std::optional<HttpResponse> answer(const HttpRequest& request);

  /// Reads the body into `draft` if it is one entry: such requests share a batch with others. False if it is not,
  /// or cannot be read; read() is asked then.
  virtual bool read_one(HttpRequest& request, Draft& draft);

  /// Reads the body's entries. The body has room for towl::JsonReader::kPaddingBytes after its end. Errors: those of
  /// HttpEntries::refuse(); others, if there is no entry at all. entry_too_large is 413, others 400.
  virtual towl::Result<void> read(HttpRequest& request, HttpEntries& entries) = 0;

  /// How many bytes at the front of `body`, of which more will come, are whole entries, which read() may be given alone: a
  /// request may then be of any length. nullopt: bodies are read whole.
  virtual std::optional<std::size_t> whole_bytes(std::string_view body) const;

  /// The answer once the entries are stored: by default 202 and how many.
  virtual HttpResponse stored(const HttpCounts& counts) const;
};

/// A row of the table of protocols: each has a folder.
struct HttpProtocolType {
  std::string_view name;  ///< As `protocols` has it.
  std::span<const InputPath> paths;
  std::unique_ptr<HttpProtocol> (*make)();
};

}  // namespace towld
