// part_facts gathers what Stats tells of inputs and outputs.
#pragma once

#include "app/inputs.hpp"
#include "app/outputs.hpp"
#include "rpc/part_facts.hpp"

namespace towld {

/// `describe`: with descriptions, which take longer. Any thread.
PartFacts part_facts(const Inputs& inputs, const Outputs& outputs, bool describe);

}  // namespace towld
