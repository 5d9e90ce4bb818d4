#include "sql/pushed_filters.hpp"

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

/// The column that an expression is, "" for any other.
std::string column_of(const json& expression) {
  const json& names = member(expression, "column_names");
  if (!is(expression, "class", "COLUMN_REF") || !names.is_array() || names.empty() || !names.back().is_string())
    return "";
  return names.back().get<std::string>();
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
  // It stands for bytes that the entry has and the column has not.
  if (copy.empty() || copy.find("\xEF\xBF\xBD") != std::string::npos) return std::nullopt;
  return copy;
}

/// The text between the % of '%text%'.
std::optional<std::string> substring_of(const std::optional<std::string>& pattern) {
  if (!pattern || pattern->size() < 3 || pattern->front() != '%' || pattern->back() != '%') return std::nullopt;
  std::string text = pattern->substr(1, pattern->size() - 2);
  if (text.find_first_of("%_\\") != std::string::npos) return std::nullopt;
  return text;
}

/// DuckDB 2 puts an argument into an object of its own.
const json& argument(const json& function, std::size_t at) {
  for (const char* name : {"children", "arguments"}) {
    const json& all = member(function, name);
    if (!all.is_array() || all.size() != 2) continue;
    const json& inner = member(all[at], "expression");
    return inner.is_null() ? all[at] : inner;
  }
  return kNothing;
}

std::optional<towl::Expression> filter_of(const json& condition) {
  if (is(condition, "class", "FUNCTION") && is(condition, "function_name", "~~")) {
    const auto text = substring_of(text_of(argument(condition, 1)));
    if (!text || column_of(argument(condition, 0)) != "message") return std::nullopt;
    return towl::test_of({.kind = towl::FieldKind::message}, towl::SubstringTest{.text = *text});
  }
  if (is(condition, "class", "COMPARISON") && is(condition, "type", "COMPARE_EQUAL")) {
    const std::string column = column_of(member(condition, "left"));
    const auto text = text_of(member(condition, "right"));
    if (!text || (column != "level" && column != "sender")) return std::nullopt;
    const auto kind = column == "level" ? towl::FieldKind::level : towl::FieldKind::sender;
    return towl::test_of({.kind = kind}, towl::ExactTest{.values = {*text}});
  }
  return std::nullopt;
}

}  // namespace

towl::Expression pushed_filters(std::string_view serialized) {
  const json all = json::parse(serialized, nullptr, false);
  const json& statements = member(all, "statements");
  if (!statements.is_array() || statements.size() != 1) return {};
  const json& node = member(statements[0], "node");
  const json& table = member(node, "from_table");
  const bool is_logs = is(node, "type", "SELECT_NODE") && is(table, "type", "BASE_TABLE") &&
                       is(table, "table_name", "logs") &&
                       (member(table, "schema_name").is_null() || is(table, "schema_name", ""));
  const json& ctes = member(member(node, "cte_map"), "map");
  if (!is_logs || (ctes.is_array() && !ctes.empty())) return {};
  const json& where = member(node, "where_clause");
  std::vector<towl::Expression> parts;
  const auto take = [&](const json& condition) {
    if (auto filter = filter_of(condition)) parts.push_back(std::move(*filter));
  };
  if (is(where, "type", "CONJUNCTION_AND")) {
    for (const json& condition : member(where, "children")) take(condition);
  } else {
    take(where);
  }
  return towl::all_of(std::move(parts));
}

}  // namespace towlctl
