// Expression says which entries are wanted. grep's and cat's flags, the query language and HTTP's parameters all become
// an Expression, and so get the same answers.
//
// Value: a tree that owns its parts; copyable; any thread may read it.
// Text:  spec/query.md. to_text() prints an expression in the language; parse_query() reads that back.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "towl/query/matcher.hpp"
#include "towl/record/level.hpp"
#include "towl/time.hpp"

namespace towl {

/// The part of an entry, or of its file, that is tested.
enum class FieldKind : std::uint8_t {
  message,   ///< All of a text, or the MESSAGE of an entry with fields (RecordView::message()).
  any,       ///< The message, the sender and every field: any of them.
  raw,       ///< The text as it is stored, also of an entry with fields.
  sender,    ///< Who sent it.
  level,     ///< The name of its level: level.hpp.
  unit,      ///< The units that it is from or about: RecordView::has_unit().
  time,      ///< The event time, as nanoseconds.
  received,  ///< When it was received, as nanoseconds.
  format,    ///< The number of its log format.
  ordinal,   ///< Its place in the file.
  file_id,   ///< Its file's number …
  file,      ///< … UUID, 32 hexadecimal digits …
  title,     ///< … title …
  org,       ///< … and organisation.
  named,     ///< A field of the entry itself, or one that it implies (RecordView::implied()).
};

struct Field {
  FieldKind kind = FieldKind::message;
  std::string name = {};  ///< Only of `named`.

  friend bool operator==(const Field&, const Field&) = default;
};

/// The field that `name` means: "_msg", "sender", "level" … else a named one.
Field field_called(std::string_view name);

/// The name of a field in the language. "_msg" for the message.
std::string name_of(const Field& field);

/// A word or phrase. If it begins or ends with a letter, digit or `_`, no other one may touch it there.
struct PhraseTest {
  std::string text;
  bool is_prefix = false;    ///< What follows it may be anything.
  bool ignore_case = false;  ///< Letters of all scripts.
  friend bool operator==(const PhraseTest&, const PhraseTest&) = default;
};

/// Any part of the value.
struct SubstringTest {
  std::string text;
  bool ignore_case = false;
  friend bool operator==(const SubstringTest&, const SubstringTest&) = default;
};

/// The whole value, or its beginning.
struct ExactTest {
  std::vector<std::string> values;  ///< One of them.
  bool is_prefix = false;
  friend bool operator==(const ExactTest&, const ExactTest&) = default;
};

/// grep's patterns: at least one is found. A value of several lines is matched line by line.
struct PatternTest {
  std::vector<std::string> patterns;
  MatchOptions options;
  friend bool operator==(const PatternTest&, const PatternTest&) = default;
};

/// Phrases that follow one another, with anything between them.
struct SequenceTest {
  std::vector<std::string> phrases;
  friend bool operator==(const SequenceTest&, const SequenceTest&) = default;
};

/// Shell patterns (fnmatch): one of them matches the whole value.
struct GlobTest {
  std::vector<std::string> globs;
  friend bool operator==(const GlobTest&, const GlobTest&) = default;
};

/// The field is there and not empty.
struct ExistsTest {
  friend bool operator==(const ExistsTest&, const ExistsTest&) = default;
};

/// The value is a number between these: read_number().
struct RangeTest {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool without_least = false;  ///< `least` itself is outside.
  bool without_most = false;
  friend bool operator==(const RangeTest&, const RangeTest&) = default;
};

/// The number of characters of the value is between these.
struct LengthTest {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  friend bool operator==(const LengthTest&, const LengthTest&) = default;
};

/// since <= time < until; for the fields `time` and `received`. The defaults are the earliest and the latest time that
/// there can be, and mean no bound: the latest time itself then passes, too.
struct TimeTest {
  Timestamp since = std::numeric_limits<Timestamp>::min();
  Timestamp until = std::numeric_limits<Timestamp>::max();
  friend bool operator==(const TimeTest&, const TimeTest&) = default;

  bool contains(Timestamp time) const {
    return time >= since && (time < until || until == std::numeric_limits<Timestamp>::max());
  }
};

/// Its level is one of these; an entry without a level has none of them.
struct LevelTest {
  Level most_severe = kMostSevere;
  Level least_severe = kLeastSevere;
  friend bool operator==(const LevelTest&, const LevelTest&) = default;
};

using Test = std::variant<ExistsTest, PhraseTest, SubstringTest, ExactTest, PatternTest, SequenceTest, GlobTest,
                          RangeTest, LengthTest, TimeTest, LevelTest>;

struct Expression {
  enum class Kind : std::uint8_t {
    everything,  ///< Every entry.
    all_of,      ///< All of `parts` hold.
    any_of,      ///< One of `parts` holds; none of none does.
    none_of,     ///< No one of `parts` holds.
    test,        ///< A value of `field` passes `test`. A field may have several values, or none.
  };
  Kind kind = Kind::everything;
  std::vector<Expression> parts = {};
  Field field = {};
  Test test = {};

  friend bool operator==(const Expression&, const Expression&) = default;
};

Expression test_of(Field field, Test test);
/// Everything if `parts` is empty; a single part is itself.
Expression all_of(std::vector<Expression> parts);
Expression any_of(std::vector<Expression> parts);
Expression none_of(Expression part);

/// Entries that happened at or after `since` and before `until`.
Expression between(Timestamp since, Timestamp until);

/// In the query language. Expressions that mean the same may have different texts.
std::string to_text(const Expression& expression);

/// `text` in quotes, as the language reads it; a plain word stays as it is.
std::string quoted_text(std::string_view text);

/// Reads a number, or one with a unit: bytes ("5KiB", "1.5MB") in bytes, durations ("10ms", "1h30m") in nanoseconds.
/// False if `text` is neither.
bool read_number(std::string_view text, double& number);

}  // namespace towl
