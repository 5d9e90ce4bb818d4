#include "app/collector.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <cstdio>
#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <mutex>

#include "access/signing_key.hpp"
#include "app/check_parts.hpp"
#include "app/doors.hpp"
#include "app/exposure.hpp"
#include "app/file_lags.hpp"
#include "app/http_side.hpp"
#include "app/inputs.hpp"
#include "app/memory_trim.hpp"
#include "app/minute_report.hpp"
#include "app/notify.hpp"
#include "app/otlp_door.hpp"
#include "app/output_figures.hpp"
#include "app/outputs.hpp"
#include "app/part_facts.hpp"
#include "app/startup_pages.hpp"
#include "app/try_parsers.hpp"
#include "config/names.hpp"
#include "config/read_config.hpp"
#include "ingest/head_keeper.hpp"
#include "ingest/ingest.hpp"
#include "ingest/sealer.hpp"
#include "limits/limits.hpp"
#include "log/logger.hpp"
#include "rpc/server.hpp"
#include "rpc/towl_service.hpp"
#include "towl/version.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

using Log = std::shared_ptr<spdlog::logger>;

/// What runs next to the store.
struct Parts {
  TowlService& service;
  OtlpService& otlp;
  Inputs& inputs;
  Outputs& outputs;
  boost::asio::thread_pool& pool;  // reads the disk
  Doors& doors;
  std::function<std::size_t()> connections;  // that are open now
};

bool forwards(const Config& config) {
  return std::any_of(config.outputs.begin(), config.outputs.end(),
                     [](const OutputConfig& output) { return forwards(output); });
}

/// What the configuration's own reader cannot see.
towl::Result<void> check(const Config& config) {
  for (const InputConfig& input : config.inputs) {
    if (auto good = check_input(input, config); !good) return good;
  }
  if (auto good = check_parts(config); !good) return good;
  if (forwards(config) && config.store.file_format == towl::FileFormat::v1) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "an output of type towl needs files of format 2: set store.file_format to v2");
  }
  if (config.listen.tls) {
    if (auto tls = TlsContext::load(*config.listen.tls); !tls) return towl::fail(std::move(tls.error()));
  }
  if (auto good = check_outputs(config); !good) return good;
  return check_exposure(config);
}

/// A connection each is a descriptor: the usual soft limit is for programs of the last century.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // If it is refused, fewer connections are taken.
}

/// No more connections than leave descriptors to the store and the inputs; the doors share the rest.
Limits with_descriptors(const Config& config) {
  Limits limits = config.limits;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return limits;
  const std::uint64_t descriptors = limit.rlim_cur;
  const std::uint64_t left = descriptors - std::min<std::uint64_t>(descriptors / 2, kReservedDescriptors);
  const bool has_both = config.listen.grpc != kNoAddress && config.listen.http != kNoAddress;
  for (const Limit connections : {Limit::grpc_connections, Limit::http_connections}) {
    limits.set(connections, std::clamp<std::uint64_t>(has_both ? left / 2 : left, 1, limits[connections]));
  }
  return limits;
}

/// Reads the configuration again, and does what can be done while running.
void reload(const Options& options, Parts& parts, const Log& log) {
  const auto config = config_of(options.flags);
  const auto good = config ? check(*config) : towl::Result<void>(tl::unexpected(config.error()));
  if (!good) {
    log->error("SIGHUP: the configuration is as before: {}", good.error().to_string());
    return;
  }
  log->set_level(level_of(config->log.level));
  parts.doors.refresh_tls();
  if (auto applied = parts.outputs.apply(*config); !applied) log->error("SIGHUP: {}", applied.error().to_string());
  if (auto applied = parts.inputs.apply(*config); !applied) log->error("SIGHUP: {}", applied.error().to_string());
  // SourceText without what was just applied: whatever differs still has to wait.
  Config rest = *config;
  rest.inputs = options.config.inputs;
  rest.outputs = options.config.outputs;
  rest.log.level = options.config.log.level;
  if (print_config(rest) != print_config(options.config)) {
    log->warn("SIGHUP: inputs, outputs and the log's level are changed now, the rest with a restart");
  }
  log->info("SIGHUP: the configuration was read again");
}

