// PartFacts is what a caller is told of the inputs and outputs: values alone, so that they need not know gRPC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ingest/input_counters.hpp"

namespace towld {

struct InputFacts {
  std::string name;
  std::shared_ptr<const InputCounters> counters;
  std::string description = {};  ///< A JSON object; empty if nobody asked, or the input is gone.
};

struct OutputFacts {
  std::string name;
  std::string description = {};  ///< A JSON object.
};

struct PartFacts {
  std::vector<InputFacts> inputs = {};
  std::vector<OutputFacts> outputs = {};
};

}  // namespace towld
