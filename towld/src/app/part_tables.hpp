// The tables of inputs and outputs: each is a folder, and a row here.
#pragma once

#include <span>

#include "config/part_type.hpp"
#include "inputs/input_type.hpp"
#include "outputs/output_type.hpp"

namespace towld {

/// In the order in which they are listed to users.
std::span<const InputType* const> input_types();
std::span<const OutputType* const> output_types();

/// All that a configuration may name: these, and the parsers.
const PartTypes& all_part_types();

}  // namespace towld
