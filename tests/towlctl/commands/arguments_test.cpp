// Every option and argument of every command reaches the command as it was written, no matter what it looks like.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "commands/commands.hpp"

namespace towlctl {
namespace {

const std::vector<std::string> kArguments = {"[error]", "[a,b]", "[]",    "[a",    "a]",      "a,b",    "\"x\"", "'x'",
                                             "`x`",     "",      "%x",    "%%",    "{}",      "{a}",    "++",    "+",
                                             " ",       "\x01x", "a\x01", "\x01g", "=",       "a=b",    "~",     "#x",
                                             "010",     "-x",    "--x",   "--x=",  "--x=[1]", "-e\x01", "--",    "-",
                                             "sync",    "grep",  "@x",    "é",     "1,2",     "x\ny",   ";",     "\\"};

towl::Result<std::unique_ptr<Collector>> no_collector(const std::string&) {
  return towl::fail(towl::ErrorCode::io, "not in this test");
}

/// A parser with every command; none of them does anything.
class Commands {
 public:
  Commands() {
    add_all(app, session, no_collector, [](const UiOptions&) { return towl::Result<int>(0); });
    app.require_subcommand(1);
    app.fallthrough();
    // Once all is parsed, and before a command does anything. Its own callback stays: it owns what options write to.
    app.parse_complete_callback([] { throw CLI::Success(); });
    for (CLI::App* command : app.get_subcommands({})) {
      for (CLI::Option* option : command->get_options()) {
        option->required(false);
        for (CLI::Option* other : std::set<CLI::Option*>(option->get_needs())) option->remove_needs(other);
      }
    }
  }

  CLI::App app{"", "towlctl"};
  Session session;
};

struct Place {
  std::string command;
  std::string option;  ///< "" for the positional argument.
};
void PrintTo(const Place& place, std::ostream* to) { *to << place.command << " " << place.option; }

/// All options with a value, by each of their names, and all positional arguments.
std::vector<Place> places() {
  std::vector<Place> places;
  Commands commands;
  for (const CLI::App* command : commands.app.get_subcommands({})) {
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_items_expected_max() == 0) continue;
      if (option->get_positional()) places.push_back({command->get_name(), ""});
      for (const std::string& name : option->get_lnames()) places.push_back({command->get_name(), "--" + name});
      for (const std::string& name : option->get_snames()) places.push_back({command->get_name(), "-" + name});
    }
  }
  return places;
}

class Arguments : public testing::TestWithParam<Place> {
 protected:
  /// Parses, and checks what the option got: the argument, or an error that names it.
  void expect_kept(std::vector<std::string> line, const std::string& argument) {
    SCOPED_TRACE(testing::PrintToString(line));
    Commands commands;
    CLI::App& command = *commands.app.get_subcommand(GetParam().command);
    line.insert(line.begin(), GetParam().command);
    try {
      parse(commands.app, line);
    } catch (const CLI::ValidationError& error) {
      EXPECT_NE(describe(error).find("\"" + shown(argument) + "\""), std::string::npos) << describe(error);
      return;
    } catch (const CLI::Success&) {
    } catch (const CLI::ParseError& error) {
      FAIL() << describe(error);
    }
    std::vector<std::string> got;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& result : option->results()) got.push_back(taken(result));
    }
    EXPECT_EQ(got, std::vector<std::string>{argument});
  }

  /// Errors are one line, without control characters.
  static std::string shown(std::string text) {
    for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return text;
  }
};

TEST_P(Arguments, AreNotRewritten) {
  for (const std::string& argument : kArguments) {
    if (GetParam().option.empty()) {
      expect_kept({"--", argument}, argument);
      if (!argument.starts_with('-') || argument == "-") expect_kept({argument}, argument);
    } else {
      expect_kept({GetParam().option, argument}, argument);
      const bool is_long = GetParam().option.starts_with("--");
      if (is_long) expect_kept({GetParam().option + "=" + argument}, argument);
      if (!is_long && !argument.empty()) expect_kept({GetParam().option + argument}, argument);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryCommand, Arguments, testing::ValuesIn(places()),
                         [](const testing::TestParamInfo<Place>& made) {
                           std::string name = std::to_string(made.index) + "_" + made.param.command + "_";
                           for (const char c : made.param.option) name += c == '-' ? '_' : c;
                           return name;
                         });

TEST(ArgumentPlaces, AreFoundInEveryCommand) { EXPECT_GT(places().size(), 60U); }

// A list takes every argument, in its order.
TEST(ArgumentLists, StayApartAndInOrder) {
  Commands commands;
  EXPECT_THROW(parse(commands.app, {"grep", "[a,b]", "{}", "++", "--", "-x", "--", "[]"}), CLI::Success);
  std::vector<std::string> got;
  for (const CLI::Option* option : commands.app.get_subcommand("grep")->get_options()) {
    for (const std::string& result : option->results()) got.push_back(taken(result));
  }
  EXPECT_EQ(got, (std::vector<std::string>{"[a,b]", "{}", "++", "-x", "--", "[]"}));
}

}  // namespace
}  // namespace towlctl
