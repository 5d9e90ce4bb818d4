// regex, grok, access logs, and what is done by field: drop, keep, add, rename, remove, redact, level.
#include "parse/grok.hpp"
#include "parse/pattern.hpp"
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using test::expect_refused;
using test::Fields;
using test::parse;

TEST(RegexParser, NamedGroupsBecomeFields) {
  const std::string parser = R"([{ type: regex, pattern: '^(?P<level>\w+) (?P<user>\S+): (?P<message>.*)(x)?$' }])";
  const auto parsed = parse(parser, std::string("ERROR alice: it broke"));
  EXPECT_EQ(parsed.draft.text, "it broke");
  EXPECT_EQ(parsed.fields(), (Fields{{"level", "ERROR"}, {"PRIORITY", "3"}, {"user", "alice"}}));
  expect_refused(parser, "nothing of it");
  // A group that took no part is no field.
  EXPECT_EQ(parse("[{ type: regex, pattern: '(?P<a>x)|(?P<b>y)' }]", std::string("y")).fields(), (Fields{{"b", "y"}}));
}

TEST(RegexParser, AGroupReplacesTheTextOnlyIfTheMatchCoversIt) {
  const std::string trace = "ERROR boom\n\tat a.B.c(B.java:1)\nCaused by: x";
  for (const std::string parser : {R"([{ type: regex, pattern: '^(?P<level>\S+) (?P<message>.*)' }])",
                                   R"([{ type: grok, pattern: '%{LOGLEVEL:level} %{GREEDYDATA:message}' }])",
                                   R"([{ type: grok, pattern: '%{LOGLEVEL:level} %{GREEDYDATA:MESSAGE}' }])",
                                   R"([{ type: regex, pattern: '^(?P<level>\S+) (?P<log>\w+)' }])"}) {
    const auto parsed = parse(parser, trace);
    EXPECT_FALSE(parsed.failed) << parser;
    EXPECT_EQ(parsed.draft.text, trace) << parser;
    EXPECT_EQ(parsed.fields(), (Fields{{"level", "ERROR"}, {"PRIORITY", "3"}})) << parser;
  }
  const auto parsed = parse(R"([{ type: regex, pattern: 'user=(?P<message>\w+) (?P<host>\w+)' }])",
                            std::string("login of user=alice web1 failed"));
  EXPECT_EQ(parsed.draft.text, "login of user=alice web1 failed");
  EXPECT_EQ(parsed.draft.sender, "web1");
  // Space around it is nothing lost.
  EXPECT_EQ(
      parse(R"([{ type: regex, pattern: '(?P<level>\S+) (?P<message>.*\w)' }])", std::string(" ERROR it broke \r\n"))
          .draft.text,
      "it broke");
  EXPECT_EQ(parse(R"([{ type: regex, pattern: '(?s)^(?P<level>\S+) (?P<message>.*)' }])", trace).draft.text,
            "boom\n\tat a.B.c(B.java:1)\nCaused by: x");
  // Of a field the groups are fields.
  EXPECT_EQ(parse(R"([logfmt, { type: regex, field: a, pattern: 'x(?P<message>\w)' }])", std::string("a=wxyz"))
                .field("message"),
            "y");
}

TEST(RegexParser, TextsThatAreNotUtf8AreMatchedByTheirBytes) {
  const auto parsed = parse("[{ type: regex, pattern: '^(?P<a>.*): (?P<b>.*)$' }]", std::string("caf\xe9: \xff"));
  EXPECT_EQ(parsed.fields(), (Fields{{"a", "caf\xe9"}, {"b", "\xff"}}));
  EXPECT_EQ(parse("[{ type: regex, pattern: '(?P<a>[\u00e4\u00f6])' }]", std::string("x\u00f6")).field("a"), "\u00f6");
}

TEST(GrokParser, PatternsOfPatternsBecomeFields) {
  const auto parsed = parse(
      "[{ type: grok, pattern: '%{IP:client} %{WORD:[http][method]} %{NUMBER:took:float}s "
      "%{INT:n:int} %{DATA:rest}(?: end|$)' }]",
      std::string("GET 192.0.2.7 PUT 0.25s 007 a b end"));
  EXPECT_EQ(parsed.fields(),
            (Fields{{"client", "192.0.2.7"}, {"http.method", "PUT"}, {"took", "0.25"}, {"n", "007"}, {"rest", "a b"}}));
  EXPECT_TRUE(parsed.draft.find("took")->is_json);
  EXPECT_FALSE(parsed.draft.find("n")->is_json);  // 007 is no number in JSON.
}

