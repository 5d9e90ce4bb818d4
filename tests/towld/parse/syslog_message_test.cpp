#include "parse/syslog_message.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "parse/syslog_parser.hpp"

namespace towld {
namespace {

using namespace std::string_literals;

constexpr std::string_view kArrival = "2026-11-21T10:00:00Z";
const towl::Timestamp kReceived = towl::parse_rfc3339(kArrival).value();

Draft read(std::string_view message) {
  Draft draft;
  fill_from_syslog(message, kReceived, "192.0.2.9", towl::TimeZone(), draft);
  return draft;
}

/// The fields as "NAME=VALUE", then the text after a '|'; without the fields that most samples share.
std::string shown(const Draft& draft) {
  std::string all;
  for (const Field& field : draft.fields) all += field.name + "=" + field.value + " ";
  return all + "|" + draft.text;
}
std::string shown(std::string_view message) { return shown(read(message)); }

TEST(SyslogMessage, Rfc5424) {
  EXPECT_EQ(shown("<165>1 2026-11-21T09:58:00.000003Z web-1.example.org nginx 4711 ID47 - upstream timed out"),
            "PRIORITY=5 SYSLOG_FACILITY=20 SYSLOG_IDENTIFIER=nginx SYSLOG_PID=4711 SYSLOG_MSGID=ID47 "
            "_SOURCE_REALTIME_TIMESTAMP=1795255080000003 _HOSTNAME=web-1.example.org |upstream timed out");
  EXPECT_EQ(shown("<0>1 - - - - - -"), "PRIORITY=0 SYSLOG_FACILITY=0 _HOSTNAME=192.0.2.9 |");
  EXPECT_EQ(shown("<191>1 - - - - - - "), "PRIORITY=7 SYSLOG_FACILITY=23 _HOSTNAME=192.0.2.9 |");
  EXPECT_EQ(shown("<13>1 - h - - - -  two blanks"), "PRIORITY=5 SYSLOG_FACILITY=1 _HOSTNAME=h | two blanks");
}

TEST(SyslogMessage, ATimeThatSaysMoreThanItsInstantIsKeptAsText) {
  const auto kept = [](const std::string& time) {
    const Draft draft = read("<13>1 " + time + " h a - - - x");
    const Field* text = draft.find(field::kSyslogTimestamp);
    return text == nullptr ? "" : text->value;
  };
  EXPECT_EQ(kept("2026-11-21T09:58:00Z"), "");
  EXPECT_EQ(kept("2026-11-21T09:58:00.123456Z"), "");
  EXPECT_EQ(kept("2026-11-21T09:58:00.1234567Z"), "2026-11-21T09:58:00.1234567Z");
  EXPECT_EQ(kept("2026-11-21T09:58:00+02:00"), "2026-11-21T09:58:00+02:00");
  EXPECT_EQ(kept("2026-11-31T09:58:00Z"), "2026-11-31T09:58:00Z");
}

TEST(SyslogMessage, TheSenderIsTheHostAndWhereThereIsNoneThePeer) {
  EXPECT_EQ(read("<13>1 - web-1 a - - - x").sender, "web-1");
  EXPECT_EQ(read("<13>1 - - a - - - x").sender, "192.0.2.9");
  EXPECT_EQ(read("<13>Nov 21 09:58:00 web-1 a: x").sender, "web-1");
  EXPECT_EQ(read("<13>a: x").sender, "192.0.2.9");
  EXPECT_EQ(read("nothing at all").sender, "192.0.2.9");
  EXPECT_EQ(read("<13>1 - web-1 a - - - x").received, kReceived);
}

TEST(SyslogMessage, StructuredDataBecomesFields) {
  const auto data = [](const std::string& elements) {
    const Draft draft = read("<13>1 - h a - - " + elements);
    std::string all;
    for (const Field& field : draft.fields) {
      if (field.name.starts_with("SD.")) all += field.name + "=" + field.value + " ";
    }
    return all + (draft.find(field::kSyslogRaw) != nullptr ? "RAW " : "") + "|" + draft.text;
  };
  EXPECT_EQ(data(R"([timeQuality tzKnown="1" isSynced="0"] text)"),
            "SD.timeQuality.tzKnown=1 SD.timeQuality.isSynced=0 |text");
  EXPECT_EQ(data(R"([a@32473 x="1"][b@32473 x="2"])"), "SD.a@32473.x=1 SD.b@32473.x=2 |");
  EXPECT_EQ(data(R"([a x="say \"hi\" \\ \] \n"] t)"), R"(SD.a.x=say "hi" \ ] \n |t)");
  EXPECT_EQ(data(R"([a x="] [b y=" z=""] t)"), "SD.a.x=] [b y= SD.a.z= |t");
  EXPECT_EQ(data(R"([origin ip="192.0.2.1" ip="192.0.2.2" ip="192.0.2.3"] t)"),
            "SD.origin.ip=192.0.2.1 SD.origin.ip.2=192.0.2.2 SD.origin.ip.3=192.0.2.3 |t");
  EXPECT_EQ(data("[flag] t"), "SD.flag= |t");
  EXPECT_EQ(data("[\xC3\xA4 x=\"1\"] t"), "RAW |[\xC3\xA4 x=\"1\"] t");
  // Broken or left out: nothing is lost.
  for (const std::string broken : {R"([a x="1" t)", R"([a x=1] t)", R"([a x="1)", R"([a x="1"]t)", "[", "[]", "[ a]",
                                   "no structured data", R"([a x="1\"] t)", R"([a  x="1"] t)"}) {
    EXPECT_EQ(data(broken), "RAW |" + broken);
  }
}

TEST(SyslogMessage, MoreParametersThanAnyoneNeedsStayInTheRawMessage) {
  std::string message = "<13>1 - h a - - [a";
  for (std::size_t i = 0; i < kMaxSyslogParameters + 1; ++i) message += " p" + std::to_string(i) + "=\"v\"";
  message += "] text";
  const Draft draft = read(message);
  EXPECT_EQ(draft.text, "text");
  EXPECT_EQ(draft.find(field::kSyslogRaw)->value, message);
  EXPECT_NE(draft.find("SD.a.p127"), nullptr);
  EXPECT_EQ(draft.find("SD.a.p128"), nullptr);
}

TEST(SyslogMessage, ByteOrderMarkAndEndMarksAreNotText) {
  EXPECT_EQ(read("<13>1 - h a - - - \xEF\xBB\xBFgr\xC3\xBC\xC3\x9F").text, "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(read("<13>a: x\n").text, "x");
  EXPECT_EQ(read("<13>a: x\r\n").text, "x");
  EXPECT_EQ(read("<13>a: x\0"s).text, "x");
  EXPECT_EQ(read("<13>a: x\n\0"s).text, "x");
  EXPECT_EQ(read("<13>a: x\0\n"s).text, "x");
  EXPECT_EQ(read("<13>a: x\0\0\0"s).text, "x");
  EXPECT_EQ(read("<13>a: x\n\n").text, "x\n");
  EXPECT_EQ(read("<13>a: \0x\0y"s).text, "\0x\0y"s);
}

TEST(SyslogMessage, Rfc3164) {
  const std::string time = "_SOURCE_REALTIME_TIMESTAMP=1795255080000000 SYSLOG_TIMESTAMP=Nov 21 09:58:00 ";
  EXPECT_EQ(shown("<34>Nov 21 09:58:00 mymachine su: 'su root' failed for lonvick on /dev/pts/8"),
            "PRIORITY=2 SYSLOG_FACILITY=4 SYSLOG_IDENTIFIER=su " + time +
                "_HOSTNAME=mymachine |'su root' failed for lonvick on /dev/pts/8");
  EXPECT_EQ(shown("<30>Nov 21 09:58:00 db systemd[1]: Started cron.service."),
            "PRIORITY=6 SYSLOG_FACILITY=3 SYSLOG_IDENTIFIER=systemd SYSLOG_PID=1 " + time +
                "_HOSTNAME=db |Started cron.service.");
  EXPECT_EQ(shown("<30>Nov 21 09:58:00 2001:db8::7 postfix/smtpd[77]:  lost connection"),
            "PRIORITY=6 SYSLOG_FACILITY=3 SYSLOG_IDENTIFIER=postfix/smtpd SYSLOG_PID=77 " + time +
                "_HOSTNAME=2001:db8::7 | lost connection");
}

TEST(SyslogMessage, WhatIsSentInRfc3164sName) {
  const auto head = [](std::string_view message) {
    const Draft draft = read(message);
    const auto value = [&](std::string_view name) {
      const Field* found = draft.find(name);
      return found == nullptr ? "-"s : found->value;
    };
    return value(field::kHost) + " " + value(field::kIdentifier) + " " + value(field::kProcessId) +
           (draft.find(field::kSyslogRaw) != nullptr ? " RAW " : " ") + "|" + draft.text;
  };
  // No host: the local form of syslog(3).
  EXPECT_EQ(head("<38>Nov 21 09:58:00 sshd[99]: session opened"), "192.0.2.9 sshd 99 |session opened");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 cron: x"), "192.0.2.9 cron - |x");
  // No time.
  EXPECT_EQ(head("<38>sshd[99]: session opened"), "192.0.2.9 sshd 99 |session opened");
  EXPECT_EQ(head("<38>just words: and more"), "192.0.2.9 - - |just words: and more");
  EXPECT_EQ(head("<38>"), "192.0.2.9 - - |");
  // No tag.
  EXPECT_EQ(head("<38>Nov 21 09:58:00 gate link is down"), "gate - - |link is down");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 gate http://example.org/ is down"), "gate - - |http://example.org/ is down");
  // Tags.
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h app[main]: x"), "h app[main] - |x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h app[12]:x"), "h app 12 RAW |x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h app:x"), "h - - |app:x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h app[12]:"), "h app 12 RAW |");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h [12]: x"), "h [12] - |x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h : x"), "h - - |: x");
  // ISO times, as rsyslog's and many appliances' forwarding formats have them.
  EXPECT_EQ(head("<38>2026-11-21T10:58:00.5+01:00 h app[12]: x"), "h app 12 |x");
  EXPECT_EQ(head("<38>2026-11-21 10:58:00 h app: x"), "h app - |x");
  // Repetitions, with and without a host.
  EXPECT_EQ(head("<38>Nov 21 09:58:00 last message repeated 3 times"), "192.0.2.9 - - |last message repeated 3 times");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h last message repeated 3 times"), "h - - |last message repeated 3 times");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 h app: message repeated 2 times: [ x]"),
            "h app - |message repeated 2 times: [ x]");
  // Sloppy.
  EXPECT_EQ(head("<38>Nov 21 09:58:00   h app: x"), "h app - RAW |x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00 - app: x"), "192.0.2.9 app - RAW |x");
  EXPECT_EQ(head("<038>Nov 21 09:58:00 h app: x"), "h app - RAW |x");
  EXPECT_EQ(head("<38>Nov 21 09:58:00"), "192.0.2.9 - - |");
}

