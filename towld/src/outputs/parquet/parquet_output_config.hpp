// ParquetOutputConfig is what can be set about an output of type `parquet` alone. The keys are listed in README.md.
#pragma once

#include <optional>
#include <string>

#include "config/read_from.hpp"
#include "outputs/s3_place.hpp"

namespace towld {

enum class ParquetEvery { minute };
enum class ParquetCompression { snappy, zstd };

struct ParquetOutputConfig {
  std::string path = {};
  std::optional<S3Place> objects = {};  ///< What a path that begins with s3:// says.
  ParquetEvery every = ParquetEvery::minute;
  ParquetCompression compression = ParquetCompression::zstd;
  ReadFrom from = ReadFrom::beginning;  ///< If nothing was written to the path yet.

  friend bool operator==(const ParquetOutputConfig&, const ParquetOutputConfig&) = default;
};

inline constexpr Names<ParquetEvery, 1> kParquetEvery = {{{"minute", ParquetEvery::minute}}};
inline constexpr Names<ParquetCompression, 2> kParquetCompressions = {
    {{"snappy", ParquetCompression::snappy}, {"zstd", ParquetCompression::zstd}}};

}  // namespace towld
