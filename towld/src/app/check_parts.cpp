#include "app/check_parts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/part_tables.hpp"

namespace towld {
namespace {

tl::unexpected<towl::Error> wrong(const SourceText& at, std::string message) {
  return towl::fail(towl::ErrorCode::invalid_argument, std::move(message), at.place);
}

/// HOST:PORT, or unix:PATH.
bool is_listen_address(const std::string& text) {
  if (text.starts_with("unix:")) return true;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text.find('/') != std::string::npos) return false;
  const std::string port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos &&
         std::stoi(port) <= 65'535;
}

towl::Result<void> check_listen(const ListenConfig& listen) {
  const auto complain = [](const char* key, const std::string& address, const char* what) -> towl::Result<void> {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      std::string("listen.") + key + ": \"" + address + "\" must be " + what);
  };
  if (listen.grpc != kNoAddress && !is_listen_address(listen.grpc)) {
    return complain("grpc", listen.grpc, "HOST:PORT or none");
  }
  if (listen.http != kNoAddress && (!is_listen_address(listen.http) || listen.http.starts_with("unix:"))) {
    return complain("http", listen.http, "HOST:PORT or none");
  }
  if (listen.grpc == listen.http && listen.grpc != kNoAddress && !listen.grpc.ends_with(":0")) {
    return complain("http", listen.http, "another address than that of listen.grpc");
  }
  return {};
}

towl::Result<void> check_inputs(const Config& config) {
  std::map<std::string, std::string, std::less<>> owners;  // Of paths and addresses: names of inputs.
  for (const InputConfig& input : config.inputs) {
    const InputType* type = find_type(input_types(), input.type);
    if (type == nullptr) continue;
    if (!type->paths.empty() && config.listen.http == kNoAddress) {
      return wrong(input.source_text, "input " + input.name + ": it needs an HTTP address, and listen.http is none");
    }
    std::vector<std::string> taken;
    for (const InputPath& one : type->paths) taken.emplace_back(one.path);
    if (type->open_address != nullptr) {
      if (auto address = type->open_address(input.settings); !address.empty() && !address.ends_with(":0")) {
        taken.push_back(std::move(address));
      }
    }
    for (const std::string& what : taken) {
      const auto [owner, is_new] = owners.emplace(what, input.name);
      if (!is_new) {
        return wrong(input.source_text, "input " + input.name + ": input " + owner->second + " takes " + what +
                                            " already: remove one of them");
      }
    }
  }
  return {};
}

towl::Result<void> check_output_settings(const Config& config) {
  std::map<std::string, std::string> owners;
  for (std::size_t i = 0; i < config.outputs.size(); ++i) {
    const OutputConfig& output = config.outputs[i];
    const OutputType* type = find_type(output_types(), output.type);
    if (type == nullptr) continue;
    for (std::size_t j = 0; j < i; ++j) {
      const OutputConfig& other = config.outputs[j];
      if (other.type != output.type || !(other.settings == output.settings)) continue;
      return wrong(output.source_text,
                   "output " + output.name + ": it is the same as output " + other.name + ": remove one of them");
    }
    const std::string target = type->target != nullptr ? type->target(output.settings) : "";
    if (target.empty()) continue;
    const auto [owner, is_new] = owners.emplace(output.type + " " + target, output.name);
    if (is_new) continue;
    return wrong(output.source_text, "output " + output.name + ": output " + owner->second + " writes to " + target +
                                         " already: each needs a place of its own");
  }
  return {};
}

}  // namespace

towl::Result<void> check_parts(const Config& config) {
  if (auto good = check_listen(config.listen); !good) return good;
  if (auto good = check_inputs(config); !good) return good;
  return check_output_settings(config);
}

}  // namespace towld
