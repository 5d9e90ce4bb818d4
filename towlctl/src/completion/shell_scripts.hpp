// The scripts that make a shell ask `towlctl __complete` what may come next.
#pragma once

#include <string>
#include <vector>

#include "completion/complete.hpp"

namespace towlctl {

/// "bash", "zsh", "fish".
const std::vector<std::string>& completion_shells();

/// The script of one of these.
const char* completion_script(const std::string& shell);

/// What `towlctl __complete` prints: a line per candidate, with TAB and its help; then ":files", ":folders" or ":none".
std::string to_lines(const Completion& completion);

}  // namespace towlctl
