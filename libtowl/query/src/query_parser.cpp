#include "query_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "query_times.hpp"

namespace towl::detail {
namespace {

/// Deeper than anybody nests, and far from the limit of the stack.
constexpr std::size_t kMaxDepth = 100;

constexpr std::array<std::string_view, 12> kNotTaken = {"eq_field",
                                                        "le_field",
                                                        "lt_field",
                                                        "ipv4_range",
                                                        "string_range",
                                                        "value_type",
                                                        "pattern_match",
                                                        "pattern_match_full",
                                                        "day_range",
                                                        "week_range",
                                                        "json_array_contains_any",
                                                        "equals_common_case"};

bool is_time(const Field& field) { return field.kind == FieldKind::time || field.kind == FieldKind::received; }

Expression not_of(Expression expression) { return none_of(std::move(expression)); }

bool is_comparison(const QueryLexer& lexer) {
  return lexer.is_sign("<") || lexer.is_sign("<=") || lexer.is_sign(">") || lexer.is_sign(">=");
}

}  // namespace

std::string QueryParser::seen() const {
  return lexer_.kind() == QueryLexer::Kind::end ? "the end" : "\"" + lexer_.text() + "\"";
}

Result<Query> QueryParser::query() {
  Query query;
  if (lexer_.kind() == QueryLexer::Kind::end) return complain("a query is missing; * is all entries");
  auto expression = alternatives({});
  if (!expression) return fail(std::move(expression.error()));
  query.expression = std::move(*expression);
  while (lexer_.take_sign("|")) {
    auto made = pipe();
    if (!made) return fail(std::move(made.error()));
    query.pipes.push_back(std::move(*made));
  }
  if (lexer_.broken() || lexer_.kind() != QueryLexer::Kind::end) {
    return complain(seen() + " is not expected here; quote what has signs in it");
  }
  return query;
}

QueryParser::Parsed QueryParser::alternatives(const Field& field) {
  std::vector<Expression> parts;
  do {
    auto part = conjunction(field);
    if (!part) return part;
    parts.push_back(std::move(*part));
  } while (lexer_.take_word("or"));
  return any_of(std::move(parts));
}

QueryParser::Parsed QueryParser::conjunction(const Field& field) {
  std::vector<Expression> parts;
  for (;;) {
    auto part = term(field);
    if (!part) return part;
    parts.push_back(std::move(*part));
    if (lexer_.take_word("and")) continue;
    const bool ends = lexer_.kind() == QueryLexer::Kind::end || lexer_.is_word("or") || lexer_.is_sign(")") ||
                      lexer_.is_sign("|") || lexer_.is_sign("]") || lexer_.is_sign("}") || lexer_.is_sign(",");
    if (ends) return all_of(std::move(parts));
  }
}

QueryParser::Parsed QueryParser::term(const Field& field) {
  if (depth_ == kMaxDepth) return complain("the query is nested too deeply");
  ++depth_;
  auto made = [&]() -> Parsed {
    if (lexer_.take_word("not") || lexer_.take_sign("!") || lexer_.take_sign("-")) {
      auto denied = term(field);
      return denied ? Parsed(not_of(std::move(*denied))) : denied;
    }
    if (lexer_.take_sign("(")) {
      auto inner = alternatives(field);
      if (!inner) return inner;
      if (!lexer_.take_sign(")")) return complain("a ) is missing before " + seen());
      return inner;
    }
    return named_or_filter(field);
  }();
  --depth_;
  return made;
}

QueryParser::Parsed QueryParser::named_or_filter(const Field& field) {
  const bool is_named = lexer_.is_before_colon() && (lexer_.is_text() || lexer_.is_sign("*"));
  if (!is_named) return filter(field);
  const std::string name = lexer_.text();
  if (name == "_stream" || name == "_stream_id") {
    return complain("there are no streams here: write sender:NAME or _title:NAME");
  }
  lexer_.next();
  lexer_.next();  // The colon.
  const Field named = field_called(name);
  return lexer_.is_sign("(") || lexer_.is_sign("!") || lexer_.is_sign("-") || lexer_.is_word("not") ? term(named)
                                                                                                    : filter(named);
}

QueryParser::Parsed QueryParser::filter(const Field& field) {
  if (lexer_.broken()) return complain("");
  if (is_time(field)) return time_filter(field);
  if (lexer_.is_sign("{"))
    return complain("there are no streams here: write sender:NAME or _title:NAME instead of {…}");
  if (lexer_.is_sign("*")) return star(field);
  if (lexer_.take_sign("=")) return exact(field);
  if (lexer_.take_sign("!=")) {
    auto denied = exact(field);
    return denied ? Parsed(not_of(std::move(*denied))) : denied;
  }
  const bool is_denied_pattern = lexer_.is_sign("!~");
  if (is_denied_pattern || lexer_.is_sign("~")) {
    lexer_.next();
    if (!lexer_.is_text()) return complain("a regular expression in quotes is missing after ~");
    Expression pattern = test_of(field, PatternTest{{lexer_.text()}, {}});
    lexer_.next();
    return is_denied_pattern ? not_of(std::move(pattern)) : pattern;
  }
  if (is_comparison(lexer_)) return comparison(field);
  if (!lexer_.is_text()) return complain("a word or a filter is missing before " + seen());
  const bool is_function = lexer_.kind() == QueryLexer::Kind::word &&
                           (lexer_.is_before('(') || (lexer_.is_before('[') && lexer_.is_word("range")));
  if (is_function) {
    const std::string name = lexer_.text();
    return function(field, name);
  }
  return phrase(field);
}

// `*` alone, or `*part*`.
QueryParser::Parsed QueryParser::star(const Field& field) {
  lexer_.next();
  if (lexer_.is_apart() || !lexer_.is_text()) {
    // Without a field: all entries, also those without a message.
    if (field.kind == FieldKind::message || field.kind == FieldKind::any) return Expression{};
    return test_of(field, ExistsTest{});
  }
  const std::string text = lexer_.text();
  lexer_.next();
  if (lexer_.is_apart() || !lexer_.take_sign("*")) {
    return complain("a * is missing after \"" + text + "\": *" + text + "* is any part");
  }
  return test_of(field, SubstringTest{text});
}

QueryParser::Parsed QueryParser::exact(const Field& field) {
  if (!lexer_.is_text()) return complain("a text is missing after =");
  ExactTest test{{lexer_.text()}};
  lexer_.next();
  if (!lexer_.is_apart() && lexer_.take_sign("*")) test.is_prefix = true;
  return test_of(field, std::move(test));
}

QueryParser::Parsed QueryParser::level_comparison(const std::string& sign, const std::string& text) {
  const auto level = parse_level(text);
  if (!level) return complain("\"" + text + "\" is no level");
  // A more severe level counts as greater, though its number is lower.
  LevelTest test;
  if (sign == ">=") test.least_severe = *level;
  if (sign == ">") test.least_severe = *level - 1;
  if (sign == "<=") test.most_severe = *level;
  if (sign == "<") test.most_severe = *level + 1;
  if (test.least_severe < test.most_severe) return Expression{.kind = Expression::Kind::any_of};
  return test_of({.kind = FieldKind::level}, test);
}

QueryParser::Parsed QueryParser::comparison(const Field& field) {
  const std::string sign = lexer_.text();
  lexer_.next();
  const bool is_negative = lexer_.take_sign("-");
  if (!lexer_.is_text()) return complain("a number is missing after " + sign);
  const std::string text = (is_negative ? "-" : "") + lexer_.text();
  if (field.kind == FieldKind::level) {
    auto made = level_comparison(sign, text);
    if (made) lexer_.next();
    return made;
  }
  double number = 0;
  if (!read_number(text, number)) {
    return complain("\"" + text + "\" is no number, nor one with a unit like 5KiB or 10ms; only numbers are compared");
  }
  lexer_.next();
  RangeTest test;
  if (sign.front() == '>') {
    test.least = number;
    test.without_least = sign.size() == 1;
  } else {
    test.most = number;
    test.without_most = sign.size() == 1;
  }
  return test_of(field, test);
}

// ( "a", b, … ): the sign ( comes next.
Result<std::vector<std::string>> QueryParser::arguments() {
  std::vector<std::string> arguments;
  if (!lexer_.take_sign("(")) return complain("a ( is missing before " + seen());
  while (!lexer_.take_sign(")")) {
    if (!lexer_.is_text()) return complain("a text or ) is missing before " + seen());
    arguments.push_back(lexer_.text());
    lexer_.next();
    if (!lexer_.take_sign(",") && !lexer_.is_sign(")")) return complain("a , or ) is missing before " + seen());
  }
  return arguments;
}

// i(text), i(text*), i(*text*)
QueryParser::Parsed QueryParser::folded(const Field& field) {
  if (!lexer_.take_sign("(")) return complain("a ( is missing before " + seen());
  const bool is_substring = lexer_.take_sign("*");
  if (!lexer_.is_text()) return complain("a word or phrase is missing before " + seen());
  const std::string text = lexer_.text();
  lexer_.next();
  const bool has_star = lexer_.take_sign("*");
  if (is_substring && !has_star) return complain("a * is missing before " + seen());
  if (!lexer_.take_sign(")")) return complain("a ) is missing before " + seen());
  if (is_substring) return test_of(field, SubstringTest{text, true});
  return test_of(field, PhraseTest{text, has_star, true});
}

// range(a, b], with the first bracket next.
QueryParser::Parsed QueryParser::range(const Field& field) {
  RangeTest test;
  if (lexer_.take_sign("(")) {
    test.without_least = true;
  } else if (!lexer_.take_sign("[")) {
    return complain("a ( or [ is missing before " + seen());
  }
  for (double* const bound : {&test.least, &test.most}) {
    std::string text = lexer_.take_raw(",)]");
    const bool is_negative = text.starts_with('-');
    const std::string_view digits = std::string_view(text).substr(is_negative || text.starts_with('+') ? 1 : 0);
    const bool is_infinite = digits == "inf" || digits == "Inf";
    if (is_infinite) {
      *bound = is_negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    } else if (!read_number(text, *bound)) {
      return complain("\"" + text + "\" is no number");
    }
    if (bound == &test.least && !lexer_.take_sign(",")) return complain("a , is missing before " + seen());
  }
  if (lexer_.take_sign(")")) {
    test.without_most = true;
  } else if (!lexer_.take_sign("]")) {
    return complain("a ) or ] is missing before " + seen());
  }
  return test_of(field, test);
}

QueryParser::Parsed QueryParser::function(const Field& field, const std::string& name) {
  if (std::find(kNotTaken.begin(), kNotTaken.end(), name) != kNotTaken.end()) {
    return complain(name + "() is not supported here; spec/query.md has what is");
  }
  static constexpr std::array<std::string_view, 13> kKnown = {
      "i",     "range", "len_range", "in",   "contains_all", "contains_any", "seq",
      "exact", "re",    "regexp",    "grep", "glob",         "phrase"};
  if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) return phrase(field);
  lexer_.next();
  if (name == "i") return folded(field);
  if (name == "range") return range(field);
  auto given = arguments();
  if (!given) return fail(std::move(given.error()));
  const auto one_each = [&](auto make) {
    std::vector<Expression> parts;
    for (const std::string& text : *given) parts.push_back(test_of(field, make(text)));
    return parts;
  };
  const auto phrase_of = [](const std::string& text) { return PhraseTest{text}; };
  if (name == "contains_all") return all_of(one_each(phrase_of));
  if (name == "contains_any") return any_of(one_each(phrase_of));
  if (name == "in") {
    if (field.kind != FieldKind::level) return test_of(field, ExactTest{*given});
    return any_of(one_each([](const std::string& text) {
      const auto level = parse_level(text);
      return level ? Test(LevelTest{*level, *level}) : Test(ExactTest{{text}});
    }));
  }
  if (name == "seq") return test_of(field, SequenceTest{*given});
  if (name == "glob") return test_of(field, GlobTest{*given});
  if (name == "len_range") {
    double least = 0;
    double most = 0;
    const bool is_open = given->size() == 2 && ((*given)[1] == "inf" || (*given)[1] == "Inf");
    if (given->size() != 2 || !read_number((*given)[0], least) || (!is_open && !read_number((*given)[1], most)) ||
        least < 0 || least > 1e15 || most > 1e15) {
      return complain("len_range takes two numbers: len_range(5, 10)");
    }
    return test_of(field, LengthTest{static_cast<std::uint64_t>(least),
                                     is_open ? UINT64_MAX : static_cast<std::uint64_t>(std::max(most, 0.0))});
  }
  if (name == "grep") {
    PatternTest test;
    if (given->empty() || !given->front().starts_with('-'))
      return complain("grep takes options first: grep(\"-iw\", …)");
    for (const char letter : given->front().substr(1)) {
      bool* const option = letter == 'F'   ? &test.options.fixed
                           : letter == 'i' ? &test.options.ignore_case
                           : letter == 'w' ? &test.options.word
                           : letter == 'x' ? &test.options.whole
                                           : nullptr;
      if (option == nullptr) return complain(std::string("grep has no option -") + letter + " here; F, i, w and x");
      *option = true;
    }
    test.patterns.assign(given->begin() + 1, given->end());
    return test_of(field, std::move(test));
  }
  if (given->size() != 1) return complain(name + " takes one text");
  if (name == "exact") return test_of(field, ExactTest{*given});
  if (name == "phrase") return test_of(field, PhraseTest{given->front()});
  return test_of(field, PatternTest{*given, {}});
}

