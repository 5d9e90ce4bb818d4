// What a module of towld shows: its rows of the tables of inputs and outputs. A module shares the program's code: it has
// only its own rooms, and finds all else in the program that loads it.
#pragma once

#include <span>

namespace towld {

struct InputType;
struct OutputType;

struct ModuleRows {
  std::span<const InputType* const> inputs = {};
  std::span<const OutputType* const> outputs = {};
};

/// The name of a TellModuleRows in each module: its result is an argument, for C linkage cannot return it.
inline constexpr const char* kModuleRowsSymbol = "towld_module_rows";
using TellModuleRows = void (*)(ModuleRows& rows);

}  // namespace towld
