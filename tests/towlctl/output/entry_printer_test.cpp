#include "output/entry_printer.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace towlctl {
namespace {

constexpr towl::Timestamp kTime = 1'768'660'200'123'456'789;  // 2026-01-17T14:30:00.123456789Z

class Printer : public testing::Test {
 protected:
  Printer() {
    setenv("TZ", "CET-1", 1);
    tzset();
  }

  static std::string print(const OutputOptions& options, std::string_view text,
                           towl::LogFormat format = towl::LogFormat::text, std::string_view sender = "web-1") {
    std::string out;
    towl::Header header;
    header.file_id = 3;
    EntryPrinter(options).print({0, &header, 7, {sender, kTime, format, text}}, out);
    return out;
  }
  static std::string print(OutputFormat format, std::string_view text) { return print({.format = format}, text); }
  static std::string journal(const OutputOptions& options, std::string_view text) {
    return print(options, text, towl::LogFormat::journal_json);
  }
  static std::string journal(OutputFormat format, std::string_view text) { return journal({.format = format}, text); }
};

constexpr std::string_view kJournalEntry =
    R"({"__REALTIME_TIMESTAMP":"1768660200123456","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"nginx","_PID":"77","PRIORITY":"3","MESSAGE":"it failed"})";

TEST_F(Printer, ShortIsATextAsItWasLogged) {
  EXPECT_EQ(print(OutputFormat::short_, "Jan 17 x: \xff\x1b[1m\ty"), "Jan 17 x: \xff\x1b[1m\ty\n");
  EXPECT_EQ(print(OutputFormat::short_precise, "text"), "Jan 17 15:30:00.123456 web-1: text\n");
  EXPECT_EQ(print(OutputFormat::short_iso, "text"), "2026-01-17T15:30:00+0100 web-1: text\n");
  EXPECT_EQ(print({.format = OutputFormat::short_iso, .utc = true}, "text"), "2026-01-17T14:30:00+0000 web-1: text\n");
}

TEST_F(Printer, ATerminalIsSentNoControlCharacters) {
  EXPECT_EQ(print({.terminal = true}, "a\x1b[2Jb\x07\xff\u00e9\u0085\tc"), "a\\x1b[2Jb\\x07\\xff\u00e9\\xc2\\x85\tc\n");
  EXPECT_EQ(print({.format = OutputFormat::raw, .terminal = true}, "\x1b"), "\\x1b\n");
  EXPECT_EQ(print({.format = OutputFormat::short_precise, .terminal = true}, "x", towl::LogFormat::text, "\x1b"),
            "Jan 17 15:30:00.123456 \\x1b: x\n");
}

TEST_F(Printer, ShortIsAJournalEntryAsJournalctlHasIt) {
  EXPECT_EQ(journal(OutputFormat::short_, kJournalEntry), "Jan 17 15:30:00 web nginx[77]: it failed\n");
  EXPECT_EQ(journal(OutputFormat::short_precise, kJournalEntry), "Jan 17 15:30:00.123456 web nginx[77]: it failed\n");
  EXPECT_EQ(journal(OutputFormat::short_iso, kJournalEntry), "2026-01-17T15:30:00+0100 web nginx[77]: it failed\n");
  EXPECT_EQ(journal(OutputFormat::short_, R"({"_COMM":"cron","SYSLOG_PID":"5","MESSAGE":"x"})"),
            "Jan 17 15:30:00 web-1 cron[5]: x\n");
  // Entries that did not come from a journal: by HTTP, or parsed from a file.
  EXPECT_EQ(journal(OutputFormat::short_, R"({"MESSAGE":"x"})"), "Jan 17 15:30:00 web-1: x\n");
  EXPECT_EQ(print({}, R"({"MESSAGE":"x"})", towl::LogFormat::journal_json, ""), "Jan 17 15:30:00 unknown: x\n");
}

TEST_F(Printer, LinesOfAJournalMessageAreIndented) {
  EXPECT_EQ(journal(OutputFormat::short_, R"({"_HOSTNAME":"h","MESSAGE":"one\ntwo\n"})"),
            "Jan 17 15:30:00 h unknown: one\n                           two\n");
}

