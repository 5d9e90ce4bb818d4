// tell_parts fills in what Stats tells of inputs and outputs.
#pragma once

#include "app/inputs.hpp"
#include "app/outputs.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

void tell_parts(const Inputs& inputs, const Outputs& outputs, bool describe, towl::v1::StatsResponse& response);

}  // namespace towld
