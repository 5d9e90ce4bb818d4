// RoundState says which entries of a store are in the Parquet files of a path. It is kept in the path itself, in
// PATH/.towl/round, so that data and state are moved and removed together, and in the metadata of each file.
//
// What is written: all before `begin`; and of [begin, end) those whose minute is not one of the kParquetHeldMinutes after
//                  `minute`: these had not ended.
// Once:            the files of a round are made as PATH/.towl/N, then `round` is replaced, which names them, then they are
//                  renamed to where they belong. Whatever dies: before that, nothing was written; after it, a start finds
//                  what is left to be renamed, and renames it.
// Threads:         one at a time, which holds PATH/.towl/lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "outputs/store_follower.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towld {

struct RoundState {
  StorePosition begin = {};
  StorePosition end = {};
  std::int64_t minute = 0;

  /// A file in PATH/.towl, and where it belongs, below PATH.
  struct Move {
    std::string from;
    std::string to;
  };
  std::vector<Move> moves = {};

  /// Some entries wait for the end of their minute.
  bool holds() const { return begin.file_id != end.file_id || begin.ordinal != end.ordinal; }
};

/// In the order of the store.
bool is_before(const StorePosition& a, const StorePosition& b);

nlohmann::json to_json(const StorePosition& position);
/// nullopt for anything else.
std::optional<StorePosition> position_of(const nlohmann::json& json);

/// Without `moves`.
nlohmann::json to_json(const RoundState& state);
/// With `moves`: what PATH/.towl/round holds.
std::string round_text(const RoundState& state);
std::optional<RoundState> round_state_of(const nlohmann::json& json);

/// The folder PATH/.towl and the state within it.
class RoundJournal {
 public:
  explicit RoundJournal(std::filesystem::path path, towl::FileLayer& layer = towl::posix_file_layer());

  /// Makes the folder and takes its lock, which ends with this. Errors: locked.
  towl::Result<void> open();

  /// nullopt: there is none, or it is damaged.
  towl::Result<std::optional<RoundState>> load();

  /// Renames what is left to be renamed of `state`, and removes all else that was being made.
  towl::Result<void> finish(const RoundState& state);
  towl::Result<void> remove_unfinished();

  /// Replaces the state: from now on the round is written.
  towl::Result<void> save(const RoundState& state);

  /// For a file that is being made.
  std::filesystem::path aside(const std::string& name) const { return folder_ / name; }

 private:
  const std::filesystem::path path_;
  const std::filesystem::path folder_;
  towl::FileLayer& layer_;
  std::unique_ptr<towl::FileLock> lock_;
};

}  // namespace towld
