// The row of outputs of type `postgres` in a towld that was built without libpq: says how to get it.
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  map.complain("type", "this towld was built without PostgreSQL: install libpq-dev, configure and build it again");
  return {};
}

towl::Result<std::unique_ptr<Output>> start(const Settings&, OutputContext) {
  return towl::fail(towl::ErrorCode::invalid_argument, "built without PostgreSQL");
}

}  // namespace

extern const OutputType kPostgresOutput = {.name = "postgres", .read = read, .start = start};

}  // namespace towld
