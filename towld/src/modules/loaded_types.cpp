#include "modules/loaded_types.hpp"

#include "config/part_type.hpp"
#include "modules/module_rows.hpp"
#include "towl/modules/load_module.hpp"

namespace towld {
namespace {

towl::Result<ModuleRows> load_rows(const LoadedType& type) {
  const auto tell = towl::modules::load_function<TellModuleRows>(
      {.file = std::string(type.file), .what = std::string(type.what), .needs = std::string(type.needs)},
      kModuleRowsSymbol);
  if (!tell) return tl::unexpected(tell.error());
  ModuleRows rows;
  (*tell)(rows);
  return rows;
}

template <class Row>
towl::Result<const Row*> row_of(const LoadedType& type, std::span<const Row* const> rows) {
  const Row* row = find_type(rows, type.name);
  if (row != nullptr) return row;
  return towl::fail(towl::ErrorCode::not_found, std::string(type.file) + " has no type " + std::string(type.name));
}

}  // namespace

towl::Result<const InputType*> load_input(const LoadedType& type) {
  const auto rows = load_rows(type);
  return rows ? row_of(type, rows->inputs) : tl::unexpected(rows.error());
}

towl::Result<const OutputType*> load_output(const LoadedType& type) {
  const auto rows = load_rows(type);
  return rows ? row_of(type, rows->outputs) : tl::unexpected(rows.error());
}

}  // namespace towld
