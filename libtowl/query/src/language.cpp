#include "towl/query/language.hpp"

#include <charconv>
#include <utility>

#include "query_parser.hpp"

namespace towl {
namespace {

std::string name_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + (name == "*" ? name : quoted_text(name));
  return list;
}

std::string bounds_of(std::uint64_t offset, std::uint64_t limit) {
  std::string text;
  if (offset > 0) text += " offset " + std::to_string(offset);
  if (limit != UINT64_MAX) text += " limit " + std::to_string(limit);
  return text;
}

std::string function_of(const StatsPipe::Function& function) {
  const auto call = [&](std::string_view name) {
    return std::string(name) + "(" + name_list(function.names) + ") as " + quoted_text(function.as);
  };
  switch (function.kind) {
    case StatsPipe::Kind::count:
      return call("count");
    case StatsPipe::Kind::count_uniq:
      return call("count_uniq");
    case StatsPipe::Kind::sum:
      return call("sum");
    case StatsPipe::Kind::min:
      return call("min");
    case StatsPipe::Kind::max:
      return call("max");
    case StatsPipe::Kind::avg:
      return call("avg");
    case StatsPipe::Kind::quantile:
      break;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, function.phi).ptr;
  return "quantile(" + std::string(digits, end) + ", " + name_list(function.names) + ") as " + quoted_text(function.as);
}

struct PrintPipe {
  std::string operator()(const FieldsPipe& pipe) const { return "fields " + name_list(pipe.names); }
  std::string operator()(const LimitPipe& pipe) const {
    return pipe.offset > 0 ? "offset " + std::to_string(pipe.offset) : "limit " + std::to_string(pipe.limit);
  }
  std::string operator()(const SortPipe& pipe) const {
    std::string keys;
    for (const auto& key : pipe.keys) {
      keys += (keys.empty() ? "" : ", ") + quoted_text(key.name) + (key.is_descending ? " desc" : "");
    }
    return "sort by (" + keys + ")" + bounds_of(pipe.offset, pipe.limit);
  }
  std::string operator()(const UniqPipe& pipe) const {
    return "uniq by (" + name_list(pipe.names) + ")" + (pipe.with_hits ? " with hits" : "") + bounds_of(0, pipe.limit);
  }
  std::string operator()(const TopPipe& pipe) const {
    return "top " + std::to_string(pipe.count) + " by (" + name_list(pipe.names) + ") hits as " +
           quoted_text(pipe.hits);
  }
  std::string operator()(const StatsPipe& pipe) const {
    std::string by;
    for (const auto& one : pipe.by) {
      by += (by.empty() ? "" : ", ") + quoted_text(one.name);
      if (one.step_ns > 0) by += ":" + std::to_string(one.step_ns) + "ns";
    }
    std::string functions;
    for (const auto& function : pipe.functions) functions += (functions.empty() ? "" : ", ") + function_of(function);
    return "stats by (" + by + ") " + functions;
  }
};

}  // namespace

Result<Query> parse_query(std::string_view text, Timestamp now, const TimeZone& zone) {
  if (text.size() > kMaxQueryBytes) {
    return fail(ErrorCode::invalid_argument,
                "the query has more than " + std::to_string(kMaxQueryBytes >> 10) + " KiB: ask in several");
  }
  return detail::QueryParser(text, now, zone).query();
}

Result<Expression> parse_expression(std::string_view text, Timestamp now, const TimeZone& zone) {
  auto query = parse_query(text, now, zone);
  if (!query) return fail(std::move(query.error()));
  if (!query->pipes.empty()) return fail(ErrorCode::invalid_argument, "pipes (|) are not taken here, filters alone");
  return std::move(query->expression);
}

std::string to_text(const Query& query) {
  std::string text = to_text(query.expression);
  for (const Pipe& pipe : query.pipes) text += " | " + std::visit(PrintPipe{}, pipe);
  return text;
}

}  // namespace towl
