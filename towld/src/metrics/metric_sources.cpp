#include "metrics/metric_sources.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "towl/version.hpp"

namespace towld {
namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }
double seconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

void add_input(const std::string& name, const InputCounters& counters, MetricFamilies& to) {
  const MetricFamilies::Labels input = {{"input", name}};
  const auto reason = [&](const char* why) { return MetricFamilies::Labels{{"input", name}, {"reason", why}}; };
  // Stored, rejected and dropped first: an entry that is counted during this must not make them more than received.
  const std::uint64_t stored = counters.stored;
  const std::uint64_t rejected = counters.rejected;
  const std::uint64_t dropped = counters.dropped;
  to.counter("towl_entries_received_total", "Entries that an input received.", number(counters.received), input);
  to.counter("towl_entries_stored_total", "Entries that are stored.", number(stored), input);
  to.counter("towl_entries_rejected_total", "Entries refused; their senders were told where the protocol can.",
             number(rejected), input);
  to.counter("towl_entries_dropped_total", "Entries dropped because a parser was told to, or lost.", number(dropped),
             input);
  constexpr const char* kReasons = "towl_entries_not_stored_total";
  constexpr const char* kReasonsHelp = "Entries rejected or dropped, by reason, where there is one to name.";
  to.counter(kReasons, kReasonsHelp, number(counters.filtered), reason("filtered"));
  to.counter(kReasons, kReasonsHelp, number(counters.below_level), reason("below_level"));
  to.counter(kReasons, kReasonsHelp, number(counters.overflowed), reason("overflowed"));
  to.counter("towl_entries_lost_in_source_total", "Entries known to have vanished before they were read.",
             number(counters.lost_in_source), input);
  to.counter("towl_lost_in_source_bytes_total", "Bytes known to have vanished before they were read.",
             number(counters.lost_bytes_in_source), input);
  to.counter("towl_parse_failures_total", "Entries stored as they came because a parser could not read them.",
             number(counters.parse_failures), input);
  to.counter(
      "towl_time_failures_total",
      "Entries that say when they happened in a way that could not be read: they have the time of their arrival.",
      number(counters.time_failures), input);
  to.counter("towl_entries_cut_total", "Entries longer than the limit, stored without their end.", number(counters.cut),
             input);
  to.counter("towl_entries_unlabelled_total", "Entries of pods whose labels were not known in time, stored without.",
             number(counters.unlabelled), input);
  to.counter("towl_input_bytes_total", "Bytes read from the input's sources.", number(counters.bytes), input);
}

void add_syncs(const IngestCounters& counters, MetricFamilies& to) {
  std::array<double, kSyncTimesNs.size()> bounds{};
  std::array<std::uint64_t, kSyncTimesNs.size() + 1> counts{};
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = seconds(kSyncTimesNs[i]);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counters.syncs_by_time[i];
  to.histogram("towl_store_sync_seconds", "How long syncs of the open file to stable storage took.", bounds, counts,
               seconds(counters.sync_time_ns));
}

/// The number at place `at`, from 0, of those in a file of /proc.
std::uint64_t number_in(const std::string& text, std::size_t at) {
  std::size_t begin = 0;
  for (; at > 0; --at) begin = text.find(' ', begin) + 1;
  std::uint64_t value = 0;
  std::from_chars(text.data() + begin, text.data() + text.size(), value);
  return value;
}

std::string contents_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void add_cpu(MetricFamilies& to) {
  std::string stat = contents_of("/proc/self/stat");
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return;
  // proc(5): after the name, the state is the first; user and system time the 12th and 13th.
  stat.erase(0, name_end + 2);
  const double ticks = number(number_in(stat, 11) + number_in(stat, 12));
  to.counter("process_cpu_seconds_total", "User and system time.", ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

}  // namespace

Metrics::Source input_metrics(std::function<NamedCounters()> inputs) {
  return [inputs = std::move(inputs)](MetricFamilies& to) {
    for (const auto& [name, counters] : inputs()) add_input(name, *counters, to);
  };
}

Metrics::Source ingest_metrics(Ingest& ingest) {
  return [&ingest](MetricFamilies& to) {
    const IngestCounters& counters = ingest.counters();
    const std::uint64_t stored = counters.stored;
    const std::uint64_t rejected = counters.rejected;
    const std::uint64_t dropped = counters.dropped;
    to.counter("towl_ingest_received_total", "Entries received, of all inputs and by gRPC.", number(counters.received));
    to.counter("towl_ingest_stored_total", "Of these, stored.", number(stored));
    to.counter("towl_ingest_rejected_total", "Of these, refused.", number(rejected));
    to.counter("towl_ingest_dropped_total", "Of these, dropped.", number(dropped));
    to.counter("towl_store_bytes_total", "Bytes of senders and texts stored.", number(counters.bytes_stored));
    to.gauge("towl_queue_bytes", "Bytes of entries that wait to be stored.", number(ingest.queued_bytes()));
    to.gauge("towl_queue_limit_bytes", "Above this, inputs stop reading.", number(ingest.max_queued_bytes()));
    add_syncs(counters, to);
  };
}

Metrics::Source store_metrics(const towl::Catalog& catalog) {
  return [&catalog](MetricFamilies& to) {
    const auto files = catalog.files();
    if (!files) return;
    std::uint64_t bytes = 0;
    files->each_after(0, [&](const towl::ServedFile& file) {
      bytes += file.size;
      return true;
    });
    const char* const help = "Files in the store.";
    to.gauge("towl_store_files", help, number(files->closed->size()), {{"state", "closed"}});
    to.gauge("towl_store_files", help, files->open ? 1 : 0, {{"state", "open"}});
    to.gauge("towl_store_size_bytes", "What they take.", number(bytes));
  };
}

Metrics::Source http_metrics(std::shared_ptr<const HttpRoutes> routes, std::shared_ptr<const HttpCounters> counts) {
  return [routes = std::move(routes), counts = std::move(counts)](MetricFamilies& to) {
    for (const HttpRoute& route : routes->all()) {
      for (std::size_t i = 0; i < kCountedStatuses.size(); ++i) {
        const std::uint64_t count = route.answers[i];
        if (count == 0) continue;
        to.counter("towl_http_requests_total", "HTTP requests answered; path \"\" for what is not there.",
                   number(count), {{"path", route.path}, {"status", std::to_string(kCountedStatuses[i])}});
      }
    }
    const HttpCounters& counters = *counts;
    to.gauge("towl_http_connections", "HTTP connections open now.", number(counters.open));
    to.counter("towl_http_connections_total", "HTTP connections taken.", number(counters.accepted));
    to.counter("towl_http_connections_refused_total", "Of these, refused: there were too many.",
               number(counters.refused));
    to.counter("towl_http_timeouts_total", "HTTP connections that were ended because they took too long.",
               number(counters.timed_out));
    to.counter("towl_http_read_bytes_total", "Bytes read from HTTP connections.", number(counters.bytes_read));
    to.counter("towl_http_written_bytes_total", "Bytes written to HTTP connections.", number(counters.bytes_written));
  };
}

Metrics::Source process_metrics() {
  const double started = static_cast<double>(towl::now()) / 1e9;
  return [started](MetricFamilies& to) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    to.gauge("process_resident_memory_bytes", "Memory in RAM.",
             number(number_in(contents_of("/proc/self/statm"), 1) * page));
    add_cpu(to);
    std::error_code ignored;
    std::uint64_t descriptors = 0;
    for (std::filesystem::directory_iterator it("/proc/self/fd", ignored), end; it != end; it.increment(ignored)) {
      ++descriptors;
    }
    to.gauge("process_open_fds", "Open file descriptors.", number(descriptors));
    to.gauge("process_start_time_seconds", "When the collector was started, since the epoch.", started);
    to.gauge("towl_build_info", "1; the version is in the label.", 1, {{"version", std::string(towl::kVersion)}});
  };
}

