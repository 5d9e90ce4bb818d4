// The tables of inputs, outputs and parsers: every type has a row, and its keys are read from a configuration as users
// write it.
#include "app/part_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "config/read_config.hpp"
#include "inputs/file/file_config.hpp"
#include "outputs/file/file_output_config.hpp"
#include "outputs/text_output_config.hpp"
#include "outputs/towl/forward_config.hpp"
#include "parse/parser_types.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::set<std::string> names_of(const std::vector<PartType>& types) {
  std::set<std::string> names;
  for (const PartType& type : types) {
    EXPECT_NE(type.read, nullptr) << type.name;
    EXPECT_TRUE(names.emplace(type.name).second) << type.name << " is there twice";
  }
  return names;
}

/// The names of all rows of that kind that the sources define.
std::set<std::string> defined(const std::string& kind) {
  std::set<std::string> names;
  const std::string row = "extern const " + kind + " k";
  for (const auto& file : std::filesystem::recursive_directory_iterator(TOWLD_SOURCES)) {
    if (file.path().extension() != ".cpp") continue;
    std::ifstream stream(file.path());
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    for (auto at = text.find(row); at != std::string::npos; at = text.find(row, at + 1)) {
      // Not the table's own declarations.
      const auto begin = text.find_first_of("\";", at);
      if (begin == std::string::npos || text[begin] == ';') continue;
      names.insert(text.substr(begin + 1, text.find('"', begin + 1) - begin - 1));
    }
  }
  return names;
}

TEST(PartTables, HaveEveryTypeThatIsDefined) {
  EXPECT_EQ(names_of(all_part_types().inputs), defined("InputType"));
  EXPECT_EQ(names_of(all_part_types().outputs), defined("OutputType"));
  EXPECT_EQ(names_of(all_part_types().parsers), defined("ParserType"));
  EXPECT_GE(defined("ParserType").size(), 15u);
}

TEST(PartTables, RowsCanBeStarted) {
  for (const InputType* type : input_types()) EXPECT_NE(type->start, nullptr) << type->name;
  for (const OutputType* type : output_types()) EXPECT_NE(type->start, nullptr) << type->name;
  for (const ParserType* type : parser_types()) EXPECT_NE(type->make, nullptr) << type->name;
}

// Two inputs that want the same path could not exist together.
TEST(PartTables, NoTwoInputsShareAPath) {
  std::set<std::string_view> paths;
  for (const InputType* type : input_types()) {
    for (const InputPath& one : type->paths) EXPECT_TRUE(paths.insert(one.path).second) << one.path;
  }
  EXPECT_FALSE(paths.empty());
}

std::string document_error(const std::string& yaml) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const auto done = read_document(yaml, "towld.yaml", none, all_part_types(), config);
  return done ? "no error" : done.error().to_string();
}

TEST(Config, InputsAndOutputsArePrintedAsTheyWereRead) {
  const std::string yaml =
      "inputs:\n"
      "  - { name: nginx, type: file, include: ['${LOGS}/*.log'], parsers: [combined, { type: drop, matches: 'a$$' "
      "}],\n"
      "      labels: { app: shop }, multiline: { start_pattern: '^\\d', timeout: 2s } }\n"
      "  - { type: syslog, listen: \"udp://127.0.0.1:5514\" }\n"
      "outputs:\n"
      "  - { type: towl, remote: [\"a:1\", \"b:2\"] }\n";
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "LOGS" ? std::optional<std::string>("/var/log") : std::nullopt;
  };
  Config config;
  const auto read = read_document(yaml, "towld.yaml", environment, all_part_types(), config);
  ASSERT_TRUE(read) << read.error().to_string();
  const auto& file = config.inputs.at(0).settings.as<FileInputConfig>();
  EXPECT_EQ(file.include, std::vector<std::string>{"/var/log/*.log"});
  EXPECT_EQ(file.multiline->timeout_ns, 2'000'000'000);
  EXPECT_EQ(config.inputs.at(1).name, "syslog");
  EXPECT_EQ(config.outputs.at(0).settings.as<ForwardConfig>().remotes, (std::vector<std::string>{"a:1", "b:2"}));
  Config again;
  const auto printed = print_config(config);
  const auto back = read_document(
      printed, "printed", [](const std::string&) { return std::nullopt; }, all_part_types(), again);
  ASSERT_TRUE(back) << back.error().to_string() << printed;
  EXPECT_EQ(print_config(again), printed);
  EXPECT_EQ(again.inputs.at(0).settings, config.inputs.at(0).settings);
  EXPECT_EQ(again.inputs.at(0).parsers, config.inputs.at(0).parsers);
}

