// DeadLetters keeps what was rejected, so that nothing vanishes: the bytes as they came, why, and by which input, from
// whom. A small store of its own within the store's folder, which `towlctl cat --rejected` reads.
//
// Budget:  the oldest go when it has kRejectedStoreBytes; a letter is cut to kRejectedBytes, with its length in
//          TOWL_ORIGINAL_BYTES.
// Failure: what cannot be kept is logged once; it never holds up the store itself.
// Threads: one at a time (the writer's).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "log/spdlog.hpp"
#include "towl/file_layer.hpp"
#include "towl/store.hpp"

namespace towld {

/// The folder of rejected entries within that of a store.
inline constexpr const char* kRejectedFolder = "rejected";

struct DeadLetter {
  std::string reason = {};
  std::string input = {};            ///< Its name.
  std::string source = {};           ///< Who sent it.
  std::string bytes = {};            ///< At most kRejectedBytes are kept.
  std::uint64_t original_bytes = 0;  ///< If there were more than these.
};

class DeadLetters {
 public:
  DeadLetters(const std::filesystem::path& store, towl::FileLayer* layer, std::shared_ptr<spdlog::logger> log)
      : folder_(store / kRejectedFolder), layer_(layer), log_(std::move(log)) {}
  ~DeadLetters() { close(); }
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;

  /// Keeps the letter. The store is made with the first.
  void add(const DeadLetter& letter);

  void close();

 private:
  towl::Result<void> store(const DeadLetter& letter);

  const std::filesystem::path folder_;
  towl::FileLayer* layer_;
  std::shared_ptr<spdlog::logger> log_;
  std::optional<towl::StoreWriter> writer_;
  std::uint64_t bytes_ = 0;  // since the oldest were removed last
  bool failed_ = false;
};

}  // namespace towld
