// QueryParser reads the query language, by recursive descent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "query_lexer.hpp"
#include "towl/query/language.hpp"

namespace towl::detail {

class QueryParser {
 public:
  QueryParser(std::string_view text, Timestamp now, const TimeZone& zone) : lexer_(text), now_(now), zone_(zone) {}

  Result<Query> query();

 private:
  using Parsed = Result<Expression>;

  // query_parser.cpp: filters.
  Parsed alternatives(const Field& field);
  Parsed conjunction(const Field& field);
  Parsed term(const Field& field);
  Parsed named_or_filter(const Field& field);
  Parsed filter(const Field& field);
  Parsed star(const Field& field);
  Parsed exact(const Field& field);
  Parsed comparison(const Field& field);
  Parsed function(const Field& field, const std::string& name);
  Parsed folded(const Field& field);
  Parsed range(const Field& field);
  Parsed time_filter(const Field& field);
  Parsed time_range(const Field& field, bool includes_begin);
  Parsed level_comparison(const std::string& sign, const std::string& text);
  Parsed phrase(const Field& field);
  Result<std::vector<std::string>> arguments();

  // pipe_parser.cpp: what comes after `|`.
  Result<Pipe> pipe();
  Result<std::uint64_t> number(const char* what);
  Result<std::vector<std::string>> names();
  Result<std::vector<std::string>> by_names();
  Result<std::string> name();
  Result<Pipe> sort();
  Result<Pipe> uniq();
  Result<Pipe> top();
  Result<Pipe> stats();
  Result<StatsPipe::By> stats_by();
  Result<StatsPipe::Function> stats_function();

  tl::unexpected<Error> complain(const std::string& what) const { return lexer_.complain(what); }
  std::string seen() const;

  QueryLexer lexer_;
  const Timestamp now_;
  const TimeZone& zone_;
  std::size_t depth_ = 0;
};

}  // namespace towl::detail
