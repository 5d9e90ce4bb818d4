#include "app/try_parsers.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <atomic>
#include <istream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "config/bounded_yaml.hpp"
#include "inputs/file/file_config.hpp"
#include "inputs/file/line_joiner.hpp"
#include "limits/limits.hpp"
#include "parse/join_state.hpp"
#include "parse/make_parsers.hpp"
#include "parse/syslog_message.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/members.hpp"
#include "towl/time.hpp"

namespace towld {
namespace {

using Fields = std::map<std::string, std::string>;

/// All that an entry says, by name; the text as MESSAGE.
Fields fields_of(const Draft& draft) {
  Fields fields;
  for (const Field& field : draft.fields) fields[field.name] = field.value;
  if (!draft.may_lack_message || !draft.text.empty()) fields.emplace(field::kMessage, draft.text);
  if (!draft.sender.empty()) fields["sender"] = draft.sender;
  if (draft.time) fields["time"] = towl::format_rfc3339(*draft.time).view();
  return fields;
}

std::string shown(const std::string& text) {
  std::string json;
  towl::append_json_text(text, json);
  return json;
}

void print_change(const Fields& before, const Fields& after, std::ostream& out) {
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      out << "      + " << name << ": " << shown(value) << "\n";
    } else if (old->second != value) {
      out << "      ~ " << name << ": " << shown(value) << "\n";
    }
  }
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) out << "      - " << name << "\n";
  }
}

/// What each parser does to a line by itself, up to one that joins lines.
void trace_line(const InputConfig& input, const ParserChain& chain, Draft draft, std::ostream& out) {
  for (std::size_t i = 0; i < chain.steps().size(); ++i) {
    const Parser& step = *chain.steps()[i];
    out << "    " << input.parsers[i].type << ": ";
    if (step.join_rule() != nullptr) {
      out << "joins lines; what comes after it is shown with the entries\n";
      return;
    }
    const Fields before = fields_of(draft);
    switch (step.apply(draft)) {
      case Parser::Outcome::failed:
        out << "is not for this\n";
        break;
      case Parser::Outcome::drop:
        out << "drops it\n";
        return;
      case Parser::Outcome::done:
        out << "done\n";
        break;
    }
    print_change(before, fields_of(draft), out);
    if (draft.is_partial) {
      out << "    it waits for the rest of its line\n";
      return;
    }
  }
}

void print_entry(const Draft& draft, std::ostream& out) {
  out << "  => entry\n";
  for (const auto& [name, value] : fields_of(draft)) out << "      " << name << ": " << shown(value) << "\n";
}

/// A line as the input takes it, before its parsers.
Draft draft_of(const InputConfig& input, std::string_view line) {
  Draft draft;
  draft.received = towl::now();
  if (input.type == "syslog") {
    fill_from_syslog(line, draft.received, {}, towl::TimeZone::local(), draft);
    return draft;
  }
  if (input.type == "http") {
    towl::JsonEntryReader reader;
    if (reader.read(line, draft)) return draft;
  }
  draft.text.assign(line);
  return draft;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    at = end + 1;
  }
  return lines;
}

const InputConfig* find_input(const Config& config, const std::string& name) {
  if (name.empty()) return config.inputs.size() == 1 ? &config.inputs.front() : nullptr;
  for (const InputConfig& input : config.inputs) {
    if (input.name == name) return &input;
  }
  return nullptr;
}

std::string names_of(const Config& config) {
  std::string names;
  for (const InputConfig& input : config.inputs) names += (names.empty() ? "" : ", ") + input.name;
  return names.empty() ? "there are none" : "there are " + names;
}

}  // namespace

towl::Result<std::vector<Draft>> try_lines(const InputConfig& input, const std::string& text, std::ostream* trace) {
  auto chain = make_parsers(input.parsers);
  if (!chain) return towl::fail(std::move(chain.error()));
  std::shared_ptr<const JoinRule> rule;
  if (input.type == "file" && input.settings.as<FileInputConfig>().multiline) {
    auto made = JoinRule::create(*input.settings.as<FileInputConfig>().multiline);
    if (!made) return towl::fail(std::move(made.error()));
    rule = std::move(*made);
  }
  std::vector<Draft> entries;
  std::atomic<std::uint64_t> failures = 0;
  JoinState state(*chain, kMostEntryBytes);
  const auto emit = [&](Draft& draft) {
    for (const auto& [name, value] : input.labels) draft.set(name, value);
    if (trace != nullptr) print_entry(draft, *trace);
    entries.push_back(draft);
  };
  const auto take = [&](const Line& line) {
    Draft draft = draft_of(input, line.text);
    if (trace != nullptr) {
      *trace << "  " << shown(std::string(line.text)) << "\n";
      trace_line(input, *chain, draft, *trace);
    }
    state.add(draft, line.begin, line.end, failures, emit);
  };
  std::optional<LineJoiner> joiner;
  if (rule) joiner.emplace(rule, kMostEntryBytes);
  std::uint64_t number = 0;
  for (const std::string& one : lines_of(text)) {
    const Line line{one, 0, number + 1, number};
    ++number;
    if (joiner) {
      joiner->add(line, take);
    } else {
      take(line);
    }
  }
  if (joiner) joiner->flush(take);
  state.flush(failures, emit);
  return entries;
}

