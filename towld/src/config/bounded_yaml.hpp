// A YAML document can be endless, by an alias within what it stands for, and a short one can be large beyond all memory, by
// aliases of aliases. Whoever walks one asks first.
//
// Any thread.
#pragma once

#include <yaml-cpp/yaml.h>

namespace towld {

/// Whether the document, aliases written out, has no more than kMaxConfigValues, and is no deeper than kMaxConfigDepth.
bool is_bounded(const YAML::Node& document);

}  // namespace towld