TEST(SyslogMessage, CiscoDevices) {
  EXPECT_EQ(shown("<189>237: *Mar  1 00:01:02.003: %SYS-5-CONFIG_I: Configured from console by vty0"),
            "PRIORITY=5 SYSLOG_FACILITY=23 SYSLOG_IDENTIFIER=%SYS-5-CONFIG_I "
            "_SOURCE_REALTIME_TIMESTAMP=1772323262003000 SYSLOG_TIMESTAMP=*Mar  1 00:01:02.003: "
            "_HOSTNAME=192.0.2.9 SYSLOG_SEQUENCE=237 |Configured from console by vty0");
  const Draft named = read("<189>237: core-1: Nov 21 09:58:00.250 UTC: %LINK-3-UPDOWN: Interface Gi0/1, down");
  EXPECT_EQ(named.sender, "core-1");
  EXPECT_EQ(named.find(field::kIdentifier)->value, "%LINK-3-UPDOWN");
  EXPECT_EQ(named.find(field::kSyslogSequence)->value, "237");
  EXPECT_EQ(named.text, "Interface Gi0/1, down");
  EXPECT_NE(named.find(field::kSyslogRaw), nullptr);
  for (const char* message : {"<166>Nov 21 2026 09:58:00 fw-1 : %ASA-6-302013: Built",
                              "<166>Nov 21 2026 09:58:00 fw-1: %ASA-6-302013: Built"}) {
    const Draft wall = read(message);
    EXPECT_EQ(wall.sender, "fw-1");
    EXPECT_EQ(wall.find(field::kIdentifier)->value, "%ASA-6-302013");
    EXPECT_EQ(wall.text, "Built");
  }
  EXPECT_EQ(read("<166>Nov 21 2026 09:58:00: %ASA-6-302013: Built").find(field::kIdentifier)->value, "%ASA-6-302013");
}

