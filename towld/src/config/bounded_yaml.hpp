// A YAML document can be endless, if an alias is part of what it stands for. A short one can be larger than all memory,
// by aliases of aliases. Code that walks one asks here first.
//
// Any thread.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace towld {

/// The line, from 1, on which a second document begins. YAML::LoadAll() is of no use for that: of some texts it makes
/// documents without end. Throws YAML::Exception for what is no YAML, and for more than kMaxConfigValues values.
std::optional<int> second_document(const std::string& yaml);

/// Whether the document, aliases written out, has no more than kMaxConfigValues, and is no deeper than kMaxConfigDepth.
bool is_bounded(const YAML::Node& document);

}  // namespace towld
