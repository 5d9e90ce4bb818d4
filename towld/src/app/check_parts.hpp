// check_parts finds what cannot work about inputs and outputs together, before anything is started: what a start
// refuses, a check refuses.
#pragma once

#include "config/config.hpp"
#include "towl/result.hpp"

namespace towld {

/// Errors: invalid_argument, with FILE:LINE of parts: an address that is not one; an input that needs HTTP if there is
/// none; two inputs for one path of it, or for one address or journal; two outputs that are the same, or write to the
/// same place.
towl::Result<void> check_parts(const Config& config);

}  // namespace towld