TEST(SyslogMessage, CiscoDevicesWithZonesAndWithoutClocks) {
  for (const char* message :
       {"<189>82: Nov 21 00:20:10 CET: %SYS-5-CONFIG_I: Configured",
        "<189>82: *Nov 21 2026 00:20:10.000 CET: %SYS-5-CONFIG_I: Configured",
        "<189>:Nov 20 23:20:10 UTC: %SYS-5-CONFIG_I: Configured", "<189>82: 00:20:10: %SYS-5-CONFIG_I: Configured",
        "<189>82: 1w2d: %SYS-5-CONFIG_I: Configured", "<189>3d04h: %SYS-5-CONFIG_I: Configured",
        "<189>82: core-1: *00:20:10: %SYS-5-CONFIG_I: Configured"}) {
    SCOPED_TRACE(message);
    const Draft draft = read(message);
    EXPECT_EQ(draft.find(field::kIdentifier)->value, "%SYS-5-CONFIG_I");
    EXPECT_EQ(draft.text, "Configured");
    EXPECT_EQ(draft.sender, std::string(message).find("core-1") != std::string::npos ? "core-1" : "192.0.2.9");
    EXPECT_FALSE(draft.is_time_unreadable);
    const bool has_clock = std::string(message).find("Nov") != std::string::npos;
    EXPECT_EQ(draft.time.has_value(), has_clock);
    if (has_clock) {
      EXPECT_EQ(draft.time, towl::parse_rfc3339("2026-11-20T23:20:10Z").value());
    }
    EXPECT_EQ(draft.find(field::kSyslogSequence) != nullptr, std::string(message).find("82:") != std::string::npos);
  }
  EXPECT_EQ(read("<189>82: 00:20:10: %SYS-5-X: y").find(field::kSyslogTimestamp)->value, "00:20:10:");
  EXPECT_EQ(read("<189>12:30:00: no device").text, "no device") << "a tag, as before";
}