TEST(Config, MinLevelTakesEveryNameOfALevel) {
  const auto level_of = [](const std::string& name) {
    Config config;
    const auto none = [](const std::string&) { return std::optional<std::string>(); };
    const auto done = read_document("inputs:\n- { type: stdin, min_level: " + name + " }\n", "towld.yaml", none,
                                    all_part_types(), config);
    EXPECT_TRUE(done) << done.error().to_string();
    return config.inputs.at(0).min_level;
  };
  EXPECT_EQ(level_of("warn"), 4);
  EXPECT_EQ(level_of("warning"), 4);
  EXPECT_EQ(level_of("critical"), 2);
  EXPECT_EQ(level_of("3"), 3);
  EXPECT_THAT(document_error("inputs:\n  - { type: stdin, min_level: loud }\n"), testing::HasSubstr("is not a level"));
}

TEST(Config, AWrongInputNamesFileLineAndWhatIsWrong) {
  EXPECT_THAT(document_error("inputs:\n  - { type: fle }\n"),
              testing::HasSubstr("\"fle\" is not one of file, journald"));
  EXPECT_THAT(document_error("inputs:\n  - { type: file, includes: [x] }\n"), testing::HasSubstr("include"));
  EXPECT_THAT(document_error("inputs:\n  - { name: a, type: http }\n  - { name: a, type: stdin }\n"),
              testing::HasSubstr("two inputs are named \"a\""));
  EXPECT_THAT(document_error("inputs:\n  - { type: syslog, listen: 'http://x' }\n"),
              testing::HasSubstr("towld.yaml:2"));
  EXPECT_THAT(document_error("inputs: 3\n"), testing::HasSubstr("must be a list"));
}

Config document_of(const std::string& yaml) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const auto done = read_document(yaml, "towld.yaml", none, all_part_types(), config);
  EXPECT_TRUE(done) << done.error().to_string();
  return config;
}

