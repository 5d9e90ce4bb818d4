#include "app/part_facts.hpp"

#include "app/status_json.hpp"

namespace towld {

PartFacts part_facts(const Inputs& inputs, const Outputs& outputs, bool describe) {
  PartFacts facts;
  for (const auto& [name, counters] : inputs.counters()) facts.inputs.push_back({name, counters});
  if (!describe) return facts;
  for (const auto& [name, status] : inputs.status()) {
    for (InputFacts& input : facts.inputs) {
      if (input.name == name) input.description = to_json(status);
    }
  }
  for (const auto& [name, status] : outputs.status()) facts.outputs.push_back({name, to_json(status)});
  return facts;
}

}  // namespace towld
