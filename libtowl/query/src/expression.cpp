#include "towl/query/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace towl {
namespace {

using Kind = Expression::Kind;

constexpr std::array<std::pair<std::string_view, FieldKind>, 14> kFields = {{{"_msg", FieldKind::message},
                                                                             {"*", FieldKind::any},
                                                                             {"_raw", FieldKind::raw},
                                                                             {"sender", FieldKind::sender},
                                                                             {"level", FieldKind::level},
                                                                             {"unit", FieldKind::unit},
                                                                             {"_time", FieldKind::time},
                                                                             {"_received", FieldKind::received},
                                                                             {"_format", FieldKind::format},
                                                                             {"_ordinal", FieldKind::ordinal},
                                                                             {"_file_id", FieldKind::file_id},
                                                                             {"_file", FieldKind::file},
                                                                             {"_title", FieldKind::title},
                                                                             {"_org", FieldKind::org}}};

// Words that mean something else if they stand alone.
constexpr std::array<std::string_view, 3> kReserved = {"and", "or", "not"};

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  const bool letters = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == '/';
  });
  if (!letters) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(kReserved.begin(), kReserved.end(), lower) == kReserved.end();
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    if (!list.empty()) list += ", ";
    list += quoted_text(text);
  }
  return list;
}

std::string number_text(double number) {
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

std::string flags_of(const MatchOptions& options) {
  std::string flags = "-";
  if (options.fixed) flags += 'F';
  if (options.ignore_case) flags += 'i';
  if (options.word) flags += 'w';
  if (options.whole) flags += 'x';
  return flags;
}

std::string time_text(Timestamp time) { return std::string(format_rfc3339(time).view()); }

struct PrintTest {
  std::string operator()(const ExistsTest&) const { return "*"; }
  std::string operator()(const PhraseTest& test) const {
    const std::string text = quoted_text(test.text) + (test.is_prefix ? "*" : "");
    return test.ignore_case ? "i(" + text + ")" : text;
  }
  std::string operator()(const SubstringTest& test) const {
    const std::string text = "*" + quoted_text(test.text) + "*";
    return test.ignore_case ? "i(" + text + ")" : text;
  }
  std::string operator()(const ExactTest& test) const {
    if (test.values.size() == 1) return "=" + quoted_text(test.values.front()) + (test.is_prefix ? "*" : "");
    return "in(" + list_of(test.values) + ")";
  }
  std::string operator()(const PatternTest& test) const {
    if (test.patterns.size() == 1 && test.options == MatchOptions{}) return "~" + quoted_text(test.patterns.front());
    const std::string list = list_of(test.patterns);
    return "grep(\"" + flags_of(test.options) + "\"" + (list.empty() ? "" : ", ") + list + ")";
  }
  std::string operator()(const SequenceTest& test) const { return "seq(" + list_of(test.phrases) + ")"; }
  std::string operator()(const GlobTest& test) const { return "glob(" + list_of(test.globs) + ")"; }
  std::string operator()(const RangeTest& test) const {
    return std::string("range") + (test.without_least ? "(" : "[") + number_text(test.least) + ", " +
           number_text(test.most) + (test.without_most ? ")" : "]");
  }
  std::string operator()(const LengthTest& test) const {
    return "len_range(" + std::to_string(test.least) + ", " +
           (test.most == UINT64_MAX ? "inf" : std::to_string(test.most)) + ")";
  }
  std::string operator()(const TimeTest& test) const {
    const TimeTest all;
    if (test.until == all.until) return ">=" + time_text(test.since);
    if (test.since == all.since) return "<" + time_text(test.until);
    return "[" + time_text(test.since) + ", " + time_text(test.until) + ")";
  }
  std::string operator()(const LevelTest& test) const {
    return std::string(level_name(test.most_severe)) + ".." + std::string(level_name(test.least_severe));
  }
};

std::string joined(const std::vector<Expression>& parts, std::string_view between) {
  std::string text;
  for (const Expression& part : parts) {
    if (!text.empty()) text += between;
    text += to_text(part);
  }
  return text;
}

// The units that people write after numbers, and what they are in bytes or nanoseconds.
struct Unit {
  std::string_view name;
  double factor;
};
constexpr double kKi = 1024;
constexpr std::array<Unit, 18> kByteUnits = {{{"B", 1},
                                              {"K", 1e3},
                                              {"KB", 1e3},
                                              {"Ki", kKi},
                                              {"KiB", kKi},
                                              {"M", 1e6},
                                              {"MB", 1e6},
                                              {"Mi", kKi* kKi},
                                              {"MiB", kKi* kKi},
                                              {"G", 1e9},
                                              {"GB", 1e9},
                                              {"Gi", kKi* kKi* kKi},
                                              {"GiB", kKi* kKi* kKi},
                                              {"T", 1e12},
                                              {"TB", 1e12},
                                              {"Ti", kKi* kKi* kKi* kKi},
                                              {"TiB", kKi* kKi* kKi* kKi},
                                              {"b", 1}}};
constexpr std::array<Unit, 10> kTimeUnits = {{{"ns", 1},
                                              {"us", 1e3},
                                              {"\xC2\xB5s", 1e3},
                                              {"ms", 1e6},
                                              {"s", 1e9},
                                              {"m", 60e9},
                                              {"h", 3600e9},
                                              {"d", 86400e9},
                                              {"w", 7 * 86400e9},
                                              {"y", 365 * 86400e9}}};

template <class Units>
const Unit* unit_called(const Units& units, std::string_view name) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

// Removes one number and its unit from the front of `text`.
bool take_number(std::string_view& text, double& number, std::string_view& unit) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  unit = text.substr(0, static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin()));
  text.remove_prefix(unit.size());
  return true;
}

}  // namespace

