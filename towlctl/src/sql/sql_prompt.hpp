// SqlPrompt asks a person for statements: lines up to one that ends with `;`, with a history that is kept.
#pragma once

#include <functional>
#include <string>

namespace towlctl {

/// Asks until the input ends or `.quit`, and calls `run` with each statement or line that begins with a dot; `.cancel`
/// drops a statement that has not ended. Needs a terminal. The history is ~/.local/state/towl/sql_history.
void ask_for_statements(const std::function<void(const std::string&)>& run);

}  // namespace towlctl
