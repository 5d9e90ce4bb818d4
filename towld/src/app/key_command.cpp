#include "app/key_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "access/signing_key.hpp"

namespace towld {
namespace {

constexpr const char* kKeyFooter = R"(Example:
  towld key create /etc/towl/sign.key
prints the public key, and writes it to /etc/towl/sign.key.pub, too. In towld.yaml:
  store:
    sign: {key: /etc/towl/sign.key, every: 10m}
Give the public key to those who mirror this collector, by a way that the collector cannot change:
  towlctl sync --key sign.key.pub
  towlctl verify --key sign.key.pub

With the private key one can sign entries that never were: let only the collector's user read it, and keep it out of
backups of the store.)";

}  // namespace

int run_key_command(int argc, const char* const* argv) {
  std::string file;
  CLI::App app("towld key: the key that a collector signs its files with", "towld key");
  app.require_subcommand(1);
  app.footer(kKeyFooter);
  CLI::App* creates = app.add_subcommand("create", "Make a key: FILE is private, FILE.pub is for everybody");
  creates->add_option("FILE", file, "Where the private key goes; there must be nothing")->required();
  try {  // CLI11 reports by exception; it ends here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "towld: %s; see towld key --help\n", error.what());
    return 2;
  }
  const auto key = create_signing_key(file);
  if (!key) {
    std::fprintf(stderr, "towld: %s\n", key.error().to_string().c_str());
    return 2;
  }
  std::fputs(key->c_str(), stdout);
  std::fprintf(stderr, "towld: made the key %s; the public one is %s.pub\n", file.c_str(), file.c_str());
  return 0;
}

}  // namespace towld
