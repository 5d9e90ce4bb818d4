// Output is one more place that the store's entries go to: it follows the store from a position of its own.
#pragma once

#include "outputs/output_status.hpp"

namespace towld {

class Output {
 public:
  virtual ~Output() = default;

  /// Ends; returns once it touches the store no more. Called once, before the ingest stops.
  virtual void stop() = 0;

  /// It is stopped and will not come back: lets go of what the store keeps for it.
  virtual void retire() {}

  /// What the output does now. Any thread. The caller sets `type`.
  virtual OutputStatus status() const = 0;
};

}  // namespace towld