TEST(GrokParser, ItsOwnGroupsAreKeptApartFromThePatterns) {
  const auto parsed = parse(R"([{ type: grok, pattern: '(a)(?<x>b)[(]\((?P<y>c)%{WORD:z}([^]()]+)%{INT:n}' }])",
                            std::string("ab((cdef--5"));
  // \b in WORD keeps z from beginning within a word.
  EXPECT_TRUE(parsed.failed);
  const auto other = parse(R"([{ type: grok, pattern: '(a)(?<x>b)[(]\((?P<y>c) %{WORD:z}([^]()]+)%{INT:n}' }])",
                           std::string("ab((c def--5"));
  EXPECT_EQ(other.fields(), (Fields{{"x", "b"}, {"y", "c"}, {"z", "def"}, {"n", "5"}}));
}

// Each pattern of the library with what it must match whole, and what it must not.
struct Example {
  const char* name;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

TEST(GrokLibrary, EveryPatternCompiles) {
  for (const auto& [name, pattern] : grok_library()) {
    const auto expanded = expand_grok("%{" + name + "}", grok_library(), "here");
    ASSERT_TRUE(expanded) << name << ": " << expanded.error().to_string();
    const auto compiled = Pattern::compile(expanded->regex, "here");
    EXPECT_TRUE(compiled) << name << ": " << compiled.error().to_string();
  }
}

TEST(GrokLibrary, PatternsMatchWhatTheirNamesSay) {
  const std::vector<Example> examples = {
      {"INT", {"0", "-12", "+7"}, {"", "1.5", "x"}},
      {"NUMBER", {"0", "-1.5", "2e10", ".5", "3."}, {"", "1.2.3", "abc"}},
      {"BASE16NUM", {"0xFF", "dead"}, {"xyz"}},
      {"BASE16FLOAT", {"0xFF.A8", "dead", ".8", "-0x1f."}, {"xyz", "", "1.2.3"}},
      {"URN", {"urn:isbn:0451450523", "urn:ietf:rfc:2648"}, {"isbn:1", "urn:"}},
      {"DATESTAMP_OTHER", {"Sat Jan 17 14:30:00 UTC 2026"}, {"Sat Jan 17 14:30:00 2026"}},
      {"DATESTAMP_EVENTLOG", {"20260117143000"}, {"2026-01-17", "20261317143000"}},
      {"WORD", {"abc_1"}, {"a b", ""}},
      {"NOTSPACE", {"a-b;c"}, {"a b"}},
      {"QUOTEDSTRING", {R"("a \" b")", "'x'"}, {"\"a", "a"}},
      {"UUID", {"123e4567-e89b-12d3-a456-426614174000"}, {"123e4567-e89b-12d3-a456-42661417400"}},
      {"IPV4", {"192.0.2.255", "0.0.0.0"}, {"256.1.1.1", "1.2.3"}},
      {"IPV6", {"::1", "2001:db8::7", "fe80::1%eth0", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "::"}, {"1", "12:30"}},
      {"IP", {"::1", "10.0.0.1"}, {"host"}},
      {"HOSTNAME", {"a", "web-1.example.org", "x_y"}, {"-a", "a..b"}},
      {"MAC", {"00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"}, {"00:1a"}},
      {"HOSTPORT", {"a.example:80", "10.0.0.1:443"}, {"a.example"}},
      {"UNIXPATH", {"/", "/var/log/a-b.log", "/opt/1:2+3/x@y/~z", "/čierný/中"}, {"var", "", "/0\\", "/a b"}},
      {"WINPATH", {R"(C:\a\b.txt)", R"(\\server\share)"}, {"/a"}},
      {"PATH", {"/a/b", R"(C:\a)"}, {"a"}},
      {"URI", {"https://a.example:8080/b/c?d=e&f=g", "ftp://u:p@h/x"}, {"a.example"}},
      {"EMAILADDRESS",
       {"a.b+c@example.org"},
       {"a@", "a..b@example.org", ".a@example.org", std::string(65, 'a') + "@b.cz"}},
      {"MONTH", {"Jan", "september", "Mai", "Okt", "März", "Dezember", "July"}, {"Foo", "Map", "Okto"}},
      {"TIMESTAMP_ISO8601",
       {"2026-01-17T14:30:00Z", "2026-01-17 14:30:00,123", "2026-01-17T14:30:00.5+01:00"},
       {"2026-13-01T00:00:00", "14:30"}},
      {"SYSLOGTIMESTAMP", {"Jan 17 14:30:00", "Feb  3 01:02:03"}, {"17 Jan 14:30:00"}},
      {"HTTPDATE", {"17/Jan/2026:14:30:00 +0100"}, {"17/01/2026:14:30:00"}},
      {"DATESTAMP_RFC2822", {"Sat, 17 Jan 2026 14:30:00 +0000"}, {"17 Jan 2026"}},
      {"LOGLEVEL", {"INFO", "warn", "Warning", "ERROR", "err", "fatal"}, {"loud"}},
      {"SYSLOGPROG", {"sshd[17]", "kernel"}, {""}},
      {"BOOLEAN", {"true", "No"}, {"maybe"}},
  };
  for (const Example& example : examples) {
    SCOPED_TRACE(example.name);
    const auto expanded = expand_grok(std::string("%{") + example.name + ":it}", grok_library(), "here");
    ASSERT_TRUE(expanded);
    const auto pattern = Pattern::compile("^(?:" + expanded->regex + ")$", "here");
    ASSERT_TRUE(pattern);
    for (const std::string& text : example.good) EXPECT_TRUE(pattern->matches(text)) << text;
    for (const std::string& text : example.bad) EXPECT_FALSE(pattern->matches(text)) << text;
  }
}

