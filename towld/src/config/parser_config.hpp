// ParserConfig is one step of an input's chain of parsers. The types and their keys are listed in README.md.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "towl/record/level.hpp"

namespace towld {

class YamlMap;

enum class ParserType {
  json,
  logfmt,
  regex,
  grok,
  common,
  combined,
  syslog,
  timestamp,
  level,
  drop,
  keep,
  add,
  rename,
  remove,
  redact,
};

/// Each type uses the settings that are named for it. The text of an entry goes by the name of MESSAGE.
struct ParserConfig {
  ParserType type = ParserType::json;
  std::string place = {};  ///< FILE:LINE, for what is found wrong only when the parser is made.
  /// What is parsed; empty: the text. json, logfmt, regex, grok, timestamp, level, drop, keep.
  std::string field = {};
  std::string pattern = {};                          ///< regex, grok, redact.
  std::string patterns_file = {};                    ///< grok: NAME PATTERN, one a line.
  std::map<std::string, std::string> patterns = {};  ///< grok: by name.
  std::string format = {};                           ///< timestamp: rfc3339, unix, unix_ms, … or strptime's.
  std::string time_zone = {};  ///< timestamp, syslog, where the time has none; empty: this machine's.
  towl::LevelScale scale = towl::LevelScale::bunyan;  ///< level.
  std::vector<std::string> equals = {};               ///< drop, keep: one of these.
  std::string matches = {};                           ///< drop, keep: a regular expression.
  std::map<std::string, std::string> fields = {};     ///< add: name and value; rename: old and new name.
  std::vector<std::string> names = {};                ///< remove, redact: fields; "*" are all, for redact.
  std::string replacement = "[redacted]";             ///< redact; \1 is the first group.

  /// Wherever it stands.
  friend bool operator==(const ParserConfig& a, const ParserConfig& b) {
    const auto settings = [](const ParserConfig& one) {
      return std::tie(one.type, one.field, one.pattern, one.patterns_file, one.patterns, one.format, one.time_zone,
                      one.scale, one.equals, one.matches, one.fields, one.names, one.replacement);
    };
    return settings(a) == settings(b);
  }
};

/// Reads the list under `parsers`: names, and maps with a `type` and its settings.
void read_parsers(YamlMap& input, std::vector<ParserConfig>& parsers);

}  // namespace towld
