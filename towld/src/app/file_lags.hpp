// file_lags takes from the inputs' status how far each collected file is behind.
#pragma once

#include "app/inputs.hpp"
#include "metrics/metric_sources.hpp"

namespace towld {

std::vector<FileLag> file_lags(const std::vector<std::pair<std::string, InputStatus>>& inputs);

}  // namespace towld