constexpr const char* kAccess =
    R"x(192.0.2.7 - alice [17/Jan/2026:14:30:00 +0100] "GET /a?b=\"c HTTP/1.1" 200 512 "https://x.example/" "Mozilla/5.0 (X11)")x";

TEST(GrokParser, AccessLogsAreKnown) {
  const auto parsed = parse("[{ type: grok, pattern: '%{COMBINEDAPACHELOG}' }]", std::string(kAccess));
  EXPECT_EQ(parsed.field("clientip"), "192.0.2.7");
  EXPECT_EQ(parsed.field("response"), "200");
  EXPECT_EQ(parsed.field("agent"), "Mozilla/5.0 (X11)");
}

TEST(GrokParser, SyslogLinesAreKnown) {
  const auto parsed = parse("[{ type: grok, pattern: '%{SYSLOGLINE}' }]",
                            std::string("Jan 17 14:30:00 web-1 sshd[17]: Accepted key for alice"));
  EXPECT_EQ(parsed.draft.text, "Accepted key for alice");
  EXPECT_EQ(parsed.fields(),
            (Fields{{"timestamp", "Jan 17 14:30:00"}, {"logsource", "web-1"}, {"program", "sshd"}, {"pid", "17"}}));
}

TEST(AccessLogParser, CombinedEntriesBecomeFieldsAndTheTextStays) {
  const auto parsed = parse("[combined]", std::string(kAccess));
  EXPECT_FALSE(parsed.failed);
  EXPECT_EQ(parsed.draft.text, kAccess);
  EXPECT_EQ(parsed.fields(), (Fields{{"remote_addr", "192.0.2.7"},
                                     {"remote_user", "alice"},
                                     {"method", "GET"},
                                     {"path", R"(/a?b=\"c)"},
                                     {"protocol", "HTTP/1.1"},
                                     {"status", "200"},
                                     {"bytes", "512"},
                                     {"referer", "https://x.example/"},
                                     {"user_agent", "Mozilla/5.0 (X11)"},
                                     {"_SOURCE_REALTIME_TIMESTAMP", "1768656600000000"}}));
  EXPECT_TRUE(parsed.draft.find("status")->is_json);
}

