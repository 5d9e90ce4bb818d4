// Collector is everything that towlctl asks of a collector, in plain structs. The rpc room implements it over gRPC; no
// other room sees gRPC or protobuf.
//
// What a collector says is hostile: the rpc room checks its shape, and the caller checks the rest.
// Threads: any, unless a class says otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "collector/append_stream.hpp"
#include "collector/pull_error.hpp"
#include "collector/pull_stream.hpp"
#include "collector/query_stream.hpp"
#include "towl/mirror/served_file.hpp"
#include "towl/result.hpp"
#include "towl/store.hpp"

namespace towlctl {

/// One page of the list of files.
struct ListRequest {
  std::optional<std::string> title = {};
  std::optional<towl::Timestamp> since = {};  ///< Files that may have entries received at or after this.
  towl::FileId after = 0;                     ///< Files with a larger ID.
  std::uint32_t page_size = 0;
};

struct FilePage {
  std::vector<towl::ServedFile> files;  ///< As the collector sent them: order and number are not checked.
  bool more = false;
  std::string store = {};  ///< Tells the collector's store from every other; "" if that is not known.
};

struct RemovedFile {
  towl::FileId file_id = 0;
  std::uint64_t count = 0;
  std::uint64_t size = 0;
};

/// Counts since the collector was started; see towl.proto.
struct InputStats {
  std::string name;
  std::uint64_t received = 0;
  std::uint64_t stored = 0;
  std::uint64_t rejected = 0;
  std::uint64_t dropped = 0;
  std::uint64_t filtered = 0;
  std::uint64_t below_level = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t lost_in_source = 0;
  std::uint64_t parse_failures = 0;
  std::uint64_t time_failures = 0;
  std::uint64_t cut = 0;
  std::uint64_t bytes = 0;
  std::string description;  ///< JSON, as the input describes itself.
};

struct OutputStats {
  std::string name;
  std::string description;  ///< JSON, as the output describes itself.
};

struct CollectorStats {
  std::uint64_t received = 0;
  std::uint64_t stored = 0;
  std::uint64_t rejected = 0;
  std::uint64_t dropped = 0;
  std::uint64_t queued_bytes = 0;
  std::vector<InputStats> inputs;
  std::vector<OutputStats> outputs;
};

struct RetainCall {
  towl::RetentionPolicy policy = {};
  bool dry_run = false;
  bool confirm_clock = false;  ///< Trust the collector's clock from now on.
};

struct Retained {
  std::vector<RemovedFile> files = {};
  /// How far the collector's clock is ahead of the time that it saw pass, while it does not trust the clock; ns.
  std::optional<std::int64_t> clock_gap_ns = {};
};

class Collector {
 public:
  virtual ~Collector() = default;

  /// Where it is: HOST:PORT, [IPv6]:PORT or unix:PATH.
  virtual const std::string& server() const = 0;

  /// Waits until the collector answers, for about five seconds. Errors: cut, with one line that says what to check;
  /// stopped. A connection that is lost later comes back by itself.
  virtual PullResult<void> connect(const std::stop_token& stop) = 0;

  /// Errors: cut, refused, stopped; bad_data for an impossible file.
  virtual PullResult<FilePage> list_files(const ListRequest& request, const std::stop_token& stop) = 0;

  /// Does not wait: the stream's next() does.
  virtual std::unique_ptr<PullStream> pull(const towl::FeedStart& start) = 0;

  /// Does not wait: the stream's next() does.
  virtual std::unique_ptr<QueryStream> query(const QueryCall& call) = 0;

  /// Does not wait: the stream's wait() does.
  virtual std::unique_ptr<AppendStream> append(const AppendStart& start) = 0;

  /// Errors: io, with what the collector said.
  virtual towl::Result<CollectorStats> stats() = 0;

  /// The version of the collector's program. Errors: io, with what the collector said.
  virtual towl::Result<std::string> version() = 0;

  /// Which files were removed, or would be. Errors: io, with what the collector said.
  virtual towl::Result<Retained> retain(const RetainCall& call) = 0;
};

/// Makes the Collector at `server`: HOST:PORT, [IPv6]:PORT, unix:PATH, or HOST alone for port 50011. Does not wait for
/// it: connect() does. Errors: not_found if this program has no rpc room, with what to install; what is wrong with
/// certificates and token.
using OpenCollector = std::function<towl::Result<std::unique_ptr<Collector>>(const std::string& server)>;

}  // namespace towlctl