Field field_called(std::string_view name) {
  if (name == "message") return {.kind = FieldKind::message};
  for (const auto& [known, kind] : kFields) {
    if (known == name) return {.kind = kind};
  }
  return {.kind = FieldKind::named, .name = std::string(name)};
}

std::string name_of(const Field& field) {
  if (field.kind == FieldKind::named) return field.name;
  for (const auto& [name, kind] : kFields) {
    if (kind == field.kind) return std::string(name);
  }
  return {};
}

Expression test_of(Field field, Test test) {
  return {.kind = Kind::test, .parts = {}, .field = std::move(field), .test = std::move(test)};
}

Expression all_of(std::vector<Expression> parts) {
  std::erase_if(parts, [](const Expression& part) { return part.kind == Kind::everything; });
  if (parts.empty()) return {};
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = Kind::all_of, .parts = std::move(parts)};
}

Expression any_of(std::vector<Expression> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  return {.kind = Kind::any_of, .parts = std::move(parts)};
}

Expression none_of(Expression part) {
  Expression none{.kind = Kind::none_of};
  none.parts.push_back(std::move(part));
  return none;
}

Expression between(Timestamp since, Timestamp until) {
  return test_of({.kind = FieldKind::time}, TimeTest{since, until});
}

std::string quoted_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out + '"';
}

std::string to_text(const Expression& expression) {
  switch (expression.kind) {
    case Kind::everything:
      return "*";
    case Kind::all_of:
      return "(" + joined(expression.parts, " ") + ")";
    case Kind::any_of:
      return expression.parts.empty() ? "!(*)" : "(" + joined(expression.parts, " or ") + ")";
    case Kind::none_of:
      return "!(" + joined(expression.parts, " or ") + ")";
    case Kind::test:
      break;
  }
  std::string test = std::visit(PrintTest{}, expression.test);
  const bool is_plain_message =
      expression.field.kind == FieldKind::message && !std::holds_alternative<ExistsTest>(expression.test);
  if (is_plain_message) return test;
  const std::string name = name_of(expression.field);
  return (name == "*" ? name : quoted_text(name)) + ":" + test;
}

bool read_number(std::string_view text, double& number) {
  double sum = 0;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  // Not "-", "inf" and "nan", which would also be read as numbers.
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sum);
  if (error != std::errc() && error != std::errc::result_out_of_range) return false;
  if (end == text.data() + text.size()) {
    number = is_negative ? -sum : sum;
    return error == std::errc();
  }
  sum = 0;
  bool is_first = true;
  while (!text.empty()) {
    double part = 0;
    std::string_view unit;
    if (!take_number(text, part, unit)) return false;
    if (const Unit* time = unit_called(kTimeUnits, unit)) {
      sum += part * time->factor;
    } else if (const Unit* bytes = unit_called(kByteUnits, unit); bytes != nullptr && is_first && text.empty()) {
      sum = part * bytes->factor;
    } else {
      return false;
    }
    is_first = false;
  }
  number = is_negative ? -sum : sum;
  return true;
}

}  // namespace towl