TEST_F(Printer, ABinaryMessageIsABlobUnlessAllIsAskedFor) {
  constexpr std::string_view kBinary = R"({"MESSAGE":[104,105,255,0]})";
  EXPECT_EQ(journal(OutputFormat::short_, kBinary), "Jan 17 15:30:00 web-1: [4B blob data]\n");
  EXPECT_EQ(journal({.all = true}, kBinary), std::string("Jan 17 15:30:00 web-1: hi\xff\0\n", 28));
  EXPECT_EQ(journal({.all = true, .terminal = true}, kBinary), "Jan 17 15:30:00 web-1: hi\\xff\\x00\n");
  EXPECT_EQ(journal(OutputFormat::cat, kBinary), std::string("hi\xff\0\n", 5));
  // Printable bytes are a message like any other; colours are taken out.
  EXPECT_EQ(journal(OutputFormat::short_, R"({"MESSAGE":[104,105]})"), "Jan 17 15:30:00 web-1: hi\n");
  EXPECT_EQ(journal(OutputFormat::short_, R"({"MESSAGE":"\u001b[31mred\u001b[0m"})"), "Jan 17 15:30:00 web-1: red\n");
}

TEST_F(Printer, JsonThatIsNoObjectIsText) {
  for (const char* text : {"not json", "[1]", "\"x\"", "{\"MESSAGE\":", ""}) {
    EXPECT_EQ(journal(OutputFormat::short_, text), std::string(text) + "\n");
  }
}

TEST_F(Printer, PriorityIsColour) {
  EXPECT_EQ(journal({.color = true}, kJournalEntry), "Jan 17 15:30:00 web nginx[77]: \x1b[1;31mit failed\x1b[0m\n");
}

TEST_F(Printer, VerboseShowsEveryField) {
  EXPECT_EQ(journal(OutputFormat::verbose, R"({"A":"1","B":["x","y"],"C":null,"D":[255]})"),
            "Sat 2026-01-17 15:30:00.123456 CET [file 3, ordinal 7]\n    __REALTIME_TIMESTAMP=1768660200123456\n    "
            "_HOSTNAME=web-1\n"
            "    A=1\n    B=x\n    B=y\n    D=[1B blob data]\n");
  EXPECT_EQ(journal(OutputFormat::verbose, R"({"__REALTIME_TIMESTAMP":"1","_HOSTNAME":"db"})"),
            "Sat 2026-01-17 15:30:00.123456 CET [file 3, ordinal 7]\n    __REALTIME_TIMESTAMP=1\n    _HOSTNAME=db\n");
  EXPECT_EQ(print({.format = OutputFormat::verbose, .utc = true}, "text"),
            "Sat 2026-01-17 14:30:00.123456 UTC [file 3, ordinal 7]\n    SENDER=web-1\n"
            "    TIME=2026-01-17T14:30:00.123456789Z\n"
            "    RECEIVED=2026-01-17T14:30:00.123456789Z\n    LOG_FORMAT=0\n    MESSAGE=text\n");
}

TEST_F(Printer, JsonIsTheStoredObjectOrTheEntry) {
  EXPECT_EQ(journal(OutputFormat::json, kJournalEntry), std::string(kJournalEntry) + "\n");
  EXPECT_EQ(
      print(OutputFormat::json, "te\"xt"),
      R"({"file_id":3,"ordinal":7,"sender":"web-1","time":"2026-01-17T14:30:00.123456789Z","received":"2026-01-17T14:30:00.123456789Z","log_format":0,"log_entry":"te\"xt"})"
      "\n");
  EXPECT_EQ(print({.format = OutputFormat::json, .fields = {"log_entry"}}, "a\xff"), "{\"log_entry\":[97,255]}\n");
  EXPECT_EQ(
      journal({.format = OutputFormat::json, .fields = {"B", "D"}}, R"({"__C":"0","A":"1","B":["x","y"],"D":[255,0]})"),
      R"({"__REALTIME_TIMESTAMP":"1768660200123456","__C":"0","B":["x","y"],"D":[255,0]})"
      "\n");
}

// A reader of only the output knows when and from whom, no matter what the fields are.
TEST_F(Printer, JsonHasTimeAndSenderOfEveryEntry) {
  EXPECT_EQ(journal(OutputFormat::json_pretty, R"({"A":"1"})"),
            "{\n  \"__REALTIME_TIMESTAMP\": \"1768660200123456\",\n  \"_HOSTNAME\": \"web-1\",\n  \"A\": \"1\"\n}\n");
  EXPECT_EQ(journal(OutputFormat::json, "{\n\"A\":\"1\"}"),
            R"({"__REALTIME_TIMESTAMP":"1768660200123456","_HOSTNAME":"web-1","A":"1"})"
            "\n");
  EXPECT_EQ(print({.format = OutputFormat::json, .fields = {"A", "_HOSTNAME"}}, R"({"A":1,"B":2})",
                  towl::LogFormat::journal_json),
            R"({"__REALTIME_TIMESTAMP":"1768660200123456","_HOSTNAME":"web-1","A":1})"
            "\n");
}

