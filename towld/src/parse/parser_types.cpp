#include "parse/parser_types.hpp"

#include <array>

namespace towld {

// Each in a file of its own, NAME_parser.cpp, or with its kin.
extern const ParserType kJsonParser;
extern const ParserType kLogfmtParser;
extern const ParserType kRegexParser;
extern const ParserType kGrokParser;
extern const ParserType kCommonParser;
extern const ParserType kCombinedParser;
extern const ParserType kSyslogParser;
extern const ParserType kTimestampParser;
extern const ParserType kLevelParser;
extern const ParserType kDropParser;
extern const ParserType kKeepParser;
extern const ParserType kAddParser;
extern const ParserType kRenameParser;
extern const ParserType kRemoveParser;
extern const ParserType kRedactParser;
extern const ParserType kDockerParser;
extern const ParserType kCriParser;
extern const ParserType kMultilineParser;

std::span<const ParserType* const> parser_types() {
  static constexpr std::array kTypes = {
      &kJsonParser,   &kLogfmtParser,    &kRegexParser,  &kGrokParser,   &kCommonParser, &kCombinedParser,
      &kSyslogParser, &kTimestampParser, &kLevelParser,  &kDropParser,   &kKeepParser,   &kAddParser,
      &kRenameParser, &kRemoveParser,    &kRedactParser, &kDockerParser, &kCriParser,    &kMultilineParser,
  };
  return kTypes;
}

}  // namespace towld
