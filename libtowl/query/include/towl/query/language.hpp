// The query language: a subset of VictoriaLogs' LogsQL (https://docs.victoriametrics.com/victorialogs/logsql/).
// spec/query.md says what is supported, what is not, and what differs from LogsQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "towl/query/expression.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

/// `fields a, b`: only these.
struct FieldsPipe {
  std::vector<std::string> names;
};

/// `limit N`, `head N`: the first N. `offset N`, `skip N`: all but the first N.
struct LimitPipe {
  std::uint64_t offset = 0;
  std::uint64_t limit = UINT64_MAX;
};

/// `sort by (a desc, b) limit N`: numbers by their value, other texts by their bytes.
struct SortPipe {
  struct Key {
    std::string name;
    bool is_descending = false;
  };
  std::vector<Key> keys;
  std::uint64_t offset = 0;
  std::uint64_t limit = UINT64_MAX;
};

/// `uniq by (a, b) with hits limit N`: each different combination once.
struct UniqPipe {
  std::vector<std::string> names;
  bool with_hits = false;
  std::uint64_t limit = UINT64_MAX;
};

/// `top N by (a, b)`: the most frequent combinations.
struct TopPipe {
  std::uint64_t count = 10;
  std::vector<std::string> names;
  std::string hits = "hits";
};

/// `stats by (a, _time:5m) count() as n, sum(b)`
struct StatsPipe {
  struct By {
    std::string name;
    std::int64_t step_ns = 0;  ///< Of _time: buckets of this length; 0: the value itself.
  };
  enum class Kind : std::uint8_t { count, count_uniq, sum, min, max, avg, quantile };
  struct Function {
    Kind kind = Kind::count;
    std::vector<std::string> names = {};  ///< What it looks at. count() without any counts rows.
    double phi = 0.5;                     ///< For quantile.
    std::string as;                       ///< What the result is called.
  };
  std::vector<By> by;
  std::vector<Function> functions;
};

using Pipe = std::variant<FieldsPipe, LimitPipe, SortPipe, UniqPipe, TopPipe, StatsPipe>;

struct Query {
  Expression expression;
  std::vector<Pipe> pipes = {};
};

/// The longest query that is read, in bytes. People write hundreds; longer ones are from programs that can split them.
inline constexpr std::size_t kMaxQueryBytes = std::size_t{64} << 10;

/// Reads a query. Times without a zone are in `zone`; durations count back from `now`.
/// Errors: invalid_argument: "column N: …", counted in bytes from 1.
Result<Query> parse_query(std::string_view text, Timestamp now, const TimeZone& zone = TimeZone::local());

/// The same for a query that has no pipes.
Result<Expression> parse_expression(std::string_view text, Timestamp now, const TimeZone& zone = TimeZone::local());

/// A query as text that parse_query() reads back.
std::string to_text(const Query& query);

}  // namespace towl
