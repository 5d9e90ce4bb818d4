#include "app/file_lags.hpp"

namespace towld {

std::vector<FileLag> file_lags(const std::vector<std::pair<std::string, InputStatus>>& inputs) {
  std::vector<FileLag> lags;
  for (const auto& [name, status] : inputs) {
    if (!status.files) continue;
    for (const CollectedFile& file : status.files->files) lags.push_back({name, file.path, file.lag_bytes()});
  }
  return lags;
}

}  // namespace towld