/// Does something again and again, while `context` runs.
class Every {
 public:
  Every(boost::asio::io_context& context, std::chrono::milliseconds time, std::function<void()> what)
      : timer_(context), time_(time), what_(std::move(what)) {
    wait();
  }

 private:
  void wait() {
    timer_.expires_after(time_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      what_();
      wait();
    });
  }

  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds time_;
  const std::function<void()> what_;
};

/// Every minute what inputs and outputs did, while `context` runs. To be held until the pool is joined.
class Reporter {
 public:
  Reporter(Parts& parts, boost::asio::io_context& context, Log log)
      : parts_(parts), timer_(context), log_(std::move(log)) {
    wait();
  }

 private:
  void wait() {
    timer_.expires_after(kReportEvery);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      // A file input may take a moment to answer; signals do not wait for it.
      boost::asio::post(parts_.pool, [this] { report(); });
      wait();
    });
  }

  void report() {
    std::lock_guard lock(mutex_);
    for (const std::string& line :
         report_.lines(parts_.inputs.counters(), parts_.inputs.status(), parts_.outputs.status())) {
      log_->info("{}", line);
    }
  }

  Parts& parts_;
  boost::asio::steady_timer timer_;
  Log log_;
  std::mutex mutex_;
  MinuteReport report_;
};

/// `test` and `try`.
int run_parsers(const Options& options) {
  const auto failed = [](const towl::Error& error) {
    std::fprintf(stderr, "towld: %s\n", error.to_string().c_str());
    return 2;
  };
  if (options.tried) {
    const auto tried = try_input(options.config, *options.tried, std::cin, std::cout);
    return tried ? 0 : failed(tried.error());
  }
  const auto good = run_cases(options.config, options.cases_file, std::cout);
  if (!good) return failed(good.error());
  return *good ? 0 : 1;
}

/// Serves until one of `signals` says to stop, or standard input, if it is all there is to read, has ended.
void serve(const Options& options, Parts& parts, boost::asio::io_context& context, boost::asio::signal_set& signals,
           const std::string& status, const Log& log) {
  boost::asio::steady_timer watchdog(context);
  const auto interval = watchdog_interval();
  std::function<void()> keep_alive = [&] {
    notify_alive();
    watchdog.expires_after(*interval);
    watchdog.async_wait([&](const boost::system::error_code& error) {
      if (!error) keep_alive();
    });
  };
  boost::asio::steady_timer timer(context);
  MemoryTrim trim;
  std::function<void()> check = [&] {
    timer.expires_after(kProgressCheckEvery);
    timer.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      parts.service.check_progress();
      trim.look(parts.service.active_calls() + parts.connections());
      check();
    });
  };
  const Every tokens(context, kAccessRefreshEvery, [&] {
    if (!parts.doors.access()->refresh()) return;
    parts.service.end_revoked();
    parts.otlp.end_revoked();
  });
  const Every stuck(context, kPullLookForStuckEvery, [&] { parts.service.end_stuck_pulls(); });
  const Every certificates(context, kTlsRefreshEvery, [&] { parts.doors.refresh_tls(); });
  std::function<void()> wait = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        notify_reloading();
        reload(options, parts, log);
        notify_ready(status);
        return wait();
      }
      notify_stopping();
      log->info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
      context.stop();
    });
  };
  boost::asio::steady_timer settled(context, kSettledAfter);
  settled.async_wait([](const boost::system::error_code& error) {
    if (!error) give_back_startup_pages();
  });
  check();
  wait();
  if (interval) keep_alive();
  notify_ready(status);
  context.run();
}

int failed(const Log& log, const towl::Error& error) {
  log->error("{}", error.to_string());
  return 2;
}

PullFacts pull_facts(const PullCounters& counters) {
  return {.begun = counters.begun, .active = counters.active, .followers = counters.followers, .bytes = counters.bytes};
}

AccessFigures access_figures(const AccessCounters& counters) {
  return {.granted = counters.granted,
          .unknown = counters.unknown,
          .forbidden = counters.forbidden,
          .too_many = counters.too_many};
}

