#include "arguments/options.hpp"

#include <algorithm>
#include <charconv>

namespace towlctl {
namespace {

// The mark is two bytes that mean nothing. If an argument contains the first of them, it is written twice.
constexpr char kEscape = '\x01';
constexpr std::string_view kMark = "\x01g";

/// What CLI11 takes as it is: it begins like a word, an option, a path or a number.
bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  const char first = text.front();
  return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9') ||
         first == '-' || first == '/' || first == '.' || first == '_';
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char byte : text) out.append(byte == kEscape ? 2 : 1, byte);
  return out;
}

std::string guard(std::string_view argument) {
  std::string guarded = escaped(argument);
  if (!is_plain(argument)) return std::string(kMark) + guarded;
  const auto equals = guarded.find('=');
  // With nothing after it CLI11 would take the next argument as the value.
  const bool is_option = guarded.starts_with("--") && equals != std::string::npos;
  if (is_option && !is_plain(std::string_view(guarded).substr(equals + 1))) guarded.insert(equals + 1, kMark);
  return guarded;
}

/// "--lines" of "-n,--lines" or "--lines,-n": the longest name.
std::string long_name(const std::string& names) {
  const auto begin = names.starts_with('-') ? std::min(names.find("--"), names.size()) : 0;
  if (begin == names.size()) return names.substr(0, names.find(','));
  return names.substr(begin, names.find(',', begin) - begin);
}

[[noreturn]] void refuse(const std::string& names, const std::string& why) {
  throw CLI::ValidationError(long_name(names), why);
}

/// For an error, whose text describe() takes the marks out of.
std::string in_quotes(const std::string& given) { return "\"" + escaped(given) + "\""; }

std::string checked_word(const std::string& names, std::string given, const std::string& value) {
  if (given.empty()) refuse(names, in_quotes(given) + " is no " + (value.empty() ? names : value));
  return given;
}

/// An option is repeated for each value, so that it takes no argument that is not its own.
void accept_many(CLI::Option& option, const std::string& names) {
  option.expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(!names.starts_with('-'));
}

std::uint64_t read_number(const std::string& names, const std::string& given, NumberRange range) {
  std::uint64_t number = 0;
  const char* end = given.data() + given.size();
  const auto [at, error] = std::from_chars(given.data(), end, number);
  if (error != std::errc() || at != end) refuse(names, in_quotes(given) + " is not a whole number");
  if (number < range.least || number > range.most) {
    refuse(names,
           in_quotes(given) + " is not between " + std::to_string(range.least) + " and " + std::to_string(range.most));
  }
  return number;
}

}  // namespace

void parse(CLI::App& app, std::vector<std::string> arguments) {
  // After an operand "--" cannot be an option's value: what follows are operands. Marks say so, because CLI11 forgets
  // it once a command has all that it needs.
  const auto ends_options = [](const std::string& before, const std::string& argument) {
    return argument == "--" && !before.starts_with('-');
  };
  auto end = std::adjacent_find(arguments.begin(), arguments.end(), ends_options);
  if (end != arguments.end()) ++end;
  std::for_each(arguments.begin(), end, [](std::string& argument) { argument = guard(argument); });
  std::for_each(end, arguments.end(), [](std::string& argument) { argument = std::string(kMark) + escaped(argument); });
  if (end != arguments.end()) arguments.erase(end);
  std::reverse(arguments.begin(), arguments.end());  // As CLI11 wants them.
  app.parse(arguments);
}

std::string taken(std::string_view result) {
  std::string text;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] != kEscape) {
      text += result[i];
    } else if (++i < result.size() && result[i] == kEscape) {
      text += kEscape;
    }
  }
  return text;
}

std::string describe(const CLI::ParseError& error) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    // "--lines: 1 required N missing", "--lines: At Most 1 required but received 2".
    const bool missing = what.ends_with("missing");
    what = what.substr(0, what.find(':')) + (missing ? " needs a value" : " is given more than once");
  }
  std::string line;
  for (const char byte : taken(what)) {
    const auto value = static_cast<unsigned char>(byte);
    line += value < 0x20 || value == 0x7F ? '?' : byte;
  }
  return line;
}

CLI::Option* add_values(CLI::App& command, const std::string& names, std::function<void(std::string)> take,
                        const std::string& value, const std::string& help) {
  const auto take_all = [take = std::move(take)](const CLI::results_t& results) {
    for (const std::string& result : results) take(taken(result));
    return true;
  };
  CLI::Option* option = command.add_option(names, take_all, help);
  option->option_text(value);
  return option;
}

void add_habit(CLI::App& command, const std::string& names, const std::string& why) {
  command
      .add_flag_callback(
          names, [] {}, why)
      ->group("");
}

CLI::Option* add_text(CLI::App& command, const std::string& names, std::string& into, const std::string& value,
                      const std::string& help) {
  return add_values(
      command, names, [&into](std::string given) { into = std::move(given); }, value, help);
}

CLI::Option* add_text(CLI::App& command, const std::string& names, std::optional<std::string>& into,
                      const std::string& value, const std::string& help) {
  return add_values(
      command, names, [&into](std::string given) { into = std::move(given); }, value, help);
}

CLI::Option* add_word(CLI::App& command, const std::string& names, std::string& into, const std::string& value,
                      const std::string& help) {
  return add_values(
      command, names, [&into, names, value](std::string given) { into = checked_word(names, std::move(given), value); },
      value, help);
}

CLI::Option* add_word(CLI::App& command, const std::string& names, std::optional<std::string>& into,
                      const std::string& value, const std::string& help) {
  return add_values(
      command, names, [&into, names, value](std::string given) { into = checked_word(names, std::move(given), value); },
      value, help);
}

CLI::Option* add_texts(CLI::App& command, const std::string& names, std::vector<std::string>& into,
                       const std::string& value, const std::string& help) {
  CLI::Option* option = add_values(
      command, names, [&into](std::string given) { into.push_back(std::move(given)); }, value, help);
  accept_many(*option, names);
  return option;
}

CLI::Option* add_number(CLI::App& command, const std::string& names, std::uint64_t& into, const std::string& value,
                        const std::string& help, NumberRange range) {
  return add_values(
      command, names, [&into, names, range](const std::string& given) { into = read_number(names, given, range); },
      value, help);
}

CLI::Option* add_number(CLI::App& command, const std::string& names, std::optional<std::uint64_t>& into,
                        const std::string& value, const std::string& help, NumberRange range) {
  return add_values(
      command, names, [&into, names, range](const std::string& given) { into = read_number(names, given, range); },
      value, help);
}

CLI::Option* add_numbers(CLI::App& command, const std::string& names, std::vector<std::uint64_t>& into,
                         const std::string& value, const std::string& help) {
  CLI::Option* option = add_values(
      command, names, [&into, names](const std::string& given) { into.push_back(read_number(names, given, {})); },
      value, help);
  accept_many(*option, names);
  return option;
}

void refuse_choice(const std::string& option, const std::string& given, const std::vector<std::string_view>& names) {
  std::string known;
  for (const std::string_view name : names) known.append(known.empty() ? "" : ", ").append(name);
  refuse(option, in_quotes(given) + " is none of " + known);
}

}  // namespace towlctl
