// towld: the collector. Everything is in app/.
#include "app/collector.hpp"
#include "app/options.hpp"

int main(int argc, char** argv) {
  const towld::Parsed parsed = towld::parse_options(argc, argv);
  return parsed.options ? towld::run_collector(*parsed.options) : parsed.exit_code;
}
