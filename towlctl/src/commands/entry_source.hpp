// EntrySource is where cat, tail, grep and query get their entries from: local files, or a collector (--server). What
// they print is the same.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "commands/selection.hpp"
#include "towl/query/context_search.hpp"
#include "towl/query/language.hpp"
#include "towl/query/pipeline.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What is wanted of the selection.
struct EntryQuestion {
  towl::Expression expression = {};  ///< In addition to the selection's own.
  towl::Order order = towl::Order::forwards;
  std::uint64_t limit = UINT64_MAX;
  towl::Context context = {};  ///< Neighbours; only forwards.
  unsigned threads = 1;        ///< Of local files; 0: as many as there are cores.
  bool follow = false;         ///< Entries::wait_for_more() will be called.
  /// Without it senders, times and texts are empty.
  bool with_text = true;
};

class Entries {
 public:
  virtual ~Entries() = default;

  /// As towl::Search::next(); `is_match`: it was found, and is not a neighbour. FoundEntry::file tells files apart.
  virtual towl::Outcome next(bool& is_match) = 0;

  /// For a follower, after the end: waits a moment for more entries, after which next() goes on.
  virtual void wait_for_more() = 0;
};

class EntrySource {
 public:
  using OnUnread = std::function<void(const towl::Error&)>;

  virtual ~EntrySource() = default;

  /// Errors: invalid_argument; io from a collector.
  virtual towl::Result<std::unique_ptr<Entries>> open(const EntryQuestion& question) = 0;

  /// Forwards, after `last` (an entry of an earlier open()). Without `last`, after the end as it was when the source
  /// was made: what was stored since then is not missed. Errors: as open().
  virtual towl::Result<std::unique_ptr<Entries>> open_behind(const std::optional<towl::FoundEntry>& last,
                                                             const EntryQuestion& question) = 0;

  /// How many entries there are, if it costs less to find this out than to give them; else nullopt. `unread` is told
  /// what could not be read. Errors: as open().
  virtual towl::Result<std::optional<std::uint64_t>> count(const EntryQuestion& question, const OnUnread& unread) {
    static_cast<void>(question);
    static_cast<void>(unread);
    return std::nullopt;
  }

  /// The table that the query's pipes make. `unread` is told what could not be read. Errors: as open(); no_space.
  virtual towl::Result<towl::Table> table(const towl::Query& query, const towl::PipelineOptions& limits,
                                          const OnUnread& unread) = 0;

  /// The names of files, by FoundEntry::file. A file without one is called by its ID.
  virtual std::map<std::size_t, std::string> names() const = 0;
};

/// `selection` is borrowed. `follow`: open_behind() will be called. Errors: io if the collector cannot be reached.
towl::Result<std::unique_ptr<EntrySource>> open_source(const Selection& selection, bool follow);

/// For open_source().
towl::Result<std::unique_ptr<EntrySource>> open_server_source(const Selection& selection, bool follow);

}  // namespace towlctl
