#include "app/tell_parts.hpp"

namespace towld {

void tell_parts(const Inputs& inputs, const Outputs& outputs, bool describe, towl::v1::StatsResponse& response) {
  for (const auto& [name, counters] : inputs.counters()) {
    towl::v1::InputStats& stats = *response.add_inputs();
    stats.set_name(name);
    stats.set_received(counters->received);
    stats.set_stored(counters->stored);
    stats.set_rejected(counters->rejected);
    stats.set_dropped(counters->dropped);
    stats.set_filtered(counters->filtered);
    stats.set_below_level(counters->below_level);
    stats.set_overflowed(counters->overflowed);
    stats.set_lost_in_source(counters->lost_in_source);
    stats.set_parse_failures(counters->parse_failures);
    stats.set_cut(counters->cut);
    stats.set_bytes(counters->bytes);
  }
  if (!describe) return;
  for (const auto& [name, description] : inputs.describe()) {
    for (towl::v1::InputStats& stats : *response.mutable_inputs()) {
      if (stats.name() == name) stats.set_description(description);
    }
  }
  for (const auto& [name, description] : outputs.describe()) {
    towl::v1::OutputStats& stats = *response.add_outputs();
    stats.set_name(name);
    stats.set_description(description);
  }
}

}  // namespace towld
