// Contexts: which collector a command talks to if neither an option nor the environment says it.
#include "context/contexts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "session/session.hpp"
#include "support/temp_folder.hpp"

namespace towlctl {
namespace {

using testing::HasSubstr;

class ContextsFile : public testing::Test {
 protected:
  ContextsFile() {
    for (const char* name : {"TOWL_SERVER", "TOWL_STORE", "TOWL_CONTEXT", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}) {
      unsetenv(name);
    }
    setenv("HOME", "/home/u", 1);
    setenv("TOWL_CONFIG", (folder_ / "config.yaml").c_str(), 1);
  }
  ~ContextsFile() override { unsetenv("TOWL_CONFIG"); }

  towl::test::TempFolder folder_;
};

TEST_F(ContextsFile, WithoutOneThereIsNoContext) {
  const auto contexts = read_contexts(folder_ / "none.yaml");
  ASSERT_TRUE(contexts);
  EXPECT_TRUE(contexts->all.empty());
  EXPECT_EQ(*context_in_use(*contexts), nullptr);
}

TEST_F(ContextsFile, IsInTheUsersConfiguration) {
  unsetenv("TOWL_CONFIG");
  EXPECT_EQ(contexts_path(), "/home/u/.config/towl/config.yaml");
  setenv("XDG_CONFIG_HOME", "/etc/of-u", 1);
  EXPECT_EQ(contexts_path(), "/etc/of-u/towl/config.yaml");
  unsetenv("XDG_CONFIG_HOME");
}

TEST_F(ContextsFile, WhatIsWrittenIsRead) {
  const auto path = folder_ / "new" / "config.yaml";
  Contexts contexts{.current = "a: b"};
  contexts.set({.name = "a: b", .server = "logs.example.com:1", .store = "/data/with blank"});
  contexts.set({.name = "null", .server = "[::1]:2"});
  contexts.set({.name = "büro #2", .server = "unix:/run/towl"});
  contexts.set({.name = "null", .server = "[::1]:3"});
  ASSERT_TRUE(write_contexts(path, contexts));
  const auto read = read_contexts(path);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->current, "a: b");
  ASSERT_EQ(read->all.size(), 3u);
  EXPECT_EQ(read->find("a: b")->store, "/data/with blank");
  EXPECT_EQ(read->find("null")->server, "[::1]:3");
  EXPECT_EQ(read->find("büro #2")->server, "unix:/run/towl");
}

TEST_F(ContextsFile, WhatIsWrongIsToldWithItsLine) {
  const auto path = folder_ / "config.yaml";
  for (const auto& [text, told] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "line 1: not a map"},
           {"contexts:\n  a: { server: x, sever: y }", "line 2: unknown key \"sever\""},
           {"contexts:\n  a: { store: x }", "line 2: context a has no server"},
           {"contexts:\n  a: x", "line 2: context a is no map"},
           {"contexts:\n  a: { server: [x] }", "line 2: server is no text"},
           {"contexts: 5", "line 1: contexts is no map"},
           {"context: {}", "line 1: unknown key \"context\""},
           {"current-context: [a]", "line 1: current-context is no name"},
           {"current-context: a", "use-context NAME` chooses another"},
           {"contexts: {", "line 1: "},
           {"contexts: { ? {} : {} }", "config.yaml"},
       }) {
    SCOPED_TRACE(text);
    std::ofstream(path) << text;
    const auto read = read_contexts(path);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, towl::ErrorCode::invalid_argument);
    EXPECT_THAT(read.error().to_string(), HasSubstr(told));
    EXPECT_THAT(read.error().to_string(), HasSubstr("config.yaml"));
  }
}

TEST_F(ContextsFile, NothingAndCommentsAreNoContexts) {
  for (const char* text : {"", "# nothing yet\n", "contexts:\n", "{}"}) {
    std::ofstream(folder_ / "config.yaml") << text;
    const auto read = read_contexts(folder_ / "config.yaml");
    ASSERT_TRUE(read) << text << read.error().to_string();
    EXPECT_TRUE(read->all.empty());
  }
}

TEST_F(ContextsFile, TheContextInUseSaysServerAndStore) {
  const auto path = folder_ / "config.yaml";
  setenv("TOWL_CONFIG", path.c_str(), 1);
  EXPECT_EQ(default_server(), "127.0.0.1:50011");
  std::ofstream(path) << "current-context: a\ncontexts:\n  a: { server: one:1, store: /one }\n  b: { server: two:2 }\n";
  EXPECT_EQ(default_server(), "one:1");
  EXPECT_EQ(default_store("one:1"), "/one");
  // Another server's files never get into that folder.
  EXPECT_EQ(default_store("two:2"), "/home/u/.local/share/towl/two:2");
  setenv("TOWL_CONTEXT", "b", 1);
  EXPECT_EQ(default_server(), "two:2");
  EXPECT_EQ(default_store("two:2"), "/home/u/.local/share/towl/two:2");
  EXPECT_TRUE(check_context());
  setenv("TOWL_CONTEXT", "c", 1);
  EXPECT_EQ(check_context().error().code, towl::ErrorCode::not_found);
  unsetenv("TOWL_CONTEXT");
  // The environment overrides it.
  setenv("TOWL_SERVER", "three:3", 1);
  setenv("TOWL_STORE", "/three", 1);
  EXPECT_EQ(default_server(), "three:3");
  EXPECT_EQ(default_store("one:1"), "/three");
  unsetenv("TOWL_SERVER");
  unsetenv("TOWL_STORE");
}

}  // namespace
}  // namespace towlctl
