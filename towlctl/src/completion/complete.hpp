// complete() says what may come next on a command line, from the commands and options that CLI11 knows: so the shells'
// completions never differ from the help. The shells' scripts (shell_scripts.hpp) ask `towlctl __complete`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace towlctl {

struct Candidate {
  std::string text;
  std::string help = {};  ///< One line; may be empty.
};

struct Completion {
  std::vector<Candidate> candidates = {};
  enum class Paths { none, files, folders } paths = Paths::none;  ///< The shell adds these itself.
};

/// What only the user's machine knows. These functions may be slow: each is called only if it is needed.
struct CompletionSources {
  std::function<std::vector<Candidate>(const std::string& store)> file_ids;  ///< `store`: that of --store, or "".
  std::function<std::vector<Candidate>()> contexts;
};

/// `words`: those after the program's name, up to and including the one to complete, which may be empty.
/// Candidates begin with that word; hidden options are not among them. Throws nothing for any words.
Completion complete(const CLI::App& app, const std::vector<std::string>& words, const CompletionSources& sources);

}  // namespace towlctl
