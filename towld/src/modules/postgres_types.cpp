// The row of type `postgres`, whose module is postgres_module.cpp.
#include "modules/loaded_types.hpp"

namespace towld {
namespace {

constexpr LoadedType kPostgres = {"postgres", "libtowld_postgres.so", "speaks to PostgreSQL", "libpq-dev"};

}  // namespace

extern const OutputType kPostgresOutput = loaded_output<kPostgres>();

}  // namespace towld