TEST(OutputConfig, EveryKeyIsRead) {
  const auto outputs = document_of(R"(
outputs:
  - { type: towl, remote: "a:1" }
  - { type: towl, name: b, remote: ["a:1", "b:2"] }
  - { type: stdout, format: console, from: beginning }
  - { type: file, path: /x, format: text }
  - { type: stdout }
)")
                           .outputs;
  ASSERT_EQ(outputs.size(), 5u);
  EXPECT_THAT(outputs[0].settings.as<ForwardConfig>().remotes, ElementsAre("a:1"));
  EXPECT_THAT(outputs[1].settings.as<ForwardConfig>().remotes, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(outputs[2].name, "stdout");
  EXPECT_EQ(outputs[2].settings.as<TextOutputConfig>(),
            (TextOutputConfig{.format = OutputFormat::console, .from = ReadFrom::beginning}));
  EXPECT_EQ(outputs[3].name, "file");
  EXPECT_EQ(outputs[3].type, "file");
  EXPECT_EQ(outputs[3].settings.as<FileOutputConfig>(),
            (FileOutputConfig{.path = "/x", .entries = {.format = OutputFormat::text}}));
  EXPECT_EQ(outputs[4].name, "stdout-2");
  EXPECT_EQ(outputs[4].settings.as<TextOutputConfig>(), TextOutputConfig{});
  EXPECT_EQ(TextOutputConfig{}.format, OutputFormat::json);
  EXPECT_EQ(TextOutputConfig{}.from, ReadFrom::end);
}

TEST(OutputConfig, WhatIsWrongNamesFileLineAndKey) {
  EXPECT_THAT(document_error("outputs:\n- { type: kafkaa }"),
              HasSubstr("towld.yaml:2: \"outputs[0].type\": \"kafkaa\" is not one of towl, stdout, file, parquet"));
  EXPECT_THAT(document_error("outputs: [stdout]"), HasSubstr("each must be a map"));
  EXPECT_THAT(document_error("outputs: [{ type: towl }]"), HasSubstr("at least one collector"));
  EXPECT_THAT(document_error("outputs: [{ type: parquet, path: 's3:///x' }]"), HasSubstr("names a bucket"));
  EXPECT_THAT(document_error("outputs: [{ type: parquet, path: 's3://lake', endpoint: 'objects:9000' }]"),
              HasSubstr("must begin with http"));
  EXPECT_THAT(document_error("outputs: [{ type: parquet, path: 's3://lake', endpoint: 'http://objects:9000' }]"),
              HasSubstr("can be read on the way"));
  EXPECT_THAT(document_error("outputs: [{ type: parquet, path: /data, endpoint: 'https://objects:9000' }]"),
              HasSubstr("endpoint"));
  EXPECT_THAT(document_error("outputs: [{ type: file }]"), HasSubstr("file needs `path`"));
  EXPECT_THAT(document_error("outputs: [{ type: file, path: /x, format: console }]"),
              HasSubstr("not one of json or text"));
  EXPECT_THAT(document_error("outputs: [{ type: stdout, format: text }]"), HasSubstr("not one of json or console"));
  EXPECT_THAT(document_error("outputs: [{ type: stdout, pth: /x }]"), HasSubstr("unknown key \"outputs[0].pth\""));
  EXPECT_THAT(document_error("outputs: [{ type: stdout, name: a }, { type: stdout, name: a }]"),
              HasSubstr("are named \"a\""));
}

TEST(OutputConfig, AnArchiveIsAnOutputOfItsOwnName) {
  const std::string yaml =
      "archive: { type: s3, endpoint: 'https://objects', bucket: logs, prefix: a/, keep_local: 7d }\n";
  const auto config = document_of(yaml);
  ASSERT_EQ(config.outputs.size(), 1u);
  EXPECT_EQ(config.outputs[0].name, "archive");
  EXPECT_EQ(config.outputs[0].type, "s3");
  EXPECT_EQ(document_of(print_config(config)).outputs, config.outputs) << print_config(config);
  EXPECT_THAT(document_error("archive: { type: file, path: /x }"), HasSubstr("is no archive: s3 is"));
  EXPECT_THAT(document_error("archive: { type: s3 }"), HasSubstr("name the bucket"));
  EXPECT_THAT(document_error("archive: { type: s3, bucket: b, endpoint: 'http://far' }"), HasSubstr("plaintext: true"));
  EXPECT_THAT(document_error("archive: { type: s3, bucket: b }\noutputs: [{ type: stdout, name: archive }]"),
              HasSubstr("are named \"archive\""));
}

// For SIGHUP: an input is started again only if something is different.
TEST(PartTables, SettingsAreEqualWhereTheKeysAre) {
  const std::string yaml = "inputs:\n- { type: file, include: [a], parsers: [{ type: drop, equals: x }] }\n";
  EXPECT_EQ(document_of(yaml).inputs, document_of("\n\n" + yaml).inputs);
  for (const std::string other : {"{ type: file, include: [b], parsers: [{ type: drop, equals: x }] }",
                                  "{ type: file, include: [a], parsers: [{ type: keep, equals: x }] }",
                                  "{ type: file, include: [a], parsers: [{ type: drop, equals: y }] }",
                                  "{ type: stdin, name: file, parsers: [{ type: drop, equals: x }] }"}) {
    EXPECT_NE(document_of(yaml).inputs, document_of("inputs: [" + other + "]").inputs) << other;
  }
}

}  // namespace
}  // namespace towld
