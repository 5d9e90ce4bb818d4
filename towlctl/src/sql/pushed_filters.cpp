#include "sql/pushed_filters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace towlctl {
namespace {

using nlohmann::json;

const json kNothing;

const json& member(const json& object, const char* name) {
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

bool is(const json& object, const char* name, std::string_view value) {
  const json& of = member(object, name);
  return of.is_string() && of.get_ref<const std::string&>() == value;
}

/// The column that an expression is, "" for any other. Names are the same in either case.
std::string column_of(const json& expression) {
  const json& names = member(expression, "column_names");
  if (!is(expression, "class", "COLUMN_REF") || !names.is_array() || names.empty() || !names.back().is_string())
    return "";
  std::string name = names.back().get<std::string>();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

/// The text that an expression is. DuckDB 1 has a value of a type, DuckDB 2 a literal of a kind.
std::optional<std::string> text_of(const json& expression) {
  if (!is(expression, "class", "CONSTANT")) return std::nullopt;
  const json& literal = member(expression, "literal");
  const json& value = member(expression, "value");
  const json* text = nullptr;
  if (is(literal, "kind", "STRING")) text = &member(literal, "text");
  if (is(member(value, "type"), "id", "VARCHAR")) text = &member(value, "value");
  if (text == nullptr || !text->is_string()) return std::nullopt;
  std::string copy = text->get<std::string>();
  // It stands for bytes that the entry has, but not the column.
  if (copy.empty() || copy.find("\xEF\xBF\xBD") != std::string::npos) return std::nullopt;
  return copy;
}

/// The text between the two % of '%text%', or before the % of 'text%'.
std::optional<towl::Test> test_of_like(const std::optional<std::string>& pattern) {
  if (!pattern || pattern->size() < 2 || pattern->back() != '%') return std::nullopt;
  const bool is_prefix = pattern->front() != '%';
  std::string text = pattern->substr(is_prefix ? 0 : 1);
  text.pop_back();
  if (text.empty() || text.find_first_of("%_\\") != std::string::npos) return std::nullopt;
  if (is_prefix) return towl::ExactTest{.values = {std::move(text)}, .is_prefix = true};
  return towl::SubstringTest{.text = std::move(text)};
}

/// The arguments of a function, or an operator's. DuckDB 2 puts each into an object of its own.
std::vector<const json*> arguments_of(const json& function) {
  std::vector<const json*> arguments;
  for (const char* name : {"children", "arguments"}) {
    const json& all = member(function, name);
    if (!all.is_array()) continue;
    for (const json& one : all) {
      const json& inner = member(one, "expression");
      arguments.push_back(inner.is_null() ? &one : &inner);
    }
  }
  return arguments;
}

/// Functions that give the same result for the same arguments within a transaction.
bool is_steady(const std::string& function) {
  constexpr std::array<std::string_view, 22> kSteady = {"now",
                                                        "today",
                                                        "current_date",
                                                        "current_timestamp",
                                                        "get_current_timestamp",
                                                        "transaction_timestamp",
                                                        "+",
                                                        "-",
                                                        "*",
                                                        "date_trunc",
                                                        "datetrunc",
                                                        "trunc",
                                                        "date_add",
                                                        "date_sub",
                                                        "make_date",
                                                        "make_timestamp",
                                                        "make_timestamptz",
                                                        "timezone",
                                                        "epoch_ms",
                                                        "interval",
                                                        "strptime",
                                                        "abs"};
  return function.starts_with("to_") || std::find(kSteady.begin(), kSteady.end(), function) != kSteady.end();
}

bool is_constant(const json& expression) {
  if (is(expression, "class", "CONSTANT")) return true;
  if (is(expression, "class", "CAST")) return is_constant(member(expression, "child"));
  if (is(expression, "class", "COLUMN_REF")) {
    // These two are written without brackets.
    const std::string name = column_of(expression);
    return member(expression, "column_names").size() == 1 && (name == "current_date" || name == "current_timestamp");
  }
  const json& name = member(expression, "function_name");
  if (!is(expression, "class", "FUNCTION") || !name.is_string() || !is_steady(name.get<std::string>())) return false;
  const auto arguments = arguments_of(expression);
  return std::all_of(arguments.begin(), arguments.end(), [](const json* one) { return is_constant(*one); });
}

bool has_subquery(const json& any) {
  if (is(any, "class", "SUBQUERY")) return true;
  return any.is_structured() && std::any_of(any.begin(), any.end(), has_subquery);
}

/// What a number is compared with. In whole numbers of the column: microseconds, or nanoseconds.
struct Bounds {
  std::optional<std::int64_t> least = {};
  std::optional<std::int64_t> most = {};
};

class Where {
 public:
  Where(const json& statement, const ConstantOf& constant_of) : statement_(statement), constant_of_(constant_of) {}

  /// nullopt: nothing is known of it.
  std::optional<towl::Expression> filter_of(const json& condition) const {
    const bool all = is(condition, "type", "CONJUNCTION_AND");
    if (all || is(condition, "type", "CONJUNCTION_OR")) {
      std::vector<towl::Expression> parts;
      for (const json* part : arguments_of(condition)) {
        auto filter = filter_of(*part);
        if (filter) parts.push_back(std::move(*filter));
        if (!filter && !all) return std::nullopt;
      }
      if (parts.empty()) return std::nullopt;
      return all ? towl::all_of(std::move(parts)) : towl::any_of(std::move(parts));
    }
    if (is(condition, "class", "FUNCTION")) return filter_of_function(condition);
    if (is(condition, "class", "COMPARISON")) return filter_of_comparison(condition);
    if (is(condition, "class", "BETWEEN")) return filter_of_between(condition);
    if (is(condition, "type", "COMPARE_IN")) return filter_of_list(condition);
    return std::nullopt;
  }

 private:
  static std::optional<towl::Expression> filter_of_function(const json& condition) {
    const json& name = member(condition, "function_name");
    const auto arguments = arguments_of(condition);
    if (!name.is_string() || arguments.size() != 2 || column_of(*arguments[0]) != "message") return std::nullopt;
    const std::string function = name.get<std::string>();
    const auto text = text_of(*arguments[1]);
    std::optional<towl::Test> test;
    if (function == "~~") {
      test = test_of_like(text);
    } else if (text && function == "contains") {
      test = towl::SubstringTest{.text = *text};
    } else if (text && (function == "starts_with" || function == "prefix" || function == "^@")) {
      test = towl::ExactTest{.values = {*text}, .is_prefix = true};
    }
    if (!test) return std::nullopt;
    return towl::test_of({.kind = towl::FieldKind::message}, std::move(*test));
  }

  std::optional<towl::Expression> filter_of_comparison(const json& condition) const {
    const json& type = member(condition, "type");
    if (!type.is_string()) return std::nullopt;
    std::string comparison = type.get<std::string>();
    const json* column = &member(condition, "left");
    const json* value = &member(condition, "right");
    if (column_of(*column).empty() || is_constant(*column)) {
      std::swap(column, value);
      // Seen from the other side.
      const auto at = comparison.find("LESS");
      const auto other = comparison.find("GREATER");
      if (at != std::string::npos) comparison.replace(at, 4, "GREATER");
      if (other != std::string::npos) comparison.replace(other, 7, "LESS");
    }
    const std::string name = column_of(*column);
    if (comparison == "COMPARE_EQUAL") {
      if (auto filter = filter_of_values(name, {value})) return filter;
    }
    if (!has_bounds(name)) return std::nullopt;
    const auto number = number_of(name, *value);
    if (!number) return std::nullopt;
    // One more on either side does no harm: the value may lie between two microseconds.
    if (comparison == "COMPARE_EQUAL") return within(name, {*number, *number});
    if (comparison.starts_with("COMPARE_LESSTHAN")) return within(name, {{}, *number});
    if (comparison.starts_with("COMPARE_GREATERTHAN")) return within(name, {*number, {}});
    return std::nullopt;
  }

  std::optional<towl::Expression> filter_of_between(const json& condition) const {
    const std::string name = column_of(member(condition, "input"));
    if (!has_bounds(name)) return std::nullopt;
    const Bounds bounds = {number_of(name, member(condition, "lower")), number_of(name, member(condition, "upper"))};
    if (!bounds.least && !bounds.most) return std::nullopt;
    return within(name, bounds);
  }

  static std::optional<towl::Expression> filter_of_list(const json& condition) {
    auto values = arguments_of(condition);
    if (values.size() < 2) return std::nullopt;
    const std::string name = column_of(*values.front());
    values.erase(values.begin());
    return filter_of_values(name, values);
  }

  /// The column is one of these.
  static std::optional<towl::Expression> filter_of_values(const std::string& column,
                                                          const std::vector<const json*>& values) {
    constexpr std::array<std::pair<std::string_view, towl::FieldKind>, 5> kTexts = {
        {{"level", towl::FieldKind::level},
         {"sender", towl::FieldKind::sender},
         {"title", towl::FieldKind::title},
         {"file_uuid", towl::FieldKind::file},
         {"message", towl::FieldKind::message}}};
    const auto kind = std::find_if(kTexts.begin(), kTexts.end(), [&](const auto& one) { return one.first == column; });
    const bool is_number = column == "file_id";
    if (kind == kTexts.end() && !is_number) return std::nullopt;
    towl::ExactTest test;
    for (const json* value : values) {
      auto text = is_number ? whole_number_of(*value) : text_of(*value);
      if (!text) return std::nullopt;
      test.values.push_back(std::move(*text));
    }
    return towl::test_of({.kind = is_number ? towl::FieldKind::file_id : kind->second}, std::move(test));
  }

  static std::optional<std::string> whole_number_of(const json& expression) {
    if (!is(expression, "class", "CONSTANT")) return std::nullopt;
    const json& value = member(member(expression, "value"), "value");
    if (!value.is_number_unsigned()) return std::nullopt;
    return std::to_string(value.get<std::uint64_t>());
  }

  static bool has_bounds(const std::string& column) {
    return column == "time" || column == "received" || column == "time_ns" || column == "received_ns";
  }

  std::optional<std::int64_t> number_of(const std::string& column, const json& expression) const {
    if (!is_constant(expression)) return std::nullopt;
    json selects = statement_;
    json& node = selects["statements"][0]["node"];
    for (const char* part : {"modifiers", "group_expressions", "group_sets"}) {
      if (node.contains(part)) node[part] = json::array();
    }
    for (const char* part : {"where_clause", "having", "sample", "qualify"}) {
      if (node.contains(part)) node[part] = nullptr;
    }
    node["select_list"] = json::array({expression});
    node["from_table"] = {{"type", "EMPTY"}, {"alias", ""}, {"sample", nullptr}, {"query_location", 0}};
    const bool is_ns = column.ends_with("_ns");
    return constant_of_(selects.dump(),
                        // If a type is not a whole number, the comparison may be with a rounded value.
                        is_ns ? "CASE WHEN typeof(?) IN ('INTEGER', 'BIGINT') THEN CAST(? AS BIGINT) END"
                              : "epoch_us(CAST(? AS TIMESTAMPTZ))");
  }

  static std::optional<towl::Expression> within(const std::string& column, const Bounds& bounds) {
    const bool is_ns = column.ends_with("_ns");
    const std::int64_t unit = is_ns ? 1 : 1000;
    const std::int64_t most = INT64_MAX / unit - 2;
    towl::TimeTest range;
    // Times that are too far away for nanoseconds are no bounds.
    if (bounds.least && *bounds.least > most) return std::nullopt;
    if (bounds.least && *bounds.least > -most) range.since = *bounds.least * unit;
    if (bounds.most && *bounds.most < -most) return std::nullopt;
    if (bounds.most && *bounds.most < most) range.until = (*bounds.most + 1) * unit;
    const auto kind = column.starts_with("time") ? towl::FieldKind::time : towl::FieldKind::received;
    return towl::test_of({.kind = kind}, range);
  }

  const json& statement_;
  const ConstantOf& constant_of_;
};

}  // namespace

towl::Expression pushed_filters(std::string_view serialized, const ConstantOf& constant_of) {
  const json all = json::parse(serialized, nullptr, false);
  const json& statements = member(all, "statements");
  if (!statements.is_array() || statements.size() != 1) return {};
  const json& node = member(statements[0], "node");
  const json& table = member(node, "from_table");
  const bool is_logs = is(node, "type", "SELECT_NODE") && is(table, "type", "BASE_TABLE") &&
                       is(table, "table_name", "logs") && member(table, "sample").is_null() &&
                       member(node, "sample").is_null() &&
                       (member(table, "schema_name").is_null() || is(table, "schema_name", ""));
  const json& ctes = member(member(node, "cte_map"), "map");
  // Names that are aliases.
  const json& renamed = member(table, "column_name_alias");
  if (renamed.is_array() && !renamed.empty()) return {};
  // A subquery may be about logs, too: all of them.
  if (!is_logs || (ctes.is_array() && !ctes.empty()) || has_subquery(node)) return {};
  return Where(all, constant_of).filter_of(member(node, "where_clause")).value_or(towl::Expression{});
}

}  // namespace towlctl
