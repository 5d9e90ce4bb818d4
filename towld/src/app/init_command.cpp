#include "app/init_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

namespace towld {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInitFooter = R"(Three hosts:
  towld init --collector                                  on the collector; prints the SHA-256 and two tokens
  towld init --agent collector.example --ca-sha256 H      on a host whose logs go there; asks for a token
  towld init --client collector.example --ca-sha256 H     on a laptop; asks for a token; then: towlctl sync

Run it again on the collector to renew its certificate: a running towld takes it without a restart. As root,
configurations are in /etc/towl and stores in /var/lib; else in ~/.config/towl and ~/.local/share.)";

fs::path home() {
  const char* value = std::getenv("HOME");
  return value == nullptr ? "." : value;
}

fs::path config_home() {
  const char* value = std::getenv("XDG_CONFIG_HOME");
  return value == nullptr || *value == '\0' ? home() / ".config" : fs::path(value);
}

struct InitOptions {
  bool collector = false;
  std::string agent = {};
  std::string client = {};
  std::string ca_sha256 = {};
  std::string folder = {};
  std::string store = {};
  std::vector<std::string> names = {};
};

towl::Result<void> run(const InitOptions& options) {
  const bool is_root = geteuid() == 0;
  const fs::path folder = !options.folder.empty() ? fs::path(options.folder)
                          : is_root               ? fs::path("/etc/towl")
                                                  : config_home() / "towl";
  const auto store = [&](const char* name) {
    if (!options.store.empty()) return fs::absolute(options.store);
    return is_root ? fs::path("/var/lib") / name : home() / ".local/share" / name;
  };
  if (options.collector) {
    return init_collector(
        {.folder = fs::absolute(folder), .store = store(is_root ? "towl" : "towl-collector"), .names = options.names});
  }
  InitClientOptions client{.folder = fs::absolute(folder),
                           .store = store("towl-agent"),
                           .server = options.agent,
                           .ca_sha256 = options.ca_sha256};
  if (!options.client.empty()) {
    const auto address = parse_server(options.client);
    if (!address) return towl::fail(address.error());
    // Where towlctl looks: a folder for each collector.
    client.folder = options.folder.empty() ? config_home() / "towl" / address->text() : fs::path(options.folder);
    client.server = options.client;
    client.is_agent = false;
  }
  return init_client(client);
}

}  // namespace

int run_init_command(int argc, const char* const* argv) {
  InitOptions options;
  CLI::App app("towld init: certificates, tokens and configurations for several hosts", "towld init");
  app.footer(kInitFooter);
  auto* what = app.add_option_group("What", "what this host is to be");
  what->add_flag("--collector", options.collector,
                 "A collector: a CA, a certificate for this host's names, two tokens, towld.yaml");
  what->add_option("--agent", options.agent, "An agent of that collector: CA, token, agent.yaml")
      ->type_name("HOST[:PORT]");
  what->add_option("--client", options.client, "A machine that reads from that collector: CA and token for towlctl")
      ->type_name("HOST[:PORT]");
  what->require_option(1);
  app.add_option("--ca-sha256", options.ca_sha256, "SHA-256 of the collector's CA, as its init printed it")
      ->type_name("HEX");
  app.add_option("--name", options.names, "A name or address of the collector's host; may be given several times")
      ->allow_extra_args(false)
      ->type_name("NAME");
  app.add_option("--dir", options.folder, "Folder for configuration, CA and token")->type_name("DIR");
  app.add_option("--store", options.store, "Folder of the store")->type_name("DIR");
  try {  // CLI11 reports by exception; it ends here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "towld: %s; see towld init --help\n", error.what());
    return 2;
  }
  const auto done = run(options);
  if (done) return 0;
  std::fprintf(stderr, "towld: %s\n", done.error().to_string().c_str());
  return 2;
}

}  // namespace towld
