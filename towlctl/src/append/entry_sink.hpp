// EntrySink is where `towlctl append` puts its batches: a collector or a store.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "append/batch.hpp"
#include "collector/durability.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// What is stored for certain.
struct Stored {
  std::uint64_t entries = 0;
  std::optional<towl::FileId> first_file = {};
  std::optional<towl::FileId> last_file = {};
  Durability durability = Durability::synced;  ///< The weakest level of all acknowledgements.

  void add_file(towl::FileId id) {
    first_file = std::min(first_file.value_or(id), id);
    last_file = std::max(last_file.value_or(id), id);
  }
};

/// One thread at a time.
class EntrySink {
 public:
  virtual ~EntrySink() = default;

  /// Takes a batch that is not empty; may return before it is stored. After an error nothing more is taken.
  virtual towl::Result<void> append(const Batch& batch) = 0;

  /// Returns once all that was taken is stored.
  virtual towl::Result<void> finish() = 0;

  /// What is stored by now, also after an error.
  virtual const Stored& stored() const = 0;
};

}  // namespace towlctl