/// The gRPC side, if there is to be one.
towl::Result<std::unique_ptr<Server>> start_grpc(const Config& config, const Limits& limits, TowlService& service,
                                                 OtlpService& otlp, const Doors& doors,
                                                 std::shared_ptr<LimitCounts> reached, const Log& log) {
  if (config.listen.grpc == kNoAddress) return std::unique_ptr<Server>();
  auto server = Server::listen(config.listen.grpc, service,
                               {.tls = doors.tls(),
                                .limits = limits,
                                .reached = std::move(reached),
                                .say = [log](const std::string& what) { log->warn("{}", what); },
                                .others = &otlp});
  if (!server) return towl::fail(std::move(server.error()));
  return std::make_unique<Server>(std::move(*server));
}

/// The HTTP side, if there is to be one.
towl::Result<std::unique_ptr<HttpSide>> start_http(const Config& config, const Limits& limits, Ingest& ingest,
                                                   const TowlService& service, const Inputs& inputs,
                                                   const Outputs& outputs, const Doors& doors, const Server* server,
                                                   std::shared_ptr<boost::asio::thread_pool> query_pool,
                                                   std::shared_ptr<LimitCounts> reached, const Log& log) {
  if (config.listen.http == kNoAddress) return std::unique_ptr<HttpSide>();
  std::vector<Metrics::Source> metrics;
  metrics.push_back(input_metrics([&] { return inputs.counters(); }));
  metrics.push_back(file_lag_metrics([&] { return file_lags(inputs.status()); }));
  metrics.push_back(output_metrics([&] { return output_figures(outputs.status()); }));
  metrics.push_back(pull_metrics([&] { return pull_facts(service.pull_counters()); }));
  if (server != nullptr && server->gate() != nullptr) {
    metrics.push_back(connection_metrics([gate = server->gate()] {
      const ConnectionCounters& counters = gate->counters();
      return ConnectionFigures{.open = gate->open(), .accepted = counters.accepted, .refused = counters.refused};
    }));
  }
  metrics.push_back(limit_metrics([reached, access = doors.access()](Limit limit) {
    return limit == Limit::bad_tokens ? access->counters().too_many.load() : (*reached)[limit];
  }));
  metrics.push_back(access_metrics([access = doors.access()] { return access_figures(access->counters()); }));
  auto side = HttpSide::start({.address = config.listen.http,
                               .inputs = config.inputs,
                               .limits = http_limits(limits),
                               .query_limits = limits_of(config),
                               .max_queries = limits[Limit::queries],
                               .reached = std::move(reached),
                               .make_stream = doors.http_streams(),
                               .metrics = std::move(metrics),
                               .guard = doors.http_guard(),
                               .query_pool = std::move(query_pool)},
                              ingest, log);
  if (side) log->info("{} on {}", doors.tls() ? "HTTPS" : "HTTP", (*side)->address());
  return side;
}

}  // namespace

