// make_input starts one input as its configuration says.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/input_type.hpp"

namespace towld {

/// Whether the input can be started as it is configured, as far as this can be told without starting it.
/// Errors: invalid_argument; those of make_parsers().
towl::Result<void> check_input(const InputConfig& input, const Config& config);

/// What its sources share. Errors: those of check_input().
towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log);

/// Starts it. Errors name the input.
towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const InputServices& services,
                                                InputContext context);

}  // namespace towld
