// output_figures takes from the outputs' status what /metrics shows of them.
#pragma once

#include "app/outputs.hpp"
#include "metrics/metric_sources.hpp"

namespace towld {

std::vector<OutputFigures> output_figures(const std::vector<std::pair<std::string, OutputStatus>>& outputs);

}  // namespace towld
