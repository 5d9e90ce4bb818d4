// A check refuses what a start would refuse: inputs and outputs that cannot be there together.
#include "app/check_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/make_input.hpp"
#include "app/part_tables.hpp"
#include "config/read_config.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& yaml) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  auto done = read_document(yaml, "towld.yaml", none, all_part_types(), config);
  with_default_addresses(config);
  for (std::size_t i = 0; done && i < config.inputs.size(); ++i) done = check_input(config.inputs[i], config);
  if (done) done = check_parts(config);
  return done ? "" : done.error().to_string();
}

TEST(CheckParts, WhatWorksIsGood) {
  EXPECT_EQ(error_of(""), "");
  EXPECT_EQ(
      error_of(
          "inputs:\n- type: http\n- { type: syslog, listen: 'udp://127.0.0.1:0' }\n"
          "- { type: syslog, listen: 'udp://127.0.0.1:0' }\n- { type: file, include: [a], path_pattern: '(?P<a>x)',\n"
          "    parsers: [cri, { type: multiline, preset: go }] }\n"
          "outputs:\n- { type: towl, remote: ['a:1', '[::1]:2'] }\n- { type: towl, remote: 'b:1' }\n"
          "- { type: file, path: a }\n- { type: file, path: b }\n"),
      "");
}

TEST(CheckParts, InputsThatCannotBeThereTogetherAreRefused) {
  EXPECT_THAT(error_of("inputs:\n- type: http\n- { name: b, type: http }\n"),
              HasSubstr("towld.yaml:3: input b: input http takes"));
  EXPECT_THAT(error_of("listen: { http: none }\ninputs:\n- type: http\n"),
              HasSubstr("towld.yaml:3: input http: it needs an HTTP"));
  EXPECT_THAT(error_of("inputs:\n- { type: syslog, listen: 'udp://127.0.0.1:5514' }\n"
                       "- { type: syslog, listen: 'udp://127.0.0.1:5514' }\n"),
              HasSubstr("towld.yaml:3"));
}

TEST(CheckParts, SettingsThatCannotWorkAreRefused) {
  EXPECT_THAT(error_of("inputs:\n- { type: file, include: ['a['] }\n"), HasSubstr("towld.yaml:2: input file"));
  EXPECT_THAT(error_of("inputs:\n- { type: file, include: [a], multiline: { start_pattern: '(' } }\n"),
              HasSubstr("towld.yaml:2"));
  EXPECT_THAT(error_of("inputs:\n- { type: file, include: [a], max_line_bytes: 17MiB }\n"),
              HasSubstr("max_line_bytes"));
  EXPECT_THAT(error_of("inputs:\n- { type: file, include: [a], max_entry_bytes: 17MiB }\n"),
              HasSubstr("max_entry_bytes"));
  EXPECT_THAT(error_of("inputs:\n- { type: file, include: [a], path_pattern: 'no group' }\n"),
              HasSubstr("named group"));
  EXPECT_THAT(error_of("inputs:\n- { type: http, parsers: [{ type: multiline, preset: java }] }\n"),
              HasSubstr("multiline needs an input of type file"));
  EXPECT_THAT(error_of("inputs:\n- { type: http, protocols: [smtp] }\n"), HasSubstr("not one of ingest, loki"));
  EXPECT_THAT(error_of("inputs:\n- { type: syslog, listen: 'udp://127.0.0.1' }\n"), HasSubstr("towld.yaml:2"));
  EXPECT_THAT(error_of("inputs:\n- { type: syslog, listen: 'udp://127.0.0.1:1', time_zone: Mars/Base }\n"),
              HasSubstr("Mars/Base"));
  EXPECT_THAT(error_of("inputs:\n- { type: journald, directory: /nowhere/at/all }\n"), HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(error_of("listen: { grpc: localhost }\n"), HasSubstr("listen.grpc"));
  EXPECT_THAT(error_of("listen: { http: 'http://localhost:80' }\n"), HasSubstr("listen.http"));
  EXPECT_THAT(error_of("listen: { http: '127.0.0.1:70000' }\n"), HasSubstr("listen.http"));
}

TEST(CheckParts, OutputsThatAreTheSameOrCannotBeReachedAreRefused) {
  for (const char* remote : {"a", "a:", ":1", "http://a:1", "a:1/x", "a:0", "a:70000", "a:x", "::1:5"}) {
    EXPECT_THAT(error_of("outputs:\n- { type: towl, remote: '" + std::string(remote) + "' }\n"), HasSubstr("remote"))
        << remote;
  }
  EXPECT_THAT(error_of("outputs:\n- { type: towl, remote: ['a:1', 'a:1'] }\n"), HasSubstr("twice"));
  EXPECT_THAT(error_of("outputs:\n- { type: towl, remote: 'a:1' }\n- { type: towl, remote: 'a:1' }\n"),
              HasSubstr("towld.yaml:3: output towl-2: it is the same as output towl"));
  EXPECT_THAT(error_of("outputs:\n- type: stdout\n- type: stdout\n"), HasSubstr("the same as output stdout"));
  EXPECT_THAT(error_of("outputs:\n- { type: file, path: /a/b }\n- { type: file, path: /a/./b, format: text }\n"),
              HasSubstr("writes to /a/b already"));
  EXPECT_THAT(
      error_of("outputs:\n- { type: parquet, path: 's3://a/b/' }\n- { type: parquet, path: 's3://a/b', every: minute, "
               "compression: snappy }\n"),
      HasSubstr("writes to /a/b already"));
}

}  // namespace
}  // namespace towld
