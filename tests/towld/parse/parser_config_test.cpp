// The list under `parsers`: errors name the file, line and key.
#include <fstream>

#include "support/temp_folder.hpp"
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(ParserConfig, NamesAndMapsAreRead) {
  const auto chain = test::make_chain("[json, { type: regex, pattern: '(?P<a>x)' }, { type: drop, equals: [a, b] }]");
  ASSERT_TRUE(chain) << chain.error().to_string();
  EXPECT_FALSE(chain->empty());
  EXPECT_TRUE(test::make_chain("[]")->empty());
}

TEST(ParserConfig, UnknownTypesAndKeysNameFileLineAndKey) {
  EXPECT_THAT(error_of("[jsn]"), HasSubstr("towld.yaml:3: \"inputs[0].parsers\": \"jsn\" is not one of json, logfmt"));
  EXPECT_THAT(error_of("[{ type: jsn }]"),
              HasSubstr("towld.yaml:3: \"inputs[0].parsers[0].type\": \"jsn\" is not one"));
  EXPECT_THAT(error_of("[{ field: a }]"), HasSubstr("\"inputs[0].parsers[0].type\": is missing"));
  EXPECT_THAT(error_of("\n  - json\n  - { type: level, feild: a }"),
              HasSubstr("towld.yaml:5: \"inputs[0].parsers[1].field\": level needs `field`"));
  EXPECT_THAT(error_of("[{ type: json, feild: a }]"),
              HasSubstr("towld.yaml:3: unknown key \"inputs[0].parsers[0].feild\": did you mean \"field\"?"));
  EXPECT_THAT(error_of("[{ type: json, pattern: a }]"), HasSubstr("unknown key"));
}

TEST(ParserConfig, WhatATypeNeedsIsAskedForWithAnExample) {
  EXPECT_THAT(error_of("[regex]"), HasSubstr("regex needs `pattern`, e.g. { type: regex, pattern:"));
  EXPECT_THAT(error_of("[grok]"), HasSubstr("grok needs `pattern`"));
  EXPECT_THAT(error_of("[timestamp]"), HasSubstr("timestamp needs `format`"));
  EXPECT_THAT(error_of("[{ type: level }]"), HasSubstr("level needs `field`"));
  EXPECT_THAT(error_of("[drop]"), HasSubstr("drop needs either `equals` or `matches`"));
  EXPECT_THAT(error_of("[{ type: keep, equals: a, matches: b }]"), HasSubstr("either"));
  EXPECT_THAT(error_of("[add]"), HasSubstr("add needs `fields`"));
  EXPECT_THAT(error_of("[rename]"), HasSubstr("rename needs `fields`"));
  EXPECT_THAT(error_of("[remove]"), HasSubstr("remove needs `fields`"));
  EXPECT_THAT(error_of("[redact]"), HasSubstr("redact needs `pattern`"));
}

// These show only when the parser is made; the place is still known.
TEST(ParserConfig, PatternsThatCannotBeUsedNameFileAndLine) {
  EXPECT_THAT(error_of("\n  - json\n  - { type: regex, pattern: '(?P<a>x' }"), HasSubstr("towld.yaml:5: the regular"));
  EXPECT_THAT(error_of("[{ type: regex, pattern: 'x' }]"), HasSubstr("no named group"));
  EXPECT_THAT(error_of("[{ type: regex, pattern: '(?P<a>x)(?=y)' }]"), HasSubstr("towld.yaml:3:"));
  EXPECT_THAT(error_of("[{ type: regex, pattern: '(?P<a>(((x{1000}){1000}){1000}))' }]"), HasSubstr("towld.yaml:3:"));
  EXPECT_THAT(error_of("[{ type: regex, pattern: '(?P<a>(\\pL{500}){2}(\\pL{900}))' }]"), HasSubstr("towld.yaml:3:"));
  EXPECT_THAT(error_of("[{ type: drop, matches: '[' }]"), HasSubstr("towld.yaml:3:"));
  EXPECT_THAT(error_of("[{ type: redact, pattern: a, replacement: '\\5' }]"),
              HasSubstr("the replacement cannot be used"));
  EXPECT_THAT(error_of("[{ type: regex, pattern: '(?P<a>" + std::string(100'000, 'x') + ")' }]"),
              HasSubstr("too long"));
}

TEST(ParserConfig, GrokErrorsSayWhichPatternIsMeant) {
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{NUMBR:a}' }]"),
              HasSubstr("towld.yaml:3: there is no grok pattern NUMBR"));
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{NUMBER}' }]"), HasSubstr("names no field"));
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{NUMBER:a' }]"), HasSubstr("has no }"));
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{NUMBER:a:bool}' }]"), HasSubstr("int, float or string"));
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{A:a}', patterns: { A: '%{B}', B: '%{A}' } }]"),
              HasSubstr("too deep"));
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{X:a}', patterns_file: /nowhere/patterns }]"),
              HasSubstr("/nowhere/patterns"));
}

// Ten patterns; each has the next one ten times.
TEST(ParserConfig, GrokPatternsThatGrowBeyondMeasureAreRefused) {
  std::string patterns = "P0: xxxxxxxxxx";
  for (int i = 1; i <= 10; ++i) {
    patterns += ", P" + std::to_string(i) + ": '";
    for (int j = 0; j < 10; ++j) patterns += "%{P" + std::to_string(i - 1) + "}";
    patterns += "'";
  }
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{P10:a}', patterns: {" + patterns + "} }]"), HasSubstr("too long"));
}

TEST(ParserConfig, AGrokFileNamesItsLines) {
  const towl::test::TempFolder folder;
  const std::string file = (folder / "patterns").string();
  std::ofstream(file) << "# ours\n\nORDER ORD-%{INT}\r\n\tSHOP  [a-z]+ [0-9]\n";
  const auto parsed =
      test::parse("[{ type: grok, pattern: '%{ORDER:order} in %{SHOP:shop}', patterns_file: " + file + " }]",
                  std::string("got ORD-17 in abc 5"));
  EXPECT_EQ(parsed.fields(), (test::Fields{{"order", "ORD-17"}, {"shop", "abc 5"}}));
  std::ofstream(file) << "A b\nALONE\n";
  EXPECT_THAT(error_of("[{ type: grok, pattern: '%{A:a}', patterns_file: " + file + " }]"),
              HasSubstr("patterns:2: expected NAME PATTERN"));
}

TEST(ParserConfig, TimeFormatsAndZonesAreChecked) {
  EXPECT_THAT(error_of("[{ type: timestamp, format: iso }]"), HasSubstr("is neither rfc3339"));
  EXPECT_THAT(error_of("[{ type: timestamp, format: '%Q' }]"), HasSubstr("%Q, which is not known"));
  EXPECT_THAT(error_of("[{ type: timestamp, format: '%Y %' }]"), HasSubstr("single %"));
  EXPECT_THAT(error_of("[{ type: timestamp, format: '%Y-%m-%d' }]"), HasSubstr("no hour"));
  EXPECT_THAT(error_of("[{ type: timestamp, format: rfc3339, time_zone: Europe/Atlantis }]"),
              HasSubstr("towld.yaml:3: there is no time zone \"Europe/Atlantis\""));
}

}  // namespace
}  // namespace towld
