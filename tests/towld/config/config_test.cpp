#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/expand.hpp"
#include "config/read_config.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

std::optional<std::string> environment(const std::string& name) {
  if (name == "HOST") return "web-1";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Config read(const std::string& yaml) {
  Config config;
  const auto done = read_document(yaml, "towld.yaml", environment, {}, config);
  EXPECT_TRUE(done) << done.error().to_string();
  return config;
}

std::string error_of(const std::string& yaml) {
  Config config;
  const auto done = read_document(yaml, "towld.yaml", environment, {}, config);
  return done ? "no error" : done.error().to_string();
}

TEST(Config, EmptyIsTheDefault) {
  EXPECT_EQ(print_config(read("")), print_config(Config{}));
  EXPECT_EQ(print_config(read("store:\n")), print_config(Config{}));
}

TEST(Config, EveryKeyIsRead) {
  const Config config = read(R"(
store:
  path: /var/lib/towl
  org: acme
  title: syslog
  partition: { max_entries: 50000, max_age: 1d, max_bytes: 64MiB, period: hour }
  durability: interval
  retain: { max_age: 30d, max_bytes: 100GiB, keep_free: 5% }
listen: { grpc: "127.0.0.1:0" }
log: { level: debug, format: json }
)");
  EXPECT_EQ(config.store.path, "/var/lib/towl");
  EXPECT_EQ(config.store.org, "acme");
  EXPECT_EQ(config.store.title, "syslog");
  EXPECT_EQ(config.store.partition.max_entries, 50'000u);
  EXPECT_EQ(config.store.partition.max_bytes, 64u << 20);
  EXPECT_EQ(config.store.partition.max_age_ns, 86'400'000'000'000);
  EXPECT_EQ(config.store.partition.period, towl::Period::hour);
  EXPECT_EQ(config.store.durability, Durability::interval);
  EXPECT_EQ(config.store.retain.max_age_ns, 30 * 86'400'000'000'000);
  EXPECT_EQ(config.store.retain.max_bytes, std::uint64_t{100} << 30);
  EXPECT_EQ(config.store.retain.keep_free_percent, 5.0);
  EXPECT_EQ(config.listen.grpc, "127.0.0.1:0");
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_EQ(config.log.format, LogStyle::json);
}

TEST(Config, LimitsOfQueriesHaveBounds) {
  const Config config =
      read("query: { threads: 4, max_time: 1m, max_memory: 1GiB, max_rows: 5, max_expression: 1KiB }");
  EXPECT_EQ(config.query.threads, 4u);
  EXPECT_EQ(config.query.max_time_ns, 60'000'000'000);
  EXPECT_EQ(config.query.max_memory, std::size_t{1} << 30);
  EXPECT_EQ(config.query.max_rows, 5u);
  EXPECT_THAT(error_of("query: { threads: 0 }"), HasSubstr("query.threads"));
  EXPECT_THAT(error_of("query: { threads: 1000 }"), HasSubstr("1 to 64"));
  EXPECT_THAT(error_of("query: { max_rows: 0 }"), HasSubstr("query.max_rows"));
}

TEST(Config, APartitionReplacesTheDefaultOne) {
  const Config config = read("store: { partition: { max_entries: 10 } }");
  EXPECT_EQ(config.store.partition.max_entries, 10u);
  EXPECT_FALSE(config.store.partition.max_bytes);
  EXPECT_FALSE(config.store.partition.period);
}

TEST(Config, AnUnknownKeyNamesFileAndLineAndTheNearestKey) {
  EXPECT_EQ(error_of("log: { level: info }\nstore:\n  durabilty: synced\n"),
            "towld.yaml:3: unknown key \"store.durabilty\": did you mean \"durability\"?");
  EXPECT_THAT(error_of("xyzzy: 1\n"),
              HasSubstr("known here are store, listen, auth, insecure, query, limits, inputs, outputs, archive, log"));
}

TEST(Config, AWrongValueNamesFileLineAndKey) {
  EXPECT_EQ(error_of("store:\n  durability: always\n"),
            "towld.yaml:2: \"store.durability\": \"always\" is not one of written, interval or synced");
  EXPECT_THAT(error_of("store:\n  partition:\n    max_age: soon\n"),
              HasSubstr("towld.yaml:3: \"store.partition.max_age\""));
  EXPECT_THAT(error_of("store: { retain: { keep_free: 120% } }"), HasSubstr("keep_free"));
  EXPECT_THAT(error_of("store: { partition: { max_entries: 64KiB } }"), HasSubstr("not a whole number"));
  EXPECT_THAT(error_of("store: { partition: { max_entries: 0 } }"), HasSubstr("at least 1"));
  EXPECT_THAT(error_of("store: [1, 2]"), HasSubstr("must be a map"));
  EXPECT_THAT(error_of("store: { path: [a] }"), HasSubstr("single value"));
  EXPECT_THAT(error_of("store: { path: \"\" }"), HasSubstr("must not be empty"));
  EXPECT_THAT(error_of("store: { org: a, org: b }"), HasSubstr("there twice"));
}

// An alias within what it stands for has no end, and 30 lines of aliases of aliases have a thousand million values.
TEST(Config, AliasesThatGrowWithoutBoundAreRefused) {
  for (const char* endless :
       {"inputs: [ &a { type: http, labels: { b: *a } } ]\n", "inputs: &a [ *a ]\n", "&a store: &b { c: *b }\n",
        "outputs: [ &a { type: http, headers: *a } ]\n", "inputs: [ &a { *a : b } ]\n"}) {
    EXPECT_THAT(error_of(endless), HasSubstr("alias")) << endless;
  }
  std::string many = "a0: &a0 [x, x]\n";
  for (int i = 1; i <= 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    many += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  EXPECT_THAT(error_of(many), HasSubstr("alias"));
  EXPECT_THAT(error_of("inputs: " + std::string(100, '[') + std::string(100, ']')), HasSubstr("too deep"));
}

TEST(Config, WhatIsNotYamlNamesItsLine) { EXPECT_THAT(error_of("store:\n  a: [\n"), HasSubstr("towld.yaml:")); }

TEST(Config, ASecondDocumentIsRefused) {
  EXPECT_THAT(error_of("store: { title: a }\n---\nstore: { title: b }\n"),
              HasSubstr("towld.yaml:3: a second document"));
  EXPECT_EQ(error_of("---\nstore: { title: a }\n"), "no error");
}

// yaml-cpp makes documents without end of this.
TEST(Config, DocumentsWithoutEndAreRefused) {
  EXPECT_THAT(error_of("a: &x [1, 2]\nb: *x\n--- !!binary |\n!bintowl, p"),
              HasSubstr("towld.yaml:3: a second document"));
}

TEST(Config, AFolderIsNoConfiguration) {
  const towl::test::TempFolder folder;
  const auto config = read_config(folder.path(), {}, {}, environment);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().to_string(), HasSubstr("is a folder"));
}

TEST(Config, VariablesAreReplaced) {
  EXPECT_EQ(expand_variables("a ${HOST} b", environment), "a web-1 b");
  EXPECT_EQ(expand_variables("${NONE:-x}${EMPTY:-y}${HOST:-z}", environment), "xyweb-1");
  EXPECT_EQ(expand_variables("${EMPTY}|$$|$|$x", environment), "|$|$|$x");
  EXPECT_FALSE(expand_variables("${NONE}", environment));
  EXPECT_FALSE(expand_variables("${HOST", environment));
  EXPECT_EQ(read("store: { title: \"${HOST}\" }").store.title, "web-1");
  EXPECT_THAT(error_of("store:\n  title: ${NONE}\n"),
              HasSubstr("towld.yaml:2: \"store.title\": the environment variable"));
}

TEST(Config, WhatIsPrintedReadsBack) {
  Config config;
  config.store.title = "a \"quoted\" ${HOST} $title: #x\n";
  config.store.partition = {.max_entries = 5, .max_age_ns = 3'600'000'000'000};
  config.store.retain = {.max_bytes = 1000, .keep_free_percent = 7};
  config.log.level = LogLevel::error;
  config.query = {
      .threads = 3, .max_time_ns = 1'500'000'000, .max_memory = 1 << 20, .max_rows = 7, .max_expression = 100};
  config.store.sign = {.key = "/etc/towl/sign.key", .every_ns = 90 * towl::kNanosecondsPerSecond};
  config.listen.names = {"$HOST", "${HOST}", "logs, \"of\" all"};
  config.listen.tls = {.cert = "${a}", .key = "$$b"};
  config.auth.tokens_file = "/etc/${c}";
  const std::string printed = print_config(config);
  EXPECT_EQ(print_config(read(printed)), printed);
  EXPECT_EQ(read(printed).listen.names, config.listen.names);
  EXPECT_EQ(read(printed).store.title, config.store.title);
  EXPECT_EQ(read(printed).store.sign.every_ns, config.store.sign.every_ns);
}

TEST(Config, SigningNeedsAKeyAndTime) {
  EXPECT_EQ(read("store: { sign: { key: a.key } }").store.sign.every_ns, 600 * towl::kNanosecondsPerSecond);
  EXPECT_THAT(error_of("store: { sign: { every: 1m } }"), HasSubstr("towld key create"));
  EXPECT_THAT(error_of("store: { sign: { key: a.key, every: 10ms } }"), HasSubstr("at least 1s"));
}

TEST(Config, ConfDIsMergedInTheOrderOfNames) {
  const towl::test::TempFolder folder;
  std::filesystem::create_directory(folder / "conf.d");
  std::ofstream(folder / "towld.yaml") << "store: { org: acme, title: one }\n";
  std::ofstream(folder / "conf.d/20.yaml") << "store: { title: three }\n";
  std::ofstream(folder / "conf.d/10.yaml") << "store: { title: two }\nlog: { level: error }\n";
  std::ofstream(folder / "conf.d/ignored.txt") << "nonsense: 1\n";
  const auto config = read_config(folder / "towld.yaml", {});
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->store.org, "acme");
  EXPECT_EQ(config->store.title, "three");
  EXPECT_EQ(config->log.level, LogLevel::error);
  std::ofstream(folder / "conf.d/30.yaml") << "\nstroe: 1\n";
  EXPECT_THAT(read_config(folder / "towld.yaml", {}).error().to_string(),
              HasSubstr("30.yaml:2: unknown key \"stroe\""));
  EXPECT_EQ(read_config(folder / "missing.yaml", {}).error().code, towl::ErrorCode::not_found);
}

}  // namespace
}  // namespace towld