TEST(AccessLogParser, UsersWithBlanksAndVirtualHosts) {
  constexpr const char* kRest = R"( [17/Jan/2026:14:30:00 +0100] "GET / HTTP/1.1" 401 151 "-" "-")";
  const auto client = [&](const std::string& text) {
    const auto parsed = parse("[combined]", text + kRest);
    EXPECT_EQ(parsed.field("status"), "401") << text;
    return parsed.field("vhost") + "|" + parsed.field("remote_addr") + "|" + parsed.field("ident") + "|" +
           parsed.field("remote_user");
  };
  EXPECT_EQ(client("192.0.2.7 - john doe"), "(none)|192.0.2.7|(none)|john doe");
  EXPECT_EQ(client("192.0.2.7 - CN=Jo Doe,O=X [a]"), "(none)|192.0.2.7|(none)|CN=Jo Doe,O=X [a]");
  EXPECT_EQ(client("192.0.2.7 id a"), "(none)|192.0.2.7|id|a");
  EXPECT_EQ(client("192.0.2.7 - \"\""), "(none)|192.0.2.7|(none)|\"\"");
  EXPECT_EQ(client("2001:db8::1 - a b"), "(none)|2001:db8::1|(none)|a b");
  EXPECT_EQ(client("192.0.2.7:51234 - a b"), "(none)|192.0.2.7:51234|(none)|a b");
  EXPECT_EQ(client("www.example.com:443 192.0.2.7 - -"), "www.example.com:443|192.0.2.7|(none)|(none)");
  EXPECT_EQ(client("www.example.com:443 client.example.net - a b"),
            "www.example.com:443|client.example.net|(none)|a b");
  EXPECT_EQ(client("www.example.com 2001:db8::1 - -"), "www.example.com|2001:db8::1|(none)|(none)");
  EXPECT_EQ(client("[2001:db8::2]:80 2001:db8::1 - -"), "[2001:db8::2]:80|2001:db8::1|(none)|(none)");
  const auto odd =
      parse("[combined]", std::string(R"(a - - [30/Feb/2026:14:30:00 +0100] "GET / HTTP/1.1" 200 1 "-" "-")"));
  EXPECT_EQ(odd.field("status"), "200");
  EXPECT_FALSE(odd.draft.time);
  EXPECT_TRUE(odd.draft.is_time_unreadable);
}

TEST(AccessLogParser, WhatIsNotThereIsLeftOut) {
  const auto parsed = parse("[common]", std::string(R"(::1 - - [01/Feb/2026:00:00:00 -0530] "\x16\x03" 400 -)"));
  EXPECT_EQ(parsed.fields(), (Fields{{"remote_addr", "::1"},
                                     {"request", R"(\x16\x03)"},
                                     {"status", "400"},
                                     {"_SOURCE_REALTIME_TIMESTAMP", "1769923800000000"}}));
}

TEST(AccessLogParser, WhatIsNoAccessLogIsLeftAlone) {
  expect_refused("[combined]", R"(a - - [17/Jan/2026:14:30:00 +0100] "GET / HTTP/1.1" 200 512)");
  for (const char* text :
       {"", "a", "a b c", "a - - [x] \"GET\" 200 1", "a - - [17/Jan/2026:14:30:00 +0100] \"GET 200 1",
        "a - - [17/Jan/2026:14:30:00 +0100] \"GET / x\" abc 1", "a - - [17/Foo/2026:14:30:00 +0100] \"GET / x\" 200 1",
        "a - - [17/Jan/2026:14:30:00 +01", "a - - [17/Jan/2026:14:30:00 +0100] \"\\"}) {
    expect_refused("[common]", text);
  }
}

