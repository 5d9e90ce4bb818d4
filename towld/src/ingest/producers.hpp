// Producers remembers the last sequence that was stored for each producer, so that a batch that is sent twice is
// stored once.
//
// It remembers the producers that sent last. In a store of format 2 what it knows is stored as positions, with the
// entries: it survives the collector. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "limits/limits.hpp"

namespace towld {

/// How much of a producer's batches is stored: all up to `sequence`, and `more` entries of the one after it.
struct Progress {
  std::uint64_t sequence = 0;
  std::uint64_t more = 0;
  std::string owner = {};  ///< The name of the token that it belongs to; empty: nobody's.

  friend bool operator==(const Progress&, const Progress&) = default;
};

/// "17", or "17+120"; with an owner "17+120 web-7".
std::string format_progress(const Progress& progress);
std::optional<Progress> parse_progress(std::string_view text);

/// The name under which a producer's progress is stored.
std::string source_of_producer(std::string_view producer_id);
/// The producer of such a name; nullopt for other sources.
std::optional<std::string_view> producer_of_source(std::string_view source);

class Producers {
 public:
  explicit Producers(std::size_t max_producers = kMaxProducers, std::size_t max_an_owner = kMaxProducersAToken)
      : max_producers_(max_producers), max_an_owner_(max_an_owner) {}

  /// {} for one that is not known.
  Progress progress(const std::string& producer_id) const;

  /// Returns the producer that is forgotten for this one, if any: one of the same owner's, if that has as many as it
  /// may have.
  std::optional<std::string> stored(const std::string& producer_id, const Progress& progress);

  /// It knows as many as it may.
  bool is_full() const { return known_.size() >= max_producers_; }

  /// It turned out that no more is stored than this.
  void lost(const std::string& producer_id, const Progress& progress);

 private:
  using Known = std::list<std::pair<std::string, Progress>>;  // The last to send is first.

  std::string forget(Known::iterator producer);

  std::size_t max_producers_;
  std::size_t max_an_owner_;
  std::unordered_map<std::string, std::size_t> of_owner_;  // how many
  Known known_;
  std::unordered_map<std::string, Known::iterator> by_id_;
};

}  // namespace towld
