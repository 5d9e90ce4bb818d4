// A YAML document can be endless, by an alias within what it stands for, and a short one can be large beyond all memory, by
// aliases of aliases. Whoever walks one asks first.
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
