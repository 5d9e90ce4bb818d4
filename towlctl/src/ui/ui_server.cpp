#include "ui/ui_server.hpp"

#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>

#include "http/health.hpp"
#include "http/http_server.hpp"
#include "http_api/read_routes.hpp"
#include "log/logger.hpp"
#include "page/page.hpp"
#include "session/interrupt.hpp"
#include "session/session.hpp"
#include "towl/mirror/catalog.hpp"
#include "ui/mirror_watch.hpp"

namespace towlctl {
namespace {

/// One person's questions.
constexpr std::size_t kQueryThreads = 2;

constexpr auto kStopPatience = std::chrono::seconds(1);

bool is_loopback(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(host, error);
  return !error && parsed.is_loopback();
}

}  // namespace

struct UiServer::Parts {
  explicit Parts(const towl::Store& store) : watch(store), catalog(store, watch.state()) {}
  ~Parts() {
    if (server) server->stop(kStopPatience);
    loop->stop();
    pool.join();
    query_pool.join();
  }

  MirrorWatch watch;
  const towl::Catalog catalog;
  boost::asio::thread_pool pool{1};
  boost::asio::thread_pool query_pool{kQueryThreads};
  std::shared_ptr<towld::HttpRoutes> routes = std::make_shared<towld::HttpRoutes>();
  std::shared_ptr<towld::HttpLoop> loop = towld::HttpLoop::start();
  std::unique_ptr<towld::HttpServer> server;
};

UiServer::UiServer() = default;
UiServer::~UiServer() = default;

std::string UiServer::url() const { return "http://" + parts_->server->address() + "/"; }

towl::Result<std::unique_ptr<UiServer>> UiServer::start(const UiOptions& options) {
  if (!is_loopback(options.listen)) {
    return towl::fail(
        towl::ErrorCode::invalid_argument,
        "--listen " + options.listen +
            ": the page shows the mirror to anyone who asks, so it is for this host alone: 127.0.0.1:PORT; to "
            "look from elsewhere, forward the port with ssh -L");
  }
  auto store = towl::Store::open(options.store);
  if (!store) {
    auto error = std::move(store.error());
    if (error.code == towl::ErrorCode::not_found) {
      error.message = "no such store; mirror one with `towlctl sync`, or name another with --store";
    }
    return tl::unexpected(std::move(error));
  }
  auto ui = std::make_unique<UiServer>();
  ui->parts_ = std::make_unique<Parts>(*store);
  Parts& parts = *ui->parts_;
  using towld::HttpMethod;
  parts.routes->add("/", {HttpMethod::get}, std::make_shared<towld::HttpFunction>(towld::page), std::nullopt);
  parts.routes->add("/healthz", {HttpMethod::get}, towld::health_handler(), std::nullopt);
  towld::add_read_routes(
      *parts.routes,
      {.catalog = parts.catalog, .state = parts.watch.state(), .pool = parts.pool, .query_pool = parts.query_pool});
  auto server = towld::HttpServer::listen(options.listen, {.routes = parts.routes,
                                                           .loop = parts.loop,
                                                           .log = towld::make_logger({.level = towld::LogLevel::error}),
                                                           .guard = {.host_names = {"localhost"}}});
  if (!server) return tl::unexpected(std::move(server.error()));
  parts.server = std::move(*server);
  return ui;
}

towl::Result<int> run_ui(const UiOptions& options) {
  // Before any other thread.
  Interrupt interrupt;
  const auto ui = UiServer::start(options);
  if (!ui) return tl::unexpected(ui.error());
  std::printf("%s\n", (*ui)->url().c_str());
  std::fflush(stdout);
  if (!options.quiet) {
    std::fprintf(stderr, "towlctl: the page of %s, until Ctrl-C\n", options.store.c_str());
  }
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, interrupt.token(), [] { return false; });
  return interrupt.exit_code();
}

}  // namespace towlctl
