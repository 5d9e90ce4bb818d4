#include "completion/complete.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace towlctl {
namespace {

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

const auto kAll = [](const CLI::App*) { return true; };

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands(kAll)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

/// An option of `command`, or one before all commands. nullptr: none.
const CLI::Option* find_option(const CLI::App& app, const CLI::App& command, const std::string& name) {
  const CLI::Option* option = command.get_option_no_throw(name);
  return option != nullptr || &app == &command ? option : app.get_option_no_throw(name);
}

/// The words before the one to be completed, understood.
struct Line {
  const CLI::App* command = nullptr;
  const CLI::Option* wants_value = nullptr;  ///< The last word was this option.
  std::size_t operands = 0;
  bool options_ended = false;
  std::string store = {};
};

/// "-n" of "-in", if the last letter is an option with a value; "-n" in "-n5" has it already.
const CLI::Option* open_short_option(const CLI::App& app, const CLI::App& command, const std::string& word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const CLI::Option* option = find_option(app, command, std::string("-") + word[i]);
    if (option == nullptr) return nullptr;
    if (takes_value(*option)) return i + 1 == word.size() ? option : nullptr;
  }
  return nullptr;
}

void take_value(Line& line, const CLI::Option& option, const std::string& value) {
  if (option.check_lname("store")) line.store = value;
}

void take_option(const CLI::App& app, Line& line, const std::string& word) {
  const auto equals = word.find('=');
  if (!word.starts_with("--")) {
    line.wants_value = open_short_option(app, *line.command, word);
    return;
  }
  const CLI::Option* option = find_option(app, *line.command, word.substr(0, equals));
  if (option == nullptr || !takes_value(*option)) return;
  if (equals == std::string::npos) {
    line.wants_value = option;
  } else {
    take_value(line, *option, word.substr(equals + 1));
  }
}

void take_word(const CLI::App& app, Line& line, const std::string& word) {
  if (line.wants_value != nullptr) {
    if (word == "=") return;  // bash takes "--store=x" for three words.
    take_value(line, *line.wants_value, word);
    line.wants_value = nullptr;
  } else if (!line.options_ended && word == "--") {
    line.options_ended = true;
  } else if (!line.options_ended && word.size() > 1 && word.starts_with('-')) {
    take_option(app, line, word);
  } else if (const CLI::App* command = line.operands == 0 ? find_command(*line.command, word) : nullptr;
             command != nullptr) {
    line.command = command;
  } else if (!(line.command == &app && word == "help")) {
    ++line.operands;
  }
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Candidates {
 public:
  explicit Candidates(std::string_view word) : word_(word) {}

  void add(std::string text, const std::string& help) {
    if (!text.starts_with(word_)) return;
    const auto same = [&](const Candidate& known) { return known.text == text; };  // --help is every command's.
    if (std::none_of(all_.begin(), all_.end(), same)) all_.push_back({std::move(text), first_line(help)});
  }
  void add(const std::vector<Candidate>& candidates) {
    for (const Candidate& candidate : candidates) add(candidate.text, candidate.help);
  }
  std::vector<Candidate> take() { return std::move(all_); }

 private:
  std::string_view word_;
  std::vector<Candidate> all_;
};

void add_options_of(const CLI::App& command, Candidates& to) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) to.add("--" + name, option->get_description());
    if (!option->get_lnames().empty()) continue;
    for (const std::string& name : option->get_snames()) to.add("-" + name, option->get_description());
  }
}

void add_commands_of(const CLI::App& command, Candidates& to) {
  for (const CLI::App* one : command.get_subcommands(kAll)) {
    to.add(one->get_name(), one->get_description());
  }
}

Completion::Paths paths_of(std::string_view value) {
  if (value.find("DIR") != std::string_view::npos) return Completion::Paths::folders;
  const bool files = value.find("FILE") != std::string_view::npos || value.find("PATH") != std::string_view::npos;
  return files ? Completion::Paths::files : Completion::Paths::none;
}

/// Values of `option`, each with `before` before it.
Completion values_of(const CLI::Option& option, const std::string& before, const std::string& word, const Line& line,
                     const CompletionSources& sources) {
  Candidates found(word);
  std::istringstream choices(option.get_type_name());  // As add_choice() left them.
  for (std::string choice; std::getline(choices, choice, '|');) found.add(choice, "");
  if (option.get_option_text() == "ID") found.add(sources.file_ids(line.store));
  Completion completion{.candidates = found.take(), .paths = paths_of(option.get_option_text())};
  for (Candidate& candidate : completion.candidates) candidate.text.insert(0, before);
  return completion;
}

Completion operands_of(const Line& line, const std::string& word, const CompletionSources& sources) {
  Candidates found(word);
  Completion completion;
  for (const CLI::Option* option : line.command->get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name(true) + " " + option->get_option_text();
    // The first word of grep is a pattern, if no option gave one.
    const bool is_pattern = name.starts_with("PATTERN") && line.operands == 0;
    if (is_pattern) continue;
    if (name.starts_with("CONTEXT")) found.add(sources.contexts());
    const std::string& help = option->get_description();
    if (help.find("File ID") != std::string::npos || help.find("file ID") != std::string::npos) {
      found.add(sources.file_ids(line.store));
    }
    completion.paths = paths_of(name);
  }
  completion.candidates = found.take();
  return completion;
}

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words, const CompletionSources& sources) {
  Line line{.command = &app};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) take_word(app, line, words[i]);
  std::string word = words.empty() ? std::string() : words.back();
  if (line.wants_value != nullptr) return values_of(*line.wants_value, "", word == "=" ? "" : word, line, sources);
  if (!line.options_ended && word.starts_with('-')) {
    if (const auto equals = word.find('='); equals != std::string::npos) {
      const CLI::Option* option = find_option(app, *line.command, word.substr(0, equals));
      if (option == nullptr) return {};
      return values_of(*option, word.substr(0, equals + 1), word.substr(equals + 1), line, sources);
    }
    Candidates found(word);
    add_options_of(*line.command, found);
    if (line.command != &app) add_options_of(app, found);
    return {.candidates = found.take()};
  }
  Candidates found(word);
  if (!line.options_ended && line.operands == 0) add_commands_of(*line.command, found);
  Completion completion = operands_of(line, word, sources);
  auto commands = found.take();
  completion.candidates.insert(completion.candidates.begin(), commands.begin(), commands.end());
  return completion;
}

}  // namespace towlctl
