#include "app/file_lags.hpp"

#include <nlohmann/json.hpp>

namespace towld {

std::vector<FileLag> file_lags(const std::vector<std::pair<std::string, std::string>>& descriptions) {
  std::vector<FileLag> lags;
  for (const auto& [name, description] : descriptions) {
    const auto parsed = nlohmann::json::parse(description, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("files")) continue;
    for (const auto& file : parsed["files"]) {
      if (!file.is_object() || !file.contains("lag_bytes") || !file["lag_bytes"].is_number_unsigned()) continue;
      lags.push_back({name, file.value("path", ""), file["lag_bytes"].get<std::uint64_t>()});
    }
  }
  return lags;
}

}  // namespace towld
