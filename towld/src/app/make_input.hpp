// make_input starts one input as its configuration says.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"

namespace towld {

/// What its sources share. Errors: invalid_argument for parsers that cannot be.
towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log);

/// Starts it. Errors name the input.
towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const Config& config, InputContext context);

}  // namespace towld