TEST_F(Printer, JsonLeavesValuesAsTheyAre) {
  constexpr std::string_view kOdd =
      R"({"__REALTIME_TIMESTAMP":"1","_HOSTNAME":"h","n":123456789012345678901234567890,"v":1e999,"u":"\ud83d","f":1.50})";
  EXPECT_EQ(journal(OutputFormat::json, kOdd), std::string(kOdd) + "\n");
  EXPECT_EQ(journal(OutputFormat::json_pretty, kOdd),
            "{\n  \"__REALTIME_TIMESTAMP\": \"1\",\n  \"_HOSTNAME\": \"h\",\n  \"n\": 123456789012345678901234567890,\n"
            "  \"v\": 1e999,\n  \"u\": \"\\ud83d\",\n  \"f\": 1.50\n}\n");
}

TEST_F(Printer, ExportIsSystemds) {
  EXPECT_EQ(journal(OutputFormat::export_, R"({"A":"1","B":"two\nlines"})"),
            "__REALTIME_TIMESTAMP=1768660200123456\n_HOSTNAME=web-1\n" +
                std::string("A=1\nB\n\x09\0\0\0\0\0\0\0two\nlines\n\n", 25));
  EXPECT_EQ(print(OutputFormat::export_, "text"),
            "__REALTIME_TIMESTAMP=1768660200123456\n_HOSTNAME=web-1\nMESSAGE=text\n\n");
}

// The time that is shown is the event time, no matter what the text says; machines get both.
TEST_F(Printer, AnEntryIsShownWithItsEventTime) {
  const auto print_late = [](OutputFormat format, std::string_view text, towl::LogFormat log_format) {
    towl::EntryView entry{"web-1", kTime, log_format, text};
    entry.set_time(kTime - 3600 * towl::kNanosecondsPerSecond);
    std::string out;
    towl::Header header;
    header.file_id = 3;
    EntryPrinter({.format = format, .utc = true}).print({0, &header, 7, entry}, out);
    return out;
  };
  const auto text = towl::LogFormat::text;
  const auto json = towl::LogFormat::journal_json;
  const std::string_view journal = R"({"__REALTIME_TIMESTAMP":"1","MESSAGE":"x"})";
  EXPECT_EQ(print_late(OutputFormat::short_precise, "x", text), "Jan 17 13:30:00.123456 web-1: x\n");
  EXPECT_EQ(print_late(OutputFormat::short_, journal, json), "Jan 17 13:30:00 web-1: x\n");
  EXPECT_TRUE(print_late(OutputFormat::verbose, journal, json).starts_with("Sat 2026-01-17 13:30:00.123456 UTC"));
  EXPECT_EQ(print_late(OutputFormat::csv, "x", text),
            "3,7,2026-01-17T13:30:00.123456789Z,2026-01-17T14:30:00.123456789Z,web-1,0,x\r\n");
  EXPECT_EQ(print_late(OutputFormat::logfmt, "x", text), "time=2026-01-17T13:30:00.123456789Z sender=web-1 msg=x\n");
  EXPECT_EQ(print_late(OutputFormat::export_, "x", text),
            "__REALTIME_TIMESTAMP=1768660200123456\n_SOURCE_REALTIME_TIMESTAMP=1768656600123456\n_HOSTNAME=web-1\n"
            "MESSAGE=x\n\n");
}

TEST_F(Printer, CsvQuotesWhatItMust) {
  EXPECT_EQ(EntryPrinter({.format = OutputFormat::csv}).header(),
            "file_id,ordinal,time,received,sender,log_format,message\r\n");
  EXPECT_EQ(print(OutputFormat::csv, "a,\"b\"\n"),
            "3,7,2026-01-17T14:30:00.123456789Z,2026-01-17T14:30:00.123456789Z,web-1,0,\"a,\"\"b\"\"\n\"\r\n");
  EXPECT_EQ(journal(OutputFormat::csv, kJournalEntry),
            "3,7,2026-01-17T14:30:00.123456789Z,2026-01-17T14:30:00.123456789Z,web-1,1,it failed\r\n");
}

TEST_F(Printer, LogfmtQuotesWhatItMust) {
  EXPECT_EQ(print(OutputFormat::logfmt, "a \"b\""),
            "time=2026-01-17T14:30:00.123456789Z sender=web-1 msg=\"a \\\"b\\\"\"\n");
  EXPECT_EQ(journal(OutputFormat::logfmt, R"({"A":"x y","B":""})"),
            "time=2026-01-17T14:30:00.123456789Z sender=web-1 A=\"x y\" B=\"\"\n");
}

TEST_F(Printer, RawIsTheStoredText) { EXPECT_EQ(journal(OutputFormat::raw, "{ \"A\" : 1 }"), "{ \"A\" : 1 }\n"); }

}  // namespace
}  // namespace towlctl
