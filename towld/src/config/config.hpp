// Config is all that can be set about a collector, with its defaults: towld runs without any of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/input_config.hpp"
#include "config/output_config.hpp"
#include "towl/store.hpp"

namespace towld {

/// What an acknowledgement promises; see Durability in towl.proto.
enum class Durability { written, interval, synced };

struct StoreConfig {
  std::filesystem::path path = "towl-data";
  std::string org = {};
  std::string title = "log";
  /// A day or 256 MiB, whichever comes first: a file is small enough to be pulled, kept and removed as one.
  towl::PartitionPolicy partition = {.max_bytes = std::uint64_t{256} << 20, .period = towl::Period::day};
  Durability durability = Durability::synced;
  /// Of new files.
  towl::FileFormat file_format = towl::FileFormat::v2;
  /// Closed files of format 2 are sealed in the background.
  bool seal = true;
  /// Nothing is removed unless this says so.
  towl::RetentionPolicy retain = {};
};

struct ListenConfig {
  std::string grpc = "127.0.0.1:50011";
  std::string http = "127.0.0.1:3037";
};

enum class LogLevel { debug, info, warning, error };
enum class LogStyle { console, json };

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogStyle format = LogStyle::console;
};

struct Config {
  StoreConfig store = {};
  ListenConfig listen = {};
  LogConfig log = {};
  std::vector<InputConfig> inputs = {};
  std::vector<OutputConfig> outputs = {};
};

}  // namespace towld
