// Producers remembers the last sequence that was stored for each producer, so that a batch that is sent twice is
// stored once.
//
// It remembers the producers that sent last, as long as the collector runs. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace towld {

/// Enough for every host of a large site; about 200 bytes each.
inline constexpr std::size_t kMaxProducers = 10'000;

class Producers {
 public:
  explicit Producers(std::size_t max_producers = kMaxProducers) : max_producers_(max_producers) {}

  /// This sequence, or a later one, was stored.
  bool has(const std::string& producer_id, std::uint64_t sequence) const;

  void stored(const std::string& producer_id, std::uint64_t sequence);

  /// `sequence` and all later ones turned out not to be stored.
  void lost(const std::string& producer_id, std::uint64_t sequence);

 private:
  using Known = std::list<std::pair<std::string, std::uint64_t>>;  // The last to send in front.

  std::size_t max_producers_;
  Known known_;
  std::unordered_map<std::string, Known::iterator> by_id_;
};

}  // namespace towld