QueryParser::Parsed QueryParser::phrase(const Field& field) {
  const bool is_word = lexer_.kind() == QueryLexer::Kind::word;
  PhraseTest test{lexer_.text()};
  lexer_.next();
  if (!lexer_.is_apart() && lexer_.take_sign("*")) test.is_prefix = true;
  if (!lexer_.is_apart() && lexer_.is_text()) return complain("a blank is missing before " + seen());
  if (field.kind == FieldKind::level && !test.is_prefix) {
    if (const auto level = parse_level(test.text)) return test_of(field, LevelTest{*level, *level});
    if (is_word && test.text.find("..") != std::string::npos) {
      const auto levels = parse_level_range(test.text);
      if (!levels) return complain(levels.error().message);
      return test_of(field, LevelTest{levels->most_severe, levels->least_severe});
    }
    // The name that entries themselves use.
    return test_of({.kind = FieldKind::named, .name = "level"}, std::move(test));
  }
  return test_of(field, std::move(test));
}

QueryParser::Parsed QueryParser::time_range(const Field& field, bool includes_begin) {
  TimeTest test;
  const std::string begin = lexer_.take_raw(",)]");
  const auto first = read_time_span(begin, now_, zone_);
  if (!first) return complain("\"" + begin + "\" is no time");
  if (!lexer_.take_sign(",")) return complain("a , is missing before " + seen());
  const std::string end = lexer_.take_raw(",)]");
  const auto last = read_time_span(end, now_, zone_);
  if (!last) return complain("\"" + end + "\" is no time");
  test.since = includes_begin ? first->begin : first->end;
  if (lexer_.take_sign("]")) {
    test.until = last->end;
  } else if (lexer_.take_sign(")")) {
    test.until = last->begin;
  } else {
    return complain("a ) or ] is missing before " + seen());
  }
  return test_of(field, test);
}

