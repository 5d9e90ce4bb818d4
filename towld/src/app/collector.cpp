#include "app/collector.hpp"

#include <signal.h>

#include <cstdio>
#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>

#include "app/inputs.hpp"
#include "app/notify.hpp"
#include "config/names.hpp"
#include "config/read_config.hpp"
#include "ingest/ingest.hpp"
#include "ingest/sealer.hpp"
#include "log/logger.hpp"
#include "service/server.hpp"
#include "service/towl_service.hpp"
#include "towl/version.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

/// Threads that read the disk for pulls: one reads while another waits.
constexpr std::size_t kReadThreads = 2;
constexpr auto kCheckEvery = 5s;
/// Streams are given this long to end by themselves.
constexpr auto kPatience = 5s;

/// Reads the configuration again, and does what can be done while running.
void reload(const Options& options, Inputs& inputs, const std::shared_ptr<spdlog::logger>& log) {
  const auto config = config_of(options.flags);
  if (!config) {
    log->error("SIGHUP: the configuration is as before: {}", config.error().to_string());
    return;
  }
  log->set_level(level_of(config->log.level));
  // Printed without what was just applied: whatever differs still has to wait.
  Config rest = *config;
  rest.inputs = options.config.inputs;
  rest.log.level = options.config.log.level;
  if (print_config(rest) != print_config(options.config)) {
    log->warn("SIGHUP: inputs and the log's level are changed now, the rest with a restart");
  }
  if (auto applied = inputs.apply(*config); !applied) log->error("SIGHUP: {}", applied.error().to_string());
  log->info("SIGHUP: the configuration was read again");
}

/// Serves until a signal says to stop.
void serve(const Options& options, TowlService& service, Inputs& inputs, const std::string& status,
           const std::shared_ptr<spdlog::logger>& log) {
  boost::asio::io_context context;
  boost::asio::signal_set signals(context, SIGINT, SIGTERM, SIGHUP);
  boost::asio::steady_timer timer(context);
  std::function<void()> check = [&] {
    timer.expires_after(kCheckEvery);
    timer.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      service.check_progress();
      check();
    });
  };
  boost::asio::steady_timer watchdog(context);
  const auto interval = watchdog_interval();
  std::function<void()> keep_alive = [&] {
    notify_alive();
    watchdog.expires_after(*interval);
    watchdog.async_wait([&](const boost::system::error_code& error) {
      if (!error) keep_alive();
    });
  };
  std::function<void()> wait = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        notify_reloading();
        reload(options, inputs, log);
        notify_ready(status);
        return wait();
      }
      log->info("stopping on {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
      notify_stopping();
      context.stop();
    });
  };
  check();
  wait();
  if (interval) keep_alive();
  notify_ready(status);
  context.run();
}

int failed(const std::shared_ptr<spdlog::logger>& log, const towl::Error& error) {
  log->error("{}", error.to_string());
  return 2;
}

}  // namespace

int run_collector(const Options& options) {
  const Config& config = options.config;
  if (options.print_config) std::fputs(print_config(config).c_str(), stdout);
  if (options.check_config) std::fputs("towld: the configuration is good\n", stderr);
  if (options.print_config || options.check_config) return 0;

  const auto log = make_logger(config.log);
  if (!is_loopback(config.listen.grpc)) {
    if (!options.insecure) {
      log->error(
          "refusing to listen on {}: other machines could read and write the store without a login; use a "
          "loopback address with a tunnel in front, or --insecure",
          config.listen.grpc);
      return 2;
    }
    log->warn("--insecure: anyone who reaches {} can read and write the store", config.listen.grpc);
  }
  // A write to a connection or pipe that is gone is an error to handle, not a reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  // Nor is a file that may not grow further (RLIMIT_FSIZE).
  ::signal(SIGXFSZ, SIG_IGN);

  auto ingest = Ingest::start(config.store, log);
  if (!ingest) {
    if (ingest.error().code != towl::ErrorCode::locked) return failed(log, ingest.error());
    log->error("another process writes to the store {}: stop it, or use another --store", config.store.path.string());
    return 2;
  }
  std::shared_ptr<Sealer> sealer;
  if (config.store.seal) sealer = Sealer::start(**ingest, log);
  boost::asio::thread_pool pool(kReadThreads);
  TowlService service(config, **ingest, pool);
  auto server = Server::listen(config.listen.grpc, service);
  if (!server) return failed(log, server.error());
  log->info("towld {}, store {}, durability {}", towl::kVersion, config.store.path.string(),
            name_of(kDurabilities, config.store.durability));
  log->info("listening on {}", server->address());

  Inputs inputs(**ingest, log);
  if (auto applied = inputs.apply(config); !applied) {
    inputs.stop();
    service.stop();
    server->stop(kPatience);
    return failed(log, applied.error());
  }
  serve(options, service, inputs, "Listening on " + server->address(), log);

  inputs.stop();
  service.stop();
  if (sealer) sealer->stop();
  server->stop(kPatience);
  pool.join();
  if (auto stopped = (*ingest)->stop(); !stopped) return failed(log, stopped.error());
  log->info("stopped: {} entries stored since the start", (*ingest)->counters().stored.load());
  return 0;
}

}  // namespace towld
