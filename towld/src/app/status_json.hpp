// What inputs and outputs say about themselves, as JSON for Stats.
#pragma once

#include <string>

#include "inputs/input_status.hpp"
#include "outputs/output_status.hpp"

namespace towld {

/// {"type":…, …}: what the input has nothing to say of is left out. Bytes that are not UTF-8 are replaced.
std::string to_json(const InputStatus& status);
std::string to_json(const OutputStatus& status);

}  // namespace towld
