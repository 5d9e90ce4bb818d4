#include "sql/sql_prompt.hpp"

#include <editline/readline.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr int kKeptLines = 2000;

struct Free {
  void operator()(char* line) const { std::free(line); }
};

fs::path history_file() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return fs::path(state) / "towl/sql_history";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? fs::path() : fs::path(home) / ".local/state/towl/sql_history";
}

bool ends_statement(const std::string& text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last != std::string::npos && text[last] == ';';
}

/// Ctrl-C at the prompt does nothing: it is for a running query.
class IgnoreInterrupt {
 public:
  IgnoreInterrupt() : before_(signal(SIGINT, SIG_IGN)) {}
  IgnoreInterrupt(const IgnoreInterrupt&) = delete;
  IgnoreInterrupt& operator=(const IgnoreInterrupt&) = delete;
  ~IgnoreInterrupt() { signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

}  // namespace

void ask_for_statements(const std::function<void(const std::string&)>& run) {
  const fs::path file = history_file();
  using_history();
  stifle_history(kKeptLines);
  if (!file.empty()) (void)read_history(file.c_str());
  std::string statement;
  for (;;) {
    std::unique_ptr<char, Free> line;
    {
      const IgnoreInterrupt ignore;
      line.reset(readline(statement.empty() ? "towl> " : " ...> "));
    }
    if (line == nullptr) break;
    std::string text = line.get();
    if (statement.empty() && text.find_first_not_of(" \t;") == std::string::npos) continue;
    if (text == ".quit" || text == ".exit") break;
    if (text == ".cancel") {
      statement.clear();
      continue;
    }
    const bool is_command = statement.empty() && text.starts_with('.');
    statement += (statement.empty() ? "" : "\n") + text;
    if (!is_command && !ends_statement(statement)) continue;
    add_history(statement.c_str());
    run(statement);
    statement.clear();
  }
  std::error_code ignored;
  if (!file.empty()) {
    fs::create_directories(file.parent_path(), ignored);
    (void)write_history(file.c_str());
  }
}

}  // namespace towlctl
