// What comes after `|` in a query.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "query_parser.hpp"
#include "query_times.hpp"

namespace towl::detail {
namespace {

constexpr std::array<std::pair<std::string_view, StatsPipe::Kind>, 8> kFunctions = {
    {{"count", StatsPipe::Kind::count},
     {"count_uniq", StatsPipe::Kind::count_uniq},
     {"sum", StatsPipe::Kind::sum},
     {"min", StatsPipe::Kind::min},
     {"max", StatsPipe::Kind::max},
     {"avg", StatsPipe::Kind::avg},
     {"quantile", StatsPipe::Kind::quantile},
     {"median", StatsPipe::Kind::quantile}}};

constexpr std::int64_t kDay = 86400 * kNanosecondsPerSecond;

}  // namespace

Result<Pipe> QueryParser::pipe() {
  if (lexer_.take_word("fields") || lexer_.take_word("keep")) {
    auto list = names();
    if (!list) return fail(std::move(list.error()));
    return FieldsPipe{std::move(*list)};
  }
  if (lexer_.take_word("limit") || lexer_.take_word("head")) {
    LimitPipe limit{.limit = 10};
    if (lexer_.kind() == QueryLexer::Kind::word) {
      const auto count = number("how many");
      if (!count) return fail(count.error());
      limit.limit = *count;
    }
    return limit;
  }
  if (lexer_.take_word("offset") || lexer_.take_word("skip")) {
    const auto count = number("how many");
    if (!count) return fail(count.error());
    return LimitPipe{.offset = *count};
  }
  if (lexer_.take_word("sort") || lexer_.take_word("order")) return sort();
  if (lexer_.take_word("uniq")) return uniq();
  if (lexer_.take_word("top")) return top();
  if (lexer_.take_word("stats")) return stats();
  // As in LogsQL, `stats` can be left out before its functions.
  if (lexer_.is_before('(')) return stats();
  return complain(seen() + " is no pipe here: fields, limit, head, offset, sort, uniq, top, stats");
}

Result<std::uint64_t> QueryParser::number(const char* what) {
  std::uint64_t value = 0;
  const std::string& text = lexer_.text();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (lexer_.kind() != QueryLexer::Kind::word || error != std::errc() || end != text.data() + text.size()) {
    return complain(std::string(what) + " must be a whole number, not " + seen());
  }
  lexer_.next();
  return value;
}

Result<std::string> QueryParser::name() {
  if (lexer_.broken() || (!lexer_.is_text() && !lexer_.is_sign("*")))
    return complain("the name of a field is missing before " + seen());
  std::string name = lexer_.text();
  lexer_.next();
  return name;
}

Result<std::vector<std::string>> QueryParser::names() {
  std::vector<std::string> list;
  do {
    auto one = name();
    if (!one) return fail(std::move(one.error()));
    list.push_back(std::move(*one));
  } while (lexer_.take_sign(","));
  return list;
}

// [by] ( a, b ), or a, b
Result<std::vector<std::string>> QueryParser::by_names() {
  lexer_.take_word("by");
  const bool in_brackets = lexer_.take_sign("(");
  if (in_brackets && lexer_.take_sign(")")) return std::vector<std::string>();
  auto list = names();
  if (list && in_brackets && !lexer_.take_sign(")")) return complain("a ) is missing before " + seen());
  return list;
}

Result<Pipe> QueryParser::sort() {
  SortPipe sort;
  lexer_.take_word("by");
  if (!lexer_.take_sign("(")) return complain("sort takes fields: sort by (level, _time desc)");
  do {
    auto field = name();
    if (!field) return fail(std::move(field.error()));
    const bool descending = lexer_.take_word("desc");
    if (!descending) lexer_.take_word("asc");
    sort.keys.push_back({std::move(*field), descending});
  } while (lexer_.take_sign(","));
  if (!lexer_.take_sign(")")) return complain("a , or ) is missing before " + seen());
  if (lexer_.take_word("desc")) {
    for (auto& key : sort.keys) key.is_descending = !key.is_descending;
  }
  for (;;) {
    std::uint64_t* const target = lexer_.take_word("limit")    ? &sort.limit
                                  : lexer_.take_word("offset") ? &sort.offset
                                                               : nullptr;
    if (target == nullptr) return sort;
    const auto count = number("how many");
    if (!count) return fail(count.error());
    *target = *count;
  }
}

Result<Pipe> QueryParser::uniq() {
  UniqPipe uniq;
  auto list = by_names();
  if (!list) return fail(std::move(list.error()));
  if (list->empty()) return complain("uniq takes fields: uniq by (sender)");
  uniq.names = std::move(*list);
  for (;;) {
    if (lexer_.take_word("with")) {
      if (!lexer_.take_word("hits")) return complain("with hits is meant, not with " + seen());
      uniq.with_hits = true;
    } else if (lexer_.take_word("hits")) {
      uniq.with_hits = true;
    } else if (lexer_.take_word("limit")) {
      const auto count = number("how many");
      if (!count) return fail(count.error());
      uniq.limit = *count;
    } else {
      return uniq;
    }
  }
}

Result<Pipe> QueryParser::top() {
  TopPipe top;
  const bool has_count = lexer_.kind() == QueryLexer::Kind::word && !lexer_.text().empty() &&
                         lexer_.text().front() >= '0' && lexer_.text().front() <= '9';
  if (has_count) {
    const auto count = number("how many");
    if (!count) return fail(count.error());
    top.count = *count;
  }
  auto list = by_names();
  if (!list) return fail(std::move(list.error()));
  if (list->empty()) return complain("top takes fields: top 10 by (sender)");
  top.names = std::move(*list);
  if (lexer_.take_word("hits")) {
    if (!lexer_.take_word("as")) return complain("hits as NAME is meant");
    auto as = name();
    if (!as) return fail(std::move(as.error()));
    top.hits = std::move(*as);
  }
  return top;
}

Result<StatsPipe::By> QueryParser::stats_by() {
  auto field = name();
  if (!field) return fail(std::move(field.error()));
  StatsPipe::By by{.name = std::move(*field)};
  if (!lexer_.take_sign(":")) return by;
  if (field_called(by.name).kind != FieldKind::time) return complain("only _time has buckets: _time:5m");
  const std::string text = lexer_.take_raw(",)");
  const auto span = text == "minute" ? 60 * kNanosecondsPerSecond
                    : text == "hour" ? 3600 * kNanosecondsPerSecond
                    : text == "day"  ? kDay
                    : text == "week" ? 7 * kDay
                                     : read_span(text).value_or(0);
  if (span == 0) return complain("\"" + text + "\" is no length of time; 5m, 1h …");
  by.step_ns = span;
  return by;
}

Result<StatsPipe::Function> QueryParser::stats_function() {
  const std::string called = lexer_.text();
  const auto known =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const auto& one) { return one.first == called; });
  if (!lexer_.is_before('(') || known == kFunctions.end()) {
    return complain(seen() + " is no function here: count, count_uniq, sum, min, max, avg, quantile, median");
  }
  lexer_.next();
  lexer_.next();  // The bracket.
  StatsPipe::Function function{.kind = known->second, .as = {}};
  if (called == "quantile") {
    const std::string text = lexer_.take_raw(",)");
    if (!read_number(text, function.phi) || function.phi < 0 || function.phi > 1 || !lexer_.take_sign(",")) {
      return complain("quantile takes a number from 0 to 1 and a field: quantile(0.99, duration)");
    }
  }
  if (!lexer_.is_sign(")")) {
    auto list = names();
    if (!list) return fail(std::move(list.error()));
    function.names = std::move(*list);
  }
  if (!lexer_.take_sign(")")) return complain("a , or ) is missing before " + seen());
  std::erase(function.names, "*");
  if (function.names.empty() && function.kind != StatsPipe::Kind::count) return complain(called + " takes a field");
  std::string list;
  for (const std::string& one : function.names) list += (list.empty() ? "" : ", ") + one;
  function.as = called + "(" + (list.empty() ? "*" : list) + ")";
  if (lexer_.is_word("if")) return complain("if (…) is not supported here");
  const bool has_as = lexer_.take_word("as");
  if (has_as || lexer_.is_text()) {
    auto as = name();
    if (!as) return fail(std::move(as.error()));
    function.as = std::move(*as);
  }
  return function;
}

Result<Pipe> QueryParser::stats() {
  StatsPipe stats;
  const bool has_by = lexer_.take_word("by");
  if (has_by || lexer_.is_sign("(")) {
    if (!lexer_.take_sign("(")) return complain("by takes fields in brackets: by (level, _time:5m)");
    while (!lexer_.take_sign(")")) {
      auto by = stats_by();
      if (!by) return fail(std::move(by.error()));
      stats.by.push_back(std::move(*by));
      if (!lexer_.take_sign(",") && !lexer_.is_sign(")")) return complain("a , or ) is missing before " + seen());
    }
  }
  do {
    auto function = stats_function();
    if (!function) return fail(std::move(function.error()));
    stats.functions.push_back(std::move(*function));
  } while (lexer_.take_sign(","));
  return stats;
}

}  // namespace towl::detail
