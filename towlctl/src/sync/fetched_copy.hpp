// FetchedCopy is a collector's copy of one file, pulled into a folder next to the file. The folder is removed with it.
//
// One thread at a time.
#pragma once

#include <filesystem>
#include <stop_token>

#include "collector/collector.hpp"
#include "session/session.hpp"
#include "towl/result.hpp"

namespace towlctl {

class FetchedCopy {
 public:
  /// Pulls the whole file that the collector has under the ID in the name of `file`, ID.towl. Errors: invalid_argument
  /// for another name, not_found if the collector has none, no_space, io with what the collector said.
  static towl::Result<FetchedCopy> fetch(Collector& collector, const std::filesystem::path& file,
                                         const Session& session, const std::stop_token& stop);

  FetchedCopy(FetchedCopy&& other) noexcept;
  FetchedCopy& operator=(FetchedCopy&&) = delete;
  ~FetchedCopy();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit FetchedCopy(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace towlctl