Metrics::Source file_lag_metrics(std::function<std::vector<FileLag>()> lags) {
  return [lags = std::move(lags)](MetricFamilies& to) {
    for (const FileLag& lag : lags()) {
      to.gauge("towl_file_lag_bytes", "Bytes of a collected file that are not read yet.", number(lag.bytes),
               {{"input", lag.input}, {"path", lag.path}});
    }
  };
}

Metrics::Source output_metrics(std::function<std::vector<OutputFigures>()> outputs) {
  return [outputs = std::move(outputs)](MetricFamilies& to) {
    for (const OutputFigures& figures : outputs()) {
      const MetricFamilies::Labels output = {{"output", figures.output}};
      to.gauge("towl_output_connected", "1 where the output gets on, or is connected.", figures.connected ? 1 : 0,
               output);
      to.counter("towl_output_sent_entries_total", "Entries written, or acknowledged.", number(figures.sent_entries),
                 output);
      to.counter("towl_output_sent_bytes_total", "Bytes written, or sent.", number(figures.sent_bytes), output);
      to.counter("towl_output_failures_total", "Attempts to write, connect or send that failed.",
                 number(figures.failures), output);
      to.counter("towl_output_refused_entries_total", "Entries refused for good where they were sent, and passed over.",
                 number(figures.refused), output);
      to.gauge("towl_output_backlog_entries", "Entries stored and not sent yet.", number(figures.backlog_entries),
               output);
      to.gauge("towl_output_backlog_bytes", "Bytes of store files that hold them, about.",
               number(figures.backlog_bytes), output);
    }
  };
}

Metrics::Source pull_metrics(std::function<PullFacts()> pulls) {
  return [pulls = std::move(pulls)](MetricFamilies& to) {
    const PullFacts facts = pulls();
    to.counter("towl_pulls_total", "Pulls begun.", number(facts.begun));
    to.gauge("towl_pulls_active", "Pulls that run now.", number(facts.active));
    to.gauge("towl_followers", "Of these, those that follow.", number(facts.followers));
    to.counter("towl_pulled_bytes_total", "Stored bytes sent to pulls.", number(facts.bytes));
  };
}

Metrics::Source connection_metrics(std::function<ConnectionFigures()> connections) {
  return [connections = std::move(connections)](MetricFamilies& to) {
    const ConnectionFigures figures = connections();
    to.gauge("towl_grpc_connections", "gRPC connections open now.", number(figures.open));
    to.counter("towl_grpc_connections_total", "gRPC connections taken.", number(figures.accepted));
    to.counter("towl_grpc_connections_refused_total", "Of these, refused: there were too many.",
               number(figures.refused));
  };
}

Metrics::Source limit_metrics(std::function<std::uint64_t(Limit)> reached) {
  return [reached = std::move(reached)](MetricFamilies& to) {
    for (const LimitRow& row : kLimits) {
      if (!row.is_counted) continue;
      to.counter("towl_limits_reached_total", "How often a limit of the configuration was reached.",
                 number(reached(row.limit)), {{"limit", std::string(row.key)}});
    }
  };
}

Metrics::Source access_metrics(std::function<AccessFigures()> access) {
  return [access = std::move(access)](MetricFamilies& to) {
    const AccessFigures figures = access();
    const auto add = [&](const char* decision, std::uint64_t count) {
      to.counter("towl_access_checks_total", "Requests by what became of their token.", number(count),
                 {{"decision", decision}});
    };
    add("granted", figures.granted);
    add("unknown", figures.unknown);
    add("forbidden", figures.forbidden);
    add("too_many", figures.too_many);
  };
}

}  // namespace towld