TEST(SyslogMessage, WithoutAPriorityItIsAUsersNotice) {
  const Draft draft = read("Nov 21 09:58:00 h app: x");
  EXPECT_EQ(draft.find(field::kPriority)->value, "5");
  EXPECT_EQ(draft.find(field::kFacility)->value, "1");
  EXPECT_EQ(draft.sender, "h");
  EXPECT_EQ(draft.text, "x");
  EXPECT_EQ(draft.find(field::kSyslogRaw)->value, "Nov 21 09:58:00 h app: x");
}

TEST(SyslogMessage, WhatCannotBeReadIsStoredAsItCameAndMarked) {
  const std::vector<std::string> messages = {"hello",   "<>x",       "<a>x",           "<192>x",
                                             "<1234>x", "<12",       "<12>1 nonsense", "<12>2 nonsense",
                                             "<12>1",   "<12>1 ",    "<12>1 - - - -",  "<12>1 - h  a - - x",
                                             "< 12>x",  "{\"a\":1}", "\0\1\2\xFF"s,    "<12>1 - h\xC3\xA4 a - - - x"};
  for (const std::string& message : messages) {
    const Draft draft = read(message);
    const bool is_local_form = message == "<12>1";  // A text of RFC 3164.
    EXPECT_EQ(draft.find(field::kUnparsed) != nullptr, !is_local_form) << message;
    if (!is_local_form) {
      EXPECT_EQ(draft.text, message);
    }
    EXPECT_EQ(draft.sender, "192.0.2.9");
  }
  EXPECT_EQ(read("hello").find(field::kPriority)->value, "5");
  EXPECT_EQ(read("<12>1 nonsense").find(field::kPriority)->value, "4");
}

