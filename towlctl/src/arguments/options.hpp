// Options and arguments whose values reach a command as the user wrote them.
//
// CLI11 interprets values: `[a,b]` becomes two of them, `[x]` loses its brackets, `{}` becomes none, `++` ends the
// command, `--title= x` takes x for the title, `010` is 8. None of that suits logs. So parse() puts a mark before the
// arguments that CLI11 would interpret, and the options declared here remove the mark again. Declare every option that
// has a value with these functions, and no other way; flags are CLI11's own.
//
// `value` is what the help calls the value. An impossible value is a CLI::ValidationError, one line.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace towlctl {

/// Parses a command line, without the program's name. Throws what CLI11 throws.
void parse(CLI::App& app, std::vector<std::string> arguments);

/// A result that CLI11 holds, as the user wrote it.
std::string taken(std::string_view result);

/// What parse() threw, as one line for a person.
std::string describe(const CLI::ParseError& error);

/// Any text; given at most once.
CLI::Option* add_text(CLI::App& command, const std::string& names, std::string& into, const std::string& value,
                      const std::string& help);
CLI::Option* add_text(CLI::App& command, const std::string& names, std::optional<std::string>& into,
                      const std::string& value, const std::string& help);

/// A text that is never empty: a path, a time, a size. `--store "$NAME"` in a script that does not set NAME is an
/// error, not the default.
CLI::Option* add_word(CLI::App& command, const std::string& names, std::string& into, const std::string& value,
                      const std::string& help);
CLI::Option* add_word(CLI::App& command, const std::string& names, std::optional<std::string>& into,
                      const std::string& value, const std::string& help);

/// Any texts: of an option that may be given several times, or, if `names` has no dash, all arguments that are left.
CLI::Option* add_texts(CLI::App& command, const std::string& names, std::vector<std::string>& into,
                       const std::string& value, const std::string& help);

/// The bounds of a number, both included.
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
};

/// A whole number in decimal.
CLI::Option* add_number(CLI::App& command, const std::string& names, std::uint64_t& into, const std::string& value,
                        const std::string& help, NumberRange range = {});
CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<std::uint64_t>& into,
                        const std::string& value, const std::string& help, NumberRange range = {});
CLI::Option* add_numbers(CLI::App& command, const std::string& names, std::vector<std::uint64_t>& into,
                         const std::string& value, const std::string& help);

/// A flag that users of another program type from habit. It asks for what happens anyway. The help does not show it.
void add_habit(CLI::App& command, const std::string& names, const std::string& why);

/// Takes each value of an option as it was written. What it throws as CLI::ValidationError is the user's error.
CLI::Option* add_values(CLI::App& command, const std::string& names, std::function<void(std::string)> take,
                        const std::string& value, const std::string& help);

/// Throws the error of a value that is none of `names`.
[[noreturn]] void refuse_choice(const std::string& option, const std::string& given,
                                const std::vector<std::string_view>& names);

/// One of some names.
template <class T, class Into>
CLI::Option* add_choice(CLI::App& command, const std::string& names, Into& into,
                        const std::map<std::string, T>& choices, const std::string& value, const std::string& help) {
  std::string names_of_all;
  for (const auto& [name, meaning] : choices) names_of_all.append(names_of_all.empty() ? "" : "|").append(name);
  CLI::Option* option = add_values(
      command, names,
      [&into, choices, names](const std::string& given) {
        const auto found = choices.find(given);
        if (found != choices.end()) {
          into = found->second;
          return;
        }
        std::vector<std::string_view> known;
        known.reserve(choices.size());
        for (const auto& [name, meaning] : choices) known.push_back(name);
        refuse_choice(names, given, known);
      },
      value, help);
  // For the completion of command lines; the help shows `value`.
  option->type_name(names_of_all);
  return option;
}

}  // namespace towlctl
