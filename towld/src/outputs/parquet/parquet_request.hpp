// What the collector asks of its child that writes Parquet, and what that answers: a line of JSON each, by a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "outputs/store_follower.hpp"
#include "towl/result.hpp"

namespace towld {

struct ParquetRequest {
  std::string store = {};        ///< Folder of the store that is read.
  std::string path = {};         ///< Where the files go.
  std::string compression = {};  ///< As DuckDB calls it.
  std::string memory = {};       ///< DuckDB's memory_limit.
  StorePosition start = {};      ///< Where reading begins if nothing was written there yet.
  StorePosition end = {};        ///< What is durable ends here.
  std::int64_t minute = 0;       ///< The last minute that has ended.
  bool all = false;              ///< Also what is of a minute that has not ended.
  bool only_check = false;       ///< Whether it could be done.
};

struct ParquetAnswer {
  StorePosition end = {};            ///< All before was looked at.
  bool holds = false;                ///< Some of it waits for the end of its minute.
  std::uint64_t entries = 0;         ///< That were written.
  std::uint64_t files = 0;           ///< In so many files …
  std::uint64_t bytes = 0;           ///< … of so many bytes.
  std::uint64_t other_hosts = 0;     ///< Entries in the folder +other.
  std::uint64_t missed_files = 0;    ///< Of the store, that were removed before.
  std::uint64_t damaged_places = 0;  ///< Of the store, that could not be read.
};

std::string to_line(const ParquetRequest& request);
std::string to_line(const towl::Result<ParquetAnswer>& answer);

/// Errors: corrupt, for a line that is none.
towl::Result<ParquetRequest> read_request(std::string_view line);
/// Errors: those of the answer; corrupt.
towl::Result<ParquetAnswer> read_answer(std::string_view line);

}  // namespace towld
