#include "config/config.hpp"

#include <algorithm>

namespace towld {

void with_default_addresses(Config& config) {
  const auto forwards = [](const OutputConfig& output) { return output.type == "towl"; };
  const auto over_http = [](const InputConfig& input) { return input.type == "http"; };
  const bool is_agent = !config.outputs.empty() && std::all_of(config.outputs.begin(), config.outputs.end(), forwards);
  // Without any input there is one, http.
  const bool takes_http = config.inputs.empty() || std::any_of(config.inputs.begin(), config.inputs.end(), over_http);
  if (config.listen.grpc.empty()) config.listen.grpc = is_agent ? kNoAddress : kDefaultGrpcAddress;
  if (config.listen.http.empty()) {
    config.listen.http = is_agent && !takes_http ? kNoAddress : kDefaultHttpAddress;
  }
}

std::filesystem::path tokens_file_of(const Config& config) {
  return config.auth.tokens_file.empty() ? config.store.path / "tokens" : config.auth.tokens_file;
}

}  // namespace towld