towl::Result<void> try_input(const Config& config, const std::string& name, std::istream& in, std::ostream& out) {
  const InputConfig* input = find_input(config, name);
  if (input == nullptr) {
    return towl::fail(towl::ErrorCode::not_found, "there is no input \"" + name + "\": " + names_of(config));
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  out << "input " << input->name << "\n";
  auto entries = try_lines(*input, text, &out);
  if (!entries) return towl::fail(std::move(entries.error()));
  out << entries->size() << (entries->size() == 1 ? " entry\n" : " entries\n");
  return {};
}

// The cases of `towld test`.
namespace {

std::string place_of(const std::string& file, const YAML::Node& node) {
  return node.Mark().line >= 0 ? file + ":" + std::to_string(node.Mark().line + 1) : file;
}

struct Case {
  std::string name = {};
  std::string input = {};
  std::string text = {};
  YAML::Node expect = {};
  bool exact = false;
};

towl::Result<Case> read_case(const YAML::Node& node, const std::string& file, std::size_t number) {
  const auto wrong = [&](const YAML::Node& at, std::string what) {
    return towl::fail(towl::ErrorCode::invalid_argument, std::move(what), place_of(file, at));
  };
  if (!node.IsMap()) return wrong(node, "a case must be a map with `lines` and `expect`");
  Case one{.name = "case " + std::to_string(number)};
  for (const auto& pair : node) {
    const std::string key = pair.first.Scalar();
    const YAML::Node& value = pair.second;
    if (key == "name" && value.IsScalar()) {
      one.name = value.Scalar();
    } else if (key == "input" && value.IsScalar()) {
      one.input = value.Scalar();
    } else if (key == "exact" && value.IsScalar()) {
      one.exact = value.Scalar() == "true";
    } else if (key == "lines" && value.IsScalar()) {
      one.text = value.Scalar();
    } else if (key == "lines" && value.IsSequence()) {
      for (const auto& line : value) one.text += line.Scalar() + "\n";
    } else if (key == "expect" && (value.IsSequence() || value.IsNull())) {
      one.expect = value;
    } else {
      return wrong(pair.first, "\"" + key +
                                   "\" is not known here, or not of the right kind: a case has name, input, "
                                   "lines (a text or a list), expect (a list of maps) and exact");
    }
  }
  return one;
}

/// What is wrong with an entry; empty: nothing.
std::string difference(const Draft& draft, const YAML::Node& expected, bool exact) {
  const Fields fields = fields_of(draft);
  std::string text;
  const auto line = [&](const char* sign, const std::string& name, const std::string& value) {
    text += std::string("    ") + sign + " " + name + ": " + value + "\n";
  };
  for (const auto& pair : expected) {
    const std::string name = pair.first.Scalar();
    const auto found = fields.find(name);
    if (pair.second.IsNull()) {
      if (found != fields.end()) line("+", name, shown(found->second));
      continue;
    }
    std::string wanted = pair.second.IsScalar() ? pair.second.Scalar() : "(a single value is expected here)";
    if (found != fields.end() && found->second == wanted) continue;
    line("-", name, shown(wanted));
    if (found != fields.end()) line("+", name, shown(found->second));
  }
  if (!exact) return text;
  for (const auto& [name, value] : fields) {
    if (!expected[name].IsDefined()) line("+", name, shown(value));
  }
  return text;
}

std::string differences(const std::vector<Draft>& entries, const Case& one) {
  std::string text;
  const std::size_t wanted = one.expect.IsSequence() ? one.expect.size() : 0;
  for (std::size_t i = 0; i < std::max(wanted, entries.size()); ++i) {
    std::string part;
    if (i >= entries.size()) {
      part = "    - it is not there\n";
    } else if (i >= wanted) {
      for (const auto& [name, value] : fields_of(entries[i])) part += "    + " + name + ": " + shown(value) + "\n";
    } else {
      part = difference(entries[i], one.expect[i], one.exact);
    }
    if (!part.empty()) text += "  entry " + std::to_string(i + 1) + ":\n" + part;
  }
  return text;
}

}  // namespace

towl::Result<bool> run_cases(const Config& config, const std::string& file, std::ostream& out) {
  YAML::Node document;
  try {  // yaml-cpp reports by exception; it ends here.
    document = YAML::LoadFile(file);
  } catch (const YAML::BadFile&) {
    return towl::fail(towl::ErrorCode::not_found, "cannot read the cases", file);
  } catch (const YAML::Exception& error) {
    return towl::fail(towl::ErrorCode::invalid_argument, "not YAML: " + error.msg,
                      file + ":" + std::to_string(error.mark.line + 1));
  }
  if (!is_bounded(document)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "too deep or too large, or an alias (*NAME) stands within what it is the name of", file);
  }
  const YAML::Node cases = document.IsMap() ? document["cases"] : YAML::Node();
  if (!cases.IsSequence() || cases.size() == 0) {
    return towl::fail(towl::ErrorCode::invalid_argument, "there are no cases: a list under `cases` is expected", file);
  }
  std::size_t failed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto one = read_case(cases[i], file, i + 1);
    if (!one) return towl::fail(one.error());
    const InputConfig* input = find_input(config, one->input);
    if (input == nullptr) {
      return towl::fail(towl::ErrorCode::not_found,
                        one->name + ": there is no input \"" + one->input + "\": " + names_of(config),
                        place_of(file, cases[i]));
    }
    const auto entries = try_lines(*input, one->text, nullptr);
    if (!entries) return towl::fail(entries.error());
    const std::string different = differences(*entries, *one);
    failed += different.empty() ? 0 : 1;
    out << (different.empty() ? "ok   " : "FAIL ") << one->name << "\n" << different;
  }
  out << cases.size() - failed << " of " << cases.size() << " cases are good";
  if (failed > 0) out << "; - is expected, + is what came";
  out << "\n";
  return failed == 0;
}

}  // namespace towld
