// OutputType is a row of the table of outputs: its name in the configuration, how its settings are read, and how it is
// started. Each output's folder has its own, and the settings that only it knows.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "outputs/output.hpp"
#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towld {

class YamlMap;

/// What outputs of all types get.
struct OutputContext {
  std::string name = {};     ///< Unique among the outputs.
  Ingest* ingest = nullptr;  ///< Borrowed.
  std::shared_ptr<spdlog::logger> log = {};
  std::filesystem::path cursor_folder = {};            ///< Where its cursor is kept; created if it is missing.
  towl::FileLayer* layer = &towl::posix_file_layer();  ///< For the cursor. Borrowed.
};

struct OutputType {
  std::string_view name;  ///< As `type` has it.
  /// Reads the keys that only this type has, and complains about what is wrong or missing.
  Settings (*read)(YamlMap& map);
  /// Starts an output. `settings` are what read() made. Errors: those of the output.
  towl::Result<std::unique_ptr<Output>> (*start)(const Settings& settings, OutputContext context);
  /// Where it writes, so that no two do: "" if that does not matter.
  std::string (*target)(const Settings& settings) = nullptr;
  /// It sends the store's files on, frame by frame: that needs format 2.
  bool forwards = false;
  /// HOST:PORT of the collectors that it sends to.
  std::vector<std::string> (*targets)(const Settings& settings) = nullptr;
};

}  // namespace towld
