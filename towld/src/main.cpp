// towld: the collector. Everything is in app/.
#include <string_view>

#include "app/collector.hpp"
#include "app/init_command.hpp"
#include "app/key_command.hpp"
#include "app/options.hpp"
#include "app/token_command.hpp"
#include "outputs/parquet/parquet_child.hpp"

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "token") return towld::run_token_command(argc - 1, argv + 1);
  if (command == "key") return towld::run_key_command(argc - 1, argv + 1);
  if (command == "init") return towld::run_init_command(argc - 1, argv + 1);
  if (command == towld::kWriteParquet) return towld::run_write_parquet();
  const towld::Parsed parsed = towld::parse_options(argc, argv);
  return parsed.options ? towld::run_collector(*parsed.options) : parsed.exit_code;
}