// RFC 5424 has one version; a client that counts its messages there still means its form. The number is in SYSLOG_RAW.
TEST(SyslogMessage, AnotherVersionOfTheSameFormIsRead) {
  for (const std::string version : {"2", "50", "999"}) {
    const std::string message = "<29>" + version + " 2026-11-21T09:58:00Z web-1 app 7 ID [a b=\"c\"] text";
    const Draft draft = read(message);
    EXPECT_EQ(draft.text, "text");
    EXPECT_EQ(draft.sender, "web-1");
    EXPECT_EQ(draft.find("SD.a.b")->value, "c");
    EXPECT_EQ(draft.find(field::kSyslogRaw)->value, message);
    EXPECT_EQ(draft.find(field::kUnparsed), nullptr);
  }
}

TEST(SyslogMessage, LongNamesAreNotNames) {
  const std::string word(256, 'x');
  EXPECT_NE(read("<13>1 - " + word + " a - - - t").find(field::kUnparsed), nullptr);
  EXPECT_EQ(read("<13>Nov 21 09:58:00 " + word + " app: t").text, word + " app: t");
  EXPECT_EQ(read("<13>Nov 21 09:58:00 h " + word + ": t").text, word + ": t");
  EXPECT_EQ(read("<13>1 - h a - - [" + word + " x=\"1\"] t").text, "[" + word + " x=\"1\"] t");
}

// What cannot be written again from the fields is there as a whole, once.
TEST(SyslogMessage, ALongMessageIsNotStoredTwice) {
  const std::string text(kMaxSyslogRawBytes, 'x');
  for (const char* head : {"<013>Nov 21 09:58:00 h app: ", "Nov 21 09:58:00 h app: "}) {
    const std::string message = head + text;
    const Draft draft = read(message);
    EXPECT_EQ(draft.text, message);
    EXPECT_EQ(draft.find(field::kSyslogRaw), nullptr);
    EXPECT_NE(draft.find(field::kUnparsed), nullptr);
  }
}

/// Writes a message again from its fields; what the header of syslog_message.hpp promises.
std::string written_again(const Draft& draft, bool is_5424) {
  const auto value = [&](std::string_view name, std::string missing) {
    const Field* found = draft.find(name);
    return found == nullptr ? missing : found->value;
  };
  if (draft.find(field::kUnparsed) != nullptr) return draft.text;
  if (const Field* raw = draft.find(field::kSyslogRaw)) return raw->value;
  const int priority = std::stoi(value(field::kFacility, "")) * 8 + std::stoi(value(field::kPriority, ""));
  std::string message = "<" + std::to_string(priority) + ">";
  const std::string host = draft.sender == "192.0.2.9" ? "" : draft.sender;
  const std::string time = value(field::kSyslogTimestamp, "");
  if (is_5424) {
    return message + "1 " + (time.empty() ? "-" : time) + " " + (host.empty() ? "-" : host) + " " +
           value(field::kIdentifier, "-") + " " + value(field::kProcessId, "-") + " " + value(field::kMessageId, "-") +
           " -" + (draft.text.empty() ? "" : " " + draft.text);
  }
  if (!value(field::kSyslogSequence, "").empty()) message += value(field::kSyslogSequence, "") + ": ";
  if (!time.empty()) message += time + (host.empty() && draft.text.empty() ? "" : " ");
  if (!host.empty()) message += host + " ";
  const std::string id = value(field::kProcessId, "");
  const std::string tag = value(field::kIdentifier, "");
  if (!tag.empty()) message += tag + (id.empty() ? "" : "[" + id + "]") + ": ";
  return message + draft.text;
}

