// make_input starts one input as its configuration says.
#pragma once

#include <functional>
#include <memory>

#include "config/config.hpp"
#include "http/http_slot.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"

namespace towld {

/// What inputs use besides the store.
struct InputParts {
  std::shared_ptr<HttpSlot> ingest_slot = {};  ///< The path that entries are posted to.
  /// Standard input has ended, and all of it is stored. Called on an input's thread.
  std::function<void()> stdin_ended = {};
};

/// Whether the input can be started as it is configured, as far as this can be told without starting it.
/// Errors: invalid_argument; those of make_parsers().
towl::Result<void> check_input(const InputConfig& input, const Config& config);

/// What its sources share. Errors: those of check_input().
towl::Result<InputContext> make_input_context(const InputConfig& input, const Config& config, Ingest& ingest,
                                              std::shared_ptr<spdlog::logger> log);

/// Starts it. Errors name the input.
towl::Result<std::unique_ptr<Input>> make_input(const InputConfig& input, const InputParts& parts,
                                                InputContext context);

}  // namespace towld
