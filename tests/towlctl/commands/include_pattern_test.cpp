// `towlctl explain` says which input reads a file: as the collector's own patterns would.
#include "commands/include_pattern.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "inputs/file/glob.hpp"

namespace towlctl {
namespace {

TEST(IncludePattern, MatchesWhatTheCollectorMatches) {
  const std::vector<std::string> patterns = {"/var/log/*.log",     "/var/log/**/*.log",   "/var/log/**",
                                             "/var/log/a?c",       "/var/log/[a-c]*",     "/var/log/[!a]*.log",
                                             "/var/log/{a,b}.log", "/var/log/.*",         "/var/*/a.log",
                                             "/var/log/\\*.log",   "/var/log/a.log",      "/var/log/[]a]x",
                                             "/var/**/b/*.log",    "/var/log/*",          "/var/log/{a,b}*/c",
                                             "/var/log/**/**/c",   "/var/log/a[.]log",    "/var/log/[a-]x",
                                             "/var/log/x{,.gz}",   "/var/log/*a*a*a*b",   "/var/log/**/.a.log",
                                             "/var/log/.x/*",      "/var/log/{.a,b}.log", "/var/log/*.*",
                                             "/var/log/?a.log",    "/var/log/[.]a.log",   "/var/**"};
  const std::vector<std::string> paths = {
      "/var/log/a.log",       "/var/log/b.log", "/var/log/.hidden",  "/var/log/.a.log", "/var/log/x/a.log",
      "/var/log/x/y/a.log",   "/var/log/abc",   "/var/log/a/c",      "/var/log/*.log",  "/var/log",
      "/var/log/b/b/c.log",   "/var/log/]x",    "/var/log/ax",       "/var/log/-x",     "/var/b/c.log",
      "/var/log/x",           "/var/log/x.gz",  "/var/log/.x/a.log", "/var/log/ab/c",   "/var/log/x/y/c",
      "/var/log/aaaaaaaaaab", "/var/log/c",     "/var/logs/a.log",   "/etc/a.log",      "/var/log/x/.a.log"};
  for (const std::string& pattern : patterns) {
    const auto glob = towld::Glob::parse(pattern, "/");
    ASSERT_TRUE(glob) << pattern << ": " << glob.error().to_string();
    for (const std::string& path : paths) {
      EXPECT_EQ(include_matches(pattern, path), glob->matches(path)) << pattern << " and " << path;
    }
  }
}

}  // namespace
}  // namespace towlctl