TEST(FilterParsers, DropAndKeepGoByTextOrField) {
  const auto verdict = [](const std::string& parser, const Draft& draft) { return parse(parser, draft).verdict; };
  Draft draft;
  draft.text = "GET /health";
  draft.set("status", "200", true);
  EXPECT_EQ(verdict("[{ type: drop, matches: '/health$' }]", draft), Verdict::drop);
  EXPECT_EQ(verdict("[{ type: drop, matches: '/other' }]", draft), Verdict::keep);
  EXPECT_EQ(verdict("[{ type: keep, matches: '/health' }]", draft), Verdict::keep);
  EXPECT_EQ(verdict("[{ type: keep, matches: '/other' }]", draft), Verdict::drop);
  EXPECT_EQ(verdict("[{ type: drop, field: status, equals: ['404', '200'] }]", draft), Verdict::drop);
  EXPECT_EQ(verdict("[{ type: drop, field: status, equals: '20' }]", draft), Verdict::keep);
  EXPECT_EQ(verdict("[{ type: keep, field: MESSAGE, equals: GET /health }]", draft), Verdict::keep);
  // A field that is not there is like nothing.
  EXPECT_EQ(verdict("[{ type: drop, field: none, matches: '.*' }]", draft), Verdict::keep);
  EXPECT_EQ(verdict("[{ type: keep, field: none, matches: '.*' }]", draft), Verdict::drop);
}

TEST(FieldParsers, AddRenameAndRemove) {
  Draft draft;
  draft.text = "text";
  draft.set("a", "1", true);
  draft.set("b", "2");
  const auto parsed = parse(
      "[{ type: add, fields: { app: shop, b: new } }, { type: rename, fields: { a: c, none: x } }, "
      "{ type: remove, fields: [b, none] }]",
      draft);
  EXPECT_FALSE(parsed.failed);
  EXPECT_EQ(parsed.draft.fields, (std::vector<Field>{{"app", "shop", false}, {"c", "1", true}}));
  const auto swapped =
      parse("[{ type: rename, fields: { MESSAGE: raw } }, { type: rename, fields: { b: MESSAGE } }]", draft);
  EXPECT_EQ(swapped.draft.text, "2");
  EXPECT_EQ(swapped.field("raw"), "text");
}

TEST(RedactParser, TextFieldsAndAllAreRedacted) {
  Draft draft;
  draft.text = "user=a password=secret1 password=secret2";
  draft.set("q", "password=x");
  draft.set("nested", R"({"p":"password=x","n":1})", true);
  const auto text = parse(R"([{ type: redact, pattern: '(password)=[^\s"]+', replacement: '\1=***' }])", draft);
  EXPECT_EQ(text.draft.text, "user=a password=*** password=***");
  EXPECT_EQ(text.field("q"), "password=x");
  const auto all = parse(R"([{ type: redact, pattern: 'password=[^\s"]+', fields: '*' }])", draft);
  EXPECT_EQ(all.draft.text, "user=a [redacted] [redacted]");
  EXPECT_EQ(all.field("q"), "[redacted]");
  EXPECT_EQ(all.field("nested"), R"({"p":"[redacted]","n":1})");
  EXPECT_TRUE(all.draft.find("nested")->is_json);
}

// Otherwise what is stored would be no JSON.
TEST(RedactParser, ANestedValueThatIsBrokenByItBecomesAString) {
  Draft draft;
  draft.set("nested", R"({"p":"x"})", true);
  const auto parsed = parse(R"([{ type: redact, pattern: '"x"', fields: [nested] }])", draft);
  EXPECT_EQ(parsed.draft.fields, (std::vector<Field>{{"nested", R"({"p":[redacted]})", false}}));
}

TEST(LevelParser, AFieldsLevelBecomesPriority) {
  EXPECT_EQ(parse("[logfmt, { type: level, field: sev }]", std::string("sev=Warn")).field("PRIORITY"), "4");
  EXPECT_EQ(parse("[logfmt, { type: level, field: sev, scale: python }]", std::string("sev=50")).field("PRIORITY"),
            "2");
  EXPECT_TRUE(parse("[logfmt, { type: level, field: sev }]", std::string("sev=loud")).failed);
  EXPECT_TRUE(parse("[logfmt, { type: level, field: none }]", std::string("sev=loud")).failed);
}

TEST(ParserChain, AFailureLetsTheOthersGoOnAndCountsOnce) {
  const auto chain = test::make_chain("[json, logfmt, { type: add, fields: { a: b } }]");
  ASSERT_TRUE(chain);
  std::atomic<std::uint64_t> failures = 0;
  Draft draft;
  draft.text = "plain";
  EXPECT_EQ(chain->apply(draft, failures), Verdict::keep);
  EXPECT_EQ(failures, 1u);
  EXPECT_EQ(draft.find("a")->value, "b");
}

}  // namespace
}  // namespace towld
