// Input is where entries come from. An input reads its sources, hands batches to Ingest and stops when it is told to.
#pragma once

#include "inputs/input_status.hpp"
#include "towl/result.hpp"

namespace towld {

class Input {
 public:
  virtual ~Input() = default;

  /// Reads nothing more and submits what it has in hand; returns once it never will again. Called once, before the
  /// destructor; batches that it submitted may still be answered until Ingest::stop() has returned, so what their
  /// `done` touches must be held by `done` itself.
  virtual void stop() = 0;

  /// Reads again what the configuration names and does not hold: certificates. If that fails, what is in use stays.
  virtual towl::Result<void> reload() { return {}; }

  /// What the input does now: its sources, their positions, why one is not read. Any thread. The caller sets `type`.
  virtual InputStatus status() const { return {}; }
};

}  // namespace towld
