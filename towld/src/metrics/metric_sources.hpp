// What the collector's parts count, as sources for Metrics.
//
// Each borrows what it reads, which must outlive the metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/http_routes.hpp"
#include "http/http_shared.hpp"
#include "ingest/ingest.hpp"
#include "ingest/input_counters.hpp"
#include "limits/configured.hpp"
#include "metrics/metrics.hpp"
#include "towl/mirror/catalog.hpp"

namespace towld {

using NamedCounters = std::vector<std::pair<std::string, std::shared_ptr<InputCounters>>>;

/// towl_entries_…{input}: received = stored + rejected + dropped + what is queued.
Metrics::Source input_metrics(std::function<NamedCounters()> inputs);

/// All entries, gRPC's included; the queue, the syncs.
Metrics::Source ingest_metrics(Ingest& ingest);

/// Files and their bytes.
Metrics::Source store_metrics(const towl::Catalog& catalog);

/// Requests by path and status, connections. Holds the routes: no handler of theirs may hold the metrics.
Metrics::Source http_metrics(std::shared_ptr<const HttpRoutes> routes, std::shared_ptr<const HttpCounters> counters);

/// Memory, CPU, descriptors, version.
Metrics::Source process_metrics();

struct FileLag {
  std::string input;
  std::string path;
  std::uint64_t bytes = 0;  ///< Written to the file and not read yet.
};
Metrics::Source file_lag_metrics(std::function<std::vector<FileLag>()> lags);

struct OutputFigures {
  std::string output;
  bool connected = false;
  std::uint64_t sent_entries = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t failures = 0;
  std::uint64_t refused = 0;
  std::uint64_t backlog_entries = 0;
  std::uint64_t backlog_bytes = 0;
};
/// towl_output_…{output}
Metrics::Source output_metrics(std::function<std::vector<OutputFigures>()> outputs);

struct PullFacts {
  std::uint64_t begun = 0;
  std::uint64_t active = 0;
  std::uint64_t followers = 0;
  std::uint64_t bytes = 0;
};
Metrics::Source pull_metrics(std::function<PullFacts()> pulls);

struct ConnectionFigures {
  std::uint64_t open = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
};
/// towl_grpc_connections…
Metrics::Source connection_metrics(std::function<ConnectionFigures()> connections);

/// towl_limits_reached_total{limit}
Metrics::Source limit_metrics(std::function<std::uint64_t(Limit)> reached);

struct AccessFigures {
  std::uint64_t granted = 0;
  std::uint64_t unknown = 0;
  std::uint64_t forbidden = 0;
  std::uint64_t too_many = 0;
};
/// towl_access_checks_total{decision}
Metrics::Source access_metrics(std::function<AccessFigures()> access);

}  // namespace towld
