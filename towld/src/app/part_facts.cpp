#include "app/part_facts.hpp"

namespace towld {

PartFacts part_facts(const Inputs& inputs, const Outputs& outputs, bool describe) {
  PartFacts facts;
  for (const auto& [name, counters] : inputs.counters()) facts.inputs.push_back({name, counters});
  if (!describe) return facts;
  for (const auto& [name, description] : inputs.describe()) {
    for (InputFacts& input : facts.inputs) {
      if (input.name == name) input.description = description;
    }
  }
  for (const auto& [name, description] : outputs.describe()) facts.outputs.push_back({name, description});
  return facts;
}

}  // namespace towld
