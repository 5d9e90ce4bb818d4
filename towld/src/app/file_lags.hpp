// file_lags takes from the inputs' descriptions how far each collected file is behind.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "metrics/metric_sources.hpp"

namespace towld {

/// `descriptions` are names and JSON objects, as Inputs::describe() gives them.
std::vector<FileLag> file_lags(const std::vector<std::pair<std::string, std::string>>& descriptions);

}  // namespace towld
