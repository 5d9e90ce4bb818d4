// Config is all that can be set about a collector, with its defaults: towld runs without any of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/input_config.hpp"
#include "config/output_config.hpp"
#include "config/tls_config.hpp"
#include "limits/configured.hpp"
#include "towl/store.hpp"

namespace towld {

/// What an acknowledgement promises; see Durability in towl.proto.
enum class Durability { written, interval, synced };

/// Signed heads: see libtowl's signed_heads.hpp.
struct SignConfig {
  std::filesystem::path key = {};  ///< Empty: nothing is signed.
  std::int64_t every_ns = 600 * towl::kNanosecondsPerSecond;
};

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
  SignConfig sign = {};
  /// Nothing is removed unless this says so.
  towl::RetentionPolicy retain = {};
};

/// Instead of an address: not at all.
inline constexpr const char* kNoAddress = "none";

inline constexpr const char* kDefaultGrpcAddress = "127.0.0.1:50011";
inline constexpr const char* kDefaultHttpAddress = "127.0.0.1:3037";

struct ListenConfig {
  /// HOST:PORT, or kNoAddress. Empty: not given; see with_default_addresses().
  std::string grpc = {};
  std::string http = {};
  /// Of both.
  std::optional<TlsConfig> tls = {};
  /// HTTP clients may call this host by these names, and by its addresses.
  std::vector<std::string> names = {};
};

/// Who may do what.
struct AuthConfig {
  /// Empty: `tokens` in the store's folder.
  std::filesystem::path tokens_file = {};
};

/// What questions may cost, no matter who asks them. How many there may be is one of the limits.
struct QueryConfig {
  /// Questions that are answered at a time; the others wait.
  std::uint64_t threads = 2;
  /// Of one question: an answer then ends with a cursor, a table with an error.
  std::int64_t max_time_ns = 10 * towl::kNanosecondsPerSecond;
  /// What sort, uniq, top and stats of one question may keep.
  std::size_t max_memory = std::size_t{32} << 20;
  /// Entries of one answer over HTTP, and rows of a table.
  std::uint64_t max_rows = 10'000;
  /// The longest expression; over HTTP a request's header is the limit before that.
  std::size_t max_expression = std::size_t{64} << 10;
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
  AuthConfig auth = {};
  /// Others may reach what is neither encrypted nor asks for a token.
  bool insecure = false;
  QueryConfig query = {};
  Limits limits = {};
  LogConfig log = {};
  std::vector<InputConfig> inputs = {};
  std::vector<OutputConfig> outputs = {};
};

/// The addresses that are not set: the default ones. An agent, whose only outputs forward, gets none for gRPC, and none for
/// HTTP if it takes nothing over HTTP.
void with_default_addresses(Config& config);

/// The file of the tokens: as configured, or in the store's folder.
std::filesystem::path tokens_file_of(const Config& config);

}  // namespace towld