QueryParser::Parsed QueryParser::time_filter(const Field& field) {
  if (lexer_.is_sign("*")) {
    lexer_.next();
    return Expression{};
  }
  if (lexer_.take_sign("[")) return time_range(field, true);
  if (lexer_.take_sign("(")) return time_range(field, false);
  std::string sign;
  if (is_comparison(lexer_) || lexer_.is_sign("=")) {
    sign = lexer_.text();
    lexer_.next();
  }
  if (lexer_.is_word("day_range") || lexer_.is_word("week_range")) {
    return complain(lexer_.text() + " is not supported here; spec/query.md has what is");
  }
  if (!lexer_.is_text() && !lexer_.is_sign("-")) return complain("a time is missing before " + seen());
  const std::string text = lexer_.take_raw(")|");
  if (lexer_.is_word("offset")) return complain("offset is not supported here; write the times themselves");
  TimeTest test;
  const auto span = read_span(text);
  if (span) {
    // That long ago; without a sign, from then up to now.
    Timestamp then = 0;
    if (__builtin_sub_overflow(now_, *span, &then)) return complain("\"" + text + "\" is too long ago");
    if (sign.starts_with('>')) {
      test.until = then;
    } else {
      test.since = then;
      if (!sign.starts_with('<')) test.until = now_ + 1;
    }
    return test_of(field, test);
  }
  const auto time = read_time_span(text, now_, zone_);
  if (!time) {
    return complain("\"" + text + "\" is no time: write it as 5m, 2026-01-17, 2026-01-17T14:30:00Z or \"2 hours ago\"");
  }
  if (sign == ">") test.since = time->end;
  if (sign == ">=") test.since = time->begin;
  if (sign == "<") test.until = time->begin;
  if (sign == "<=") test.until = time->end;
  if (sign.empty() || sign == "=") test = {time->begin, time->end};
  return test_of(field, test);
}

}  // namespace towl::detail
