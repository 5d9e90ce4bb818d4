// Who may do what: tokens, their file, and what happens to tokens that are removed from it.
#include "access/access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

#include "access/private_file.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using testing::Not;
using towl::test::TempFolder;

std::string token() { return *make_token(); }

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat found {};
  EXPECT_EQ(stat(file.c_str(), &found), 0);
  return found.st_mode & 0777;
}

TEST(Token, HasTheBitsOfItsFormAndIsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string made = token();
    EXPECT_TRUE(is_token(made)) << made;
    EXPECT_TRUE(seen.insert(made).second);
  }
  for (const std::string& wrong : {std::string(), std::string("towl_"), token() + "x", "Towl_" + token().substr(5),
                                   token().substr(0, 47) + "+", std::string(48, 'a')}) {
    EXPECT_FALSE(is_token(wrong)) << wrong;
  }
}

TEST(Token, IsHashedAsSha256) {
  // FIPS 180-2, appendix B.1.
  const TokenHasher hash;
  EXPECT_EQ(to_hex(hash("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of_hex(to_hex(hash("abc"))), hash("abc"));
  EXPECT_TRUE(same_hash(hash("abc"), hash("abc")));
  EXPECT_FALSE(same_hash(hash("abc"), hash("abd")));
  EXPECT_EQ(hash_of_hex(std::string(64, 'g')), std::nullopt);
  EXPECT_EQ(hash_of_hex(std::string(63, 'a')), std::nullopt);
}

TokenRecord record(const std::string& name, const std::string& shown, std::vector<Scope> scopes) {
  return {.name = name, .scopes = std::move(scopes), .hash = TokenHasher()(shown), .created = "2026-01-17T14:30:00Z"};
}

TEST(TokenFile, IsReadAsItWasWritten) {
  std::vector<TokenRecord> tokens = {record("web-7", token(), {Scope::ingest}),
                                     record("me", token(), {Scope::read, Scope::admin})};
  tokens[1].orgs = {"acme"};
  tokens[1].titles = {"syslog", "a \"title\""};
  const std::string text = format_tokens(tokens);
  const auto read = parse_tokens(text, "tokens");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, tokens);
}

TEST(TokenFile, WhatIsWrongNamesTheLine) {
  const std::string hash = to_hex(TokenHasher()("a"));
  const auto error_of = [](const std::string& text) {
    const auto read = parse_tokens(text, "tokens");
    return read ? "no error" : read.error().to_string();
  };
  const auto line = [&](const std::string& name, const std::string& scopes, const std::string& more = "") {
    return R"({"name":")" + name + R"(","scopes":)" + scopes + R"(,"sha256":")" + hash + "\"" + more + "}\n";
  };
  EXPECT_EQ(error_of(""), "no error");
  EXPECT_EQ(error_of("# nothing\n\n  \n"), "no error");
  EXPECT_EQ(error_of(line("a", R"(["read"])")), "no error");
  EXPECT_THAT(error_of("\nnonsense\n"), HasSubstr("tokens:2"));
  EXPECT_THAT(error_of(line("a b", R"(["read"])")), HasSubstr("name"));
  EXPECT_THAT(error_of(line("", R"(["read"])")), HasSubstr("name"));
  EXPECT_THAT(error_of(line("a", "[]")), HasSubstr("scopes"));
  EXPECT_THAT(error_of(line("a", R"(["root"])")), HasSubstr("\"root\" is not one of ingest, read or admin"));
  EXPECT_THAT(error_of(line("a", R"("read")")), HasSubstr("scopes"));
  EXPECT_THAT(error_of(line("a", R"(["read"])", R"(,"titles":[])")), HasSubstr("must not be empty"));
  EXPECT_THAT(error_of(line("a", R"(["read"])", R"(,"titles":[1])")), HasSubstr("titles"));
  EXPECT_THAT(error_of(line("a", R"(["read"])", R"(,"title":["x"])")), HasSubstr("unknown key \"title\""));
  EXPECT_THAT(error_of(line("a", R"(["read"])") + line("b", R"(["read"])")), HasSubstr("tokens:2"));
  EXPECT_THAT(error_of(R"({"name":"a","scopes":["read"],"sha256":"12"})"), HasSubstr("sha256"));
  // Cut short anywhere, it is an error or has fewer tokens; never another one.
  const std::string whole = line("a", R"(["read"])");
  for (std::size_t cut = 1; cut + 1 < whole.size(); ++cut) {
    EXPECT_FALSE(parse_tokens(whole.substr(0, cut), "tokens")) << cut;
  }
}

TEST(PrivateFile, IsReplacedWholeAndKeepsItsMode) {
  const TempFolder folder;
  ASSERT_TRUE(replace_file(folder / "secret", "first", 0600));
  ASSERT_TRUE(replace_file(folder / "secret", "second", 0600));
  EXPECT_EQ(contents_of(folder / "secret"), "second");
  EXPECT_EQ(mode_of(folder / "secret"), 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_FALSE(replace_file(folder / "none" / "secret", "x", 0600));
}

TEST(Failures, ArePacedForEachPeer) {
  Failures failures;
  auto now = Failures::Clock::time_point() + std::chrono::hours(1);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += failures.count("10.0.0.1", now);
  EXPECT_EQ(taken, 20);
  EXPECT_TRUE(failures.count("10.0.0.2", now));
  now += kAccessFailureEvery;
  EXPECT_TRUE(failures.count("10.0.0.1", now));
  EXPECT_FALSE(failures.count("10.0.0.1", now));
  // A client that invents peers makes it forget, not grow.
  for (int i = 0; i < 20'000; ++i) failures.count(std::to_string(i), now);
}

class AccessTest : public testing::Test {
 protected:
  std::shared_ptr<Access> open() {
    auto access = Access::open({folder_ / "tokens", folder_ / kAdminTokenFile},
                               [this](const std::string& line) { said_ += line + "\n"; });
    EXPECT_TRUE(access) << access.error().to_string();
    return access ? *access : nullptr;
  }
  void write(const std::vector<TokenRecord>& tokens) { ASSERT_TRUE(write_token_records(folder_ / "tokens", tokens)); }
  std::string admin_token() { return contents_of(folder_ / kAdminTokenFile).substr(0, kTokenCharacters); }

  TempFolder folder_;
  std::string said_;
};

TEST_F(AccessTest, WithoutTokensAnyoneIngestsAndReadsAndTheAdminHasOneOfItsOwn) {
  const auto access = open();
  EXPECT_FALSE(access->needs_tokens());
  EXPECT_EQ(access->check("", Need::ingest, "127.0.0.1").decision, Decision::granted);
  EXPECT_EQ(access->check("", Need::read, "127.0.0.1").decision, Decision::granted);
  EXPECT_EQ(access->check("", Need::admin, "127.0.0.1").decision, Decision::forbidden);
  EXPECT_EQ(mode_of(folder_ / kAdminTokenFile), 0600u);
  EXPECT_EQ(access->check(admin_token(), Need::admin, "127.0.0.1").decision, Decision::granted);
  // A bad token is worse than none: it may be one that was revoked.
  EXPECT_EQ(access->check(token(), Need::read, "127.0.0.1").decision, Decision::unknown);
  // The next start finds it.
  const std::string before = admin_token();
  EXPECT_EQ(open()->check(before, Need::admin, "::1").decision, Decision::granted);
}

TEST_F(AccessTest, WithTokensNothingGoesWithoutOne) {
  const std::string ingest = token();
  const std::string read = token();
  write({record("web-7", ingest, {Scope::ingest}), record("me", read, {Scope::read})});
  const auto access = open();
  EXPECT_TRUE(access->needs_tokens());
  for (const Need need : {Need::ingest, Need::read, Need::whole, Need::admin}) {
    EXPECT_EQ(access->check("", need, "h").decision, Decision::unknown);
    EXPECT_EQ(access->check(token(), need, "h").decision, Decision::unknown);
    EXPECT_EQ(access->check(ingest.substr(0, 47), need, "h").decision, Decision::unknown);
    EXPECT_EQ(access->check(ingest + "x", need, "h").decision, Decision::unknown);
  }
  EXPECT_EQ(access->check(ingest, Need::ingest, "h").decision, Decision::granted);
  EXPECT_EQ(access->check(ingest, Need::ingest, "h").grant->name(), "web-7");
  EXPECT_EQ(access->check(ingest, Need::read, "h").decision, Decision::forbidden);
  EXPECT_EQ(access->check(read, Need::read, "h").decision, Decision::granted);
  EXPECT_EQ(access->check(read, Need::admin, "h").decision, Decision::forbidden);
  EXPECT_THAT(said_, Not(HasSubstr("towl_")));
  EXPECT_EQ(access->counters().granted, 3u);
}

TEST_F(AccessTest, ARevokedTokenIsRefusedAndItsGrantKnowsIt) {
  const std::string one = token();
  const std::string other = token();
  const auto kept = record("other", other, {Scope::read});
  write({record("one", one, {Scope::read}), kept});
  const auto access = open();
  const auto grant = access->check(one, Need::read, "h").grant;
  const auto other_grant = access->check(other, Need::read, "h").grant;
  EXPECT_FALSE(access->refresh());
  write({kept});
  EXPECT_TRUE(access->refresh());
  EXPECT_TRUE(grant->is_revoked());
  EXPECT_FALSE(other_grant->is_revoked());
  EXPECT_EQ(access->check(one, Need::read, "h").decision, Decision::unknown);
  EXPECT_EQ(access->check(other, Need::read, "h").grant, other_grant);
  // One whose scopes have changed is another one.
  write({record("other", other, {Scope::ingest})});
  EXPECT_TRUE(access->refresh());
  EXPECT_TRUE(other_grant->is_revoked());
  EXPECT_EQ(access->check(other, Need::read, "h").decision, Decision::forbidden);
}

TEST_F(AccessTest, NothingOpensByAnAccident) {
  const std::string one = token();
  write({record("one", one, {Scope::read})});
  const auto access = open();
  // Half a file, or nonsense: as before.
  std::ofstream(folder_ / "tokens") << "{\"name\":";
  EXPECT_FALSE(access->refresh());
  EXPECT_THAT(said_, HasSubstr("as before"));
  EXPECT_EQ(access->check(one, Need::read, "h").decision, Decision::granted);
  // Emptied, or gone: nobody.
  write({});
  EXPECT_TRUE(access->refresh());
  EXPECT_EQ(access->check("", Need::read, "h").decision, Decision::unknown);
  EXPECT_EQ(access->check(one, Need::read, "h").decision, Decision::unknown);
  std::filesystem::remove(folder_ / "tokens");
  access->refresh();
  EXPECT_EQ(access->check("", Need::read, "h").decision, Decision::unknown);
  // But a start with an empty file is refused: somebody meant to have tokens.
  write({});
  const auto refused = Access::open({folder_ / "tokens", {}}, [](const std::string&) {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("no token in it"));
}

TEST_F(AccessTest, TheFirstTokenEndsTheTimeWithout) {
  const auto access = open();
  const auto anyone = access->check("", Need::read, "h").grant;
  const std::string one = token();
  write({record("one", one, {Scope::read})});
  EXPECT_TRUE(access->refresh());
  EXPECT_TRUE(anyone->is_revoked());
  EXPECT_EQ(access->check("", Need::read, "h").decision, Decision::unknown);
  EXPECT_EQ(access->check(one, Need::read, "h").decision, Decision::granted);
}

TEST_F(AccessTest, AGoodTokenIsNotHeldUpByBadOnes) {
  const std::string one = token();
  write({record("one", one, {Scope::read})});
  const auto access = open();
  int limited = 0;
  for (int i = 0; i < 1000; ++i) limited += access->check("wrong", Need::read, "h").decision == Decision::too_many;
  EXPECT_GT(limited, 900);
  EXPECT_EQ(access->check(one, Need::read, "h").decision, Decision::granted);
  EXPECT_LT(std::count(said_.begin(), said_.end(), '\n'), 100);
}

TEST(Grant, CoversTheFilesThatItIsNarrowedTo) {
  const auto covers = [](const Grant& grant, const char* org, const char* title) {
    return grant.covers({.org = org, .title = title});
  };
  EXPECT_TRUE(covers(Grant("a", {Scope::read}), "acme", "syslog"));
  const Grant narrow("b", {Scope::read}, {"acme"}, {"syslog", "web"});
  EXPECT_TRUE(narrow.is_narrowed());
  EXPECT_TRUE(covers(narrow, "acme", "web"));
  EXPECT_FALSE(covers(narrow, "acme", "other"));
  EXPECT_FALSE(covers(narrow, "other", "web"));
  // What is about all files is not for it.
  EXPECT_TRUE(narrow.allows(Need::read, towl::Header()));
  EXPECT_FALSE(narrow.allows(Need::whole, towl::Header()));
  const auto titled = [](const char* title) {
    towl::Header header;
    header.title = title;
    return header;
  };
  const Grant sender("c", {Scope::ingest}, {}, {"web"});
  EXPECT_TRUE(sender.allows(Need::ingest, titled("web")));
  EXPECT_FALSE(sender.allows(Need::ingest, titled("syslog")));
  EXPECT_FALSE(sender.allows(Need::read, towl::Header()));
  const Grant root("d", {Scope::admin});
  for (const Need need : {Need::ingest, Need::read, Need::whole, Need::admin})
    EXPECT_TRUE(root.allows(need, towl::Header()));
}

}  // namespace
}  // namespace towld
