#include "app/options.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "app/part_tables.hpp"
#include "config/names.hpp"
#include "config/read_config.hpp"
#include "towl/version.hpp"

namespace towld {
namespace {

constexpr const char* kProgramFooter = R"(Examples:
  towld                                     store ./towl-data, listen on 127.0.0.1:50011
  towld --store /var/lib/towl --listen 127.0.0.1:0
  towld --config /etc/towl/towld.yaml --check-config
  towld --config /etc/towl/towld.yaml test cases.yaml
  towld --config /etc/towl/towld.yaml try nginx < access.log
  towld init --collector                    certificates, a first token and a configuration
  towld token create --scope read --name me who may do what; also list, revoke
  towld key create sign.key                 a key to sign files with: store.sign

Every flag with a TOWLD_ name can be set in the environment too. Flags beat the
environment, which beats the configuration file. SIGTERM and SIGINT: store what
was taken, sync, and exit 0.)";

void declare(CLI::App& app, Flags& flags, Options& options) {
  app.add_option("--config", flags.config_file, "Configuration file (YAML)")
      ->envname("TOWLD_CONFIG")
      ->type_name("FILE");
  app.add_option("--store", flags.store, "Folder of the store; created if it does not exist")
      ->envname("TOWLD_STORE")
      ->type_name("DIR");
  app.add_option("--listen", flags.listen, "Address of the gRPC service; port 0: any free one; none: no gRPC")
      ->envname("TOWLD_LISTEN")
      ->type_name("HOST:PORT");
  app.add_option("--http", flags.http, "Address of the HTTP service; port 0: any free one; none: no HTTP")
      ->envname("TOWLD_HTTP")
      ->type_name("HOST:PORT");
  app.add_option("--durability", flags.durability,
                 "Of acknowledgements whose producer does not say: " + list_of(kDurabilities))
      ->envname("TOWLD_DURABILITY")
      ->type_name("LEVEL");
  app.add_option("--log-level", flags.log_level, list_of(kLogLevels))->envname("TOWLD_LOG_LEVEL")->type_name("LEVEL");
  app.add_option("--log-format", flags.log_format, list_of(kLogStyles))
      ->envname("TOWLD_LOG_FORMAT")
      ->type_name("FORMAT");
  app.add_flag("--insecure", flags.insecure,
               "Allow addresses that other machines can reach without TLS and tokens; each is logged")
      ->envname("TOWLD_INSECURE");
  app.add_flag("--check-config", options.check_config, "Check the configuration and exit: 0 good, 2 bad");
  app.add_flag("--print-config", options.print_config, "Print the configuration in effect and exit");
  CLI::App* test =
      app.add_subcommand("test", "Run cases against the configuration's parsers: 0 all are good, 1 some are not");
  test->add_option("CASES", options.cases_file, "YAML: cases: [{ name, input, lines, expect: [{ FIELD: value }] }]")
      ->required()
      ->type_name("FILE");
  test->footer(R"(Example:
  cases:
    - name: a refused login
      input: auth
      lines: "Jan 17 14:30:00 web-1 sshd[17]: Failed password for root"
      expect: [{ SYSLOG_IDENTIFIER: sshd, MESSAGE: Failed password for root }]

An entry must have the fields that are expected of it, `sender` and `time` among them; null: it
must not have the field; `exact: true`: it must have no others.)");
  CLI::App* tried = app.add_subcommand("try", "Show what an input's parsers do to each line of standard input");
  tried->add_option("INPUT", options.tried, "Its name in the configuration")->required()->type_name("NAME");
  tried->footer("Example:\n  towld --config /etc/towl/towld.yaml try nginx < /var/log/nginx/access.log");
  for (CLI::App* command : {test, tried}) command->fallthrough();
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", "towld " + std::string(towl::kVersion));
  app.footer(kProgramFooter);
}

int complain(const std::string& message) {
  std::fprintf(stderr, "towld: %s\n", message.c_str());
  return 2;
}

template <class T, std::size_t N>
towl::Result<void> choose(const char* flag, const std::string& value, const Names<T, N>& names, T& target) {
  if (value.empty()) return {};
  if (const auto known = value_of(names, value)) {
    target = *known;
    return {};
  }
  return towl::fail(towl::ErrorCode::invalid_argument,
                    std::string(flag) + ": \"" + value + "\" is not one of " + list_of(names));
}

}  // namespace

Parsed parse_options(int argc, const char* const* argv) {
  // CLI11 would take the next argument for the value of `--store=`; and an empty value is a script's mistake.
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.empty() || (argument.starts_with("--") && argument.ends_with('='))) {
      return {std::nullopt, complain("\"" + std::string(argument) + "\": a value is missing; see towld --help")};
    }
  }
  Flags flags;
  Options options;
  CLI::App app("towld: a collector that keeps log entries in towl files", "towld");
  declare(app, flags, options);
  try {  // CLI11 reports by exception; it ends here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return {std::nullopt, app.exit(success)};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, complain(std::string(error.what()) + "; see towld --help")};
  }
  auto config = config_of(flags);
  if (!config) return {std::nullopt, complain(config.error().to_string())};
  options.config = std::move(*config);
  options.flags = std::move(flags);
  return {std::move(options), 0};
}

towl::Result<Config> config_of(const Flags& flags) {
  Config config;
  if (!flags.config_file.empty()) {
    auto read = read_config(flags.config_file, all_part_types());
    if (!read) return read;
    config = std::move(*read);
  }
  if (!flags.store.empty()) config.store.path = flags.store;
  if (!flags.listen.empty()) config.listen.grpc = flags.listen;
  if (!flags.http.empty()) config.listen.http = flags.http;
  if (flags.insecure) config.insecure = true;
  with_default_addresses(config);
  if (config.inputs.empty() && config.listen.http != kNoAddress) {
    config.inputs.push_back({.name = "http", .type = "http", .source_text = {"{ type: http }"}});
  }
  auto chosen = choose("--durability", flags.durability, kDurabilities, config.store.durability);
  if (chosen) chosen = choose("--log-level", flags.log_level, kLogLevels, config.log.level);
  if (chosen) chosen = choose("--log-format", flags.log_format, kLogStyles, config.log.format);
  if (!chosen) return towl::fail(std::move(chosen.error()));
  return config;
}

}  // namespace towld