// Any pieces in any order: nothing is lost, no matter what they are taken for.
TEST(SyslogMessage, NothingIsLostOfAnyMixtureOfPieces) {
  const std::vector<std::string> pieces = {"<34>",
                                           "<034>",
                                           "1 ",
                                           "Nov 21 09:58:00",
                                           "2026-11-21T09:58:00+01:00",
                                           " ",
                                           "  ",
                                           "- ",
                                           "host",
                                           "host: ",
                                           "app: ",
                                           "app[12]: ",
                                           "app[12]:",
                                           "[12]",
                                           ":",
                                           "%ASA-1: ",
                                           "12: ",
                                           "*",
                                           "\n",
                                           "last message repeated ",
                                           "[a",
                                           "\"",
                                           "]",
                                           "text and more"};
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 100'000; ++round) {
    std::string message;
    for (auto count = random() % 9; count > 0; --count) message += pieces[random() % pieces.size()];
    message += "x";
    const bool has_priority = message.starts_with("<34>");
    Draft draft;
    const SyslogForm form = fill_from_syslog(message, kReceived, "192.0.2.9", towl::TimeZone(), draft);
    ASSERT_EQ(written_again(draft, form == SyslogForm::rfc5424), message) << has_priority;
  }
}

TEST(SyslogMessage, NoBytesDoAnyHarm) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string sample = "<34>1 2026-11-21T09:58:00+01:00 host app 12 ID [a x=\"1\"][b] \xEF\xBB\xBFtext";
  for (int round = 0; round < 50'000; ++round) {
    std::string message = sample;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      message[random() % message.size()] = static_cast<char>(random());
    }
    message.resize(random() % (message.size() + 1));
    const Draft draft = read(message);
    EXPECT_LE(draft.text.size(), message.size());
    for (const Field& field : draft.fields) {
      for (const char c : field.name) ASSERT_TRUE(c > ' ' && c < '\x7f') << message;
    }
  }
}

TEST(SyslogParser, TakesTheLinesOfADaemonsFileApart) {
  const SyslogParser parser{towl::TimeZone()};
  Draft draft;
  draft.received = kReceived;
  draft.sender = "here";
  draft.text = "Nov 21 09:58:00 web-1 sshd[99]: session opened";
  EXPECT_EQ(parser.apply(draft), Parser::Outcome::done);
  EXPECT_EQ(shown(draft),
            "SYSLOG_IDENTIFIER=sshd SYSLOG_PID=99 _SOURCE_REALTIME_TIMESTAMP=1795255080000000 "
            "SYSLOG_TIMESTAMP=Nov 21 09:58:00 _HOSTNAME=web-1 |session opened");
  EXPECT_EQ(draft.sender, "web-1");
}

TEST(SyslogParser, LeavesAloneWhatIsNotSyslog) {
  const SyslogParser parser{towl::TimeZone()};
  Draft draft;
  draft.text = "GET /index.html 200\n";
  EXPECT_EQ(parser.apply(draft), Parser::Outcome::failed);
  EXPECT_EQ(shown(draft), "|GET /index.html 200\n");
}

}  // namespace
}  // namespace towld
