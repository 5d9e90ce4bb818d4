// Output is where entries go besides the store: it follows the store by itself, and never holds up those who write.
#pragma once

#include <string>

namespace towld {

class Output {
 public:
  virtual ~Output() = default;

  /// Writes nothing more; returns once it never will again. Called once, before the destructor.
  virtual void stop() = 0;

  /// A JSON object that tells how far it has come and what is wrong. Any thread.
  virtual std::string describe() const { return "{}"; }
};

}  // namespace towld