int run_collector(const Options& options) {
  const Config& config = options.config;
  if (options.print_config) std::fputs(print_config(config).c_str(), stdout);
  if (options.check_config || options.print_config) {
    if (auto good = check(config); !good) {
      std::fprintf(stderr, "towld: %s\n", good.error().to_string().c_str());
      return 2;
    }
    if (options.check_config) std::fputs("towld: the configuration is good\n", stderr);
    return 0;
  }
  if (!options.cases_file.empty() || options.tried) return run_parsers(options);
  const auto log = make_logger(config.log);
  if (auto good = check(config); !good) return failed(log, good.error());
  if (const auto open = open_doors(config)) {
    for (const OpenDoor& door : *open) {
      log->warn("insecure: anyone who reaches {} can use it: it lacks {}", door.address, door.lacks);
    }
  }
  raise_descriptor_limit();
  // A write to a connection or pipe that is gone is an error to handle, not a reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  // Nor is a file that may not grow further (RLIMIT_FSIZE).
  ::signal(SIGXFSZ, SIG_IGN);

  std::shared_ptr<towl::HeadSigner> signer;
  if (!config.store.sign.key.empty()) {
    auto key = load_signing_key(config.store.sign.key);
    if (!key) return failed(log, key.error());
    signer = std::make_shared<towl::HeadSigner>(std::move(*key));
  }
  const Limits limits = with_descriptors(config);
  boost::asio::io_context context;
  // One that comes before all is ready waits; SIGTERM and Ctrl-C end a start at once.
  boost::asio::signal_set signals(context, SIGHUP);
  const auto reached = std::make_shared<LimitCounts>();
  auto ingest = Ingest::start(
      config.store, log, {.hold_all = forwards(config), .limits = config.limits, .reached = reached, .signer = signer});
  if (!ingest) {
    if (ingest.error().code != towl::ErrorCode::locked) return failed(log, ingest.error());
    log->error("another process writes to the store {}: stop it, or use another --store", config.store.path.string());
    return 2;
  }
  std::shared_ptr<Sealer> sealer;
  if (config.store.seal) sealer = Sealer::start(**ingest, log);
  std::optional<HeadKeeper> heads;
  if (signer) heads.emplace(**ingest, signer, std::chrono::nanoseconds(config.store.sign.every_ns), log);
  boost::asio::thread_pool pool(kPullThreads);
  const auto query_pool = std::make_shared<boost::asio::thread_pool>(config.query.threads);
  auto doors = Doors::open(config, log);
  if (!doors) return failed(log, doors.error());
  (*ingest)->set_owner_check([access = doors->access()](const std::string& name) { return access->has_token(name); });
  TowlService service(config, **ingest, pool, *query_pool, doors->access(), reached);
  OtlpService otlp(**ingest, doors->access(), limits, reached);
  auto server = start_grpc(config, limits, service, otlp, *doors, reached, log);
  if (!server) return failed(log, server.error());
  log->info("towld {}, store {}, durability {}", towl::kVersion, config.store.path.string(),
            name_of(kDurabilities, config.store.durability));
  Outputs outputs(**ingest, log);
  Inputs inputs(**ingest, log);
  auto http =
      start_http(config, limits, **ingest, service, inputs, outputs, *doors, server->get(), query_pool, reached, log);
  const bool is_alone = config.inputs.size() == 1;
  inputs.use({.http = http && *http ? (*http)->endpoint() : nullptr, .ended = [&, is_alone] {
                log->info("standard input has ended, and is stored");
                if (is_alone) boost::asio::post(context, [&] { context.stop(); });
              }});
  otlp.set_taker(otlp_door(http && *http ? (*http)->endpoint() : nullptr));
  service.set_parts([&](bool describe) { return part_facts(inputs, outputs, describe); });
  const auto connections = [&] {
    const ConnectionGate* gate = *server ? (*server)->gate() : nullptr;
    const HttpServer* over_http = http && *http ? &(*http)->server() : nullptr;
    return (gate != nullptr ? gate->open() : 0) + (over_http != nullptr ? over_http->counters().open.load() : 0);
  };
  Parts parts{service, otlp, inputs, outputs, pool, *doors, connections};
  Reporter reporter(parts, context, log);
  auto started = http ? outputs.apply(config) : towl::Result<void>(tl::unexpected(http.error()));
  if (started) started = inputs.apply(config);
  if (http && *http) (*http)->endpoint()->expect_no_more();
  if (started) {
    const std::string where = *server ? (*server)->address() : http && *http ? (*http)->address() : "no address";
    if (doors->tls()) log->info("TLS with the certificate {}", config.listen.tls->cert);
    signals.add(SIGINT);
    signals.add(SIGTERM);
    log->info("listening on {}", where);
    serve(options, parts, context, signals, "Listening on " + where, log);
  }
  // HTTP first: clients that wait for an answer get it.
  if (http && *http) (*http)->stop(kStopPatience);
  service.forget_parts();
  inputs.stop();
  outputs.stop();
  service.stop();
  otlp.stop();
  otlp.set_taker({});
  if (sealer) sealer->stop();
  if (heads) heads->stop();
  service.wait_until_idle(kStopPatience);
  if (*server) (*server)->stop(kStopHurry);
  pool.join();
  query_pool->join();
  const auto stopped = (*ingest)->stop();
  if (!started) return failed(log, started.error());
  if (!stopped) return failed(log, stopped.error());
  log->info("stopped: {} entries stored since the start", (*ingest)->counters().stored.load());
  return 0;
}

}  // namespace towld
