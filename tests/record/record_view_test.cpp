#include "towl/record/record_view.hpp"

#include <gtest/gtest.h>

#include <string>

#include "towl/record/names.hpp"

namespace towl {
namespace {

EntryView journal(std::string_view text) {
  return {.sender = "web-1", .received = 5, .log_format = LogFormat::journal_json, .log_entry = text};
}

std::string fields(std::string_view text) {
  RecordView view;
  view.set(journal(text));
  std::string shown;
  for (const RecordField& field : view.fields()) {
    shown += (shown.empty() ? "" : " ") + std::string(field.name) + "=" + std::string(field.value);
  }
  return shown;
}

std::string message(std::string_view text) {
  RecordView view;
  view.set(journal(text));
  return std::string(view.message());
}

std::optional<Level> level(std::string_view text) {
  RecordView view;
  view.set(journal(text));
  return view.level();
}

TEST(RecordView, FieldsAreTheJournals) {
  EXPECT_EQ(
      fields(
          R"({"A":"1","B":["x","y\n"],"C":null,"D":[104,105],"E":[],"F":[[104],"z"],"G":{ "a" : [1, 2] },"H":1.50})"),
      "A=1 B=x B=y\n D=hi E=[] F=h F=z G={\"a\":[1,2]} H=1.50");
  EXPECT_EQ(fields(R"({"A":1,"A":2})"), "A=2");
  for (const char* none : {"", "text", "[1]", "{\"A\":", "\"x\""}) EXPECT_EQ(fields(none), "");
}

TEST(RecordView, OddMembersHideNothing) {
  for (const char* odd : {"123456789012345678901234567890", "1e999", R"("\ud83d")", R"(["\ud83d",1e999])"}) {
    const std::string text = std::string(R"({"PRIORITY":"3","x":)") + odd + R"(,"MESSAGE":"m"})";
    EXPECT_EQ(level(text), 3) << odd;
    EXPECT_EQ(message(text), "m") << odd;
  }
}

TEST(RecordView, TheMessageIsFoundByItsNames) {
  EXPECT_EQ(message(R"({"message":"a","MESSAGE":"b"})"), "b");
  EXPECT_EQ(message(R"({"MESSAGE":[104,105,255]})"), "hi\xff");
  EXPECT_EQ(message(R"({"msg":"a","log":"b"})"), "a");
  EXPECT_EQ(message(R"({"message":42})"), "42");
  EXPECT_EQ(message(R"({"a":42})"), R"({"a":42})");
  EXPECT_EQ(message("text"), "text");
  EXPECT_EQ(message("{\"MESSAGE\":"), "{\"MESSAGE\":");
}

TEST(RecordView, TheLevelIsPriorityOrWhatItsNamesSay) {
  EXPECT_EQ(level(R"({"level":"debug","PRIORITY":"3"})"), 3);
  EXPECT_EQ(level(R"({"level":"fatal"})"), 2);
  EXPECT_EQ(level(R"({"log":{"level":"warn"}})"), 4);
  EXPECT_EQ(level(R"({"PRIORITY":"99999999999999999999"})"), std::nullopt);
  EXPECT_EQ(level("{}"), std::nullopt);
  EXPECT_EQ(level("level=err"), std::nullopt);
}

std::string json_of(const EntryView& entry) {
  RecordView view;
  view.set(entry);
  std::string text;
  append_json_record(view, text);
  return text;
}

TEST(RecordView, AnObjectIsPrintedWithWhatOnlyTheEntrySays) {
  EntryView entry = journal(R"({"MESSAGE":"m", "n":123456789012345678901234567890})");
  entry.received = 1'700'000'000'000'000'999;
  EXPECT_EQ(json_of(entry), R"({"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"web-1",)"
                            R"("MESSAGE":"m", "n":123456789012345678901234567890})");
  entry.set_time(1'600'000'000'000'000'000);
  EXPECT_EQ(json_of(entry),
            R"({"__REALTIME_TIMESTAMP":"1700000000000000","_SOURCE_REALTIME_TIMESTAMP":"1600000000000000",)"
            R"("_HOSTNAME":"web-1","MESSAGE":"m", "n":123456789012345678901234567890})");
  entry.log_entry = " {}\n";
  entry.set_time(entry.received);
  EXPECT_EQ(json_of(entry), R"({"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"web-1"})");
  entry.log_entry = R"({"__REALTIME_TIMESTAMP":"1","_HOSTNAME":"db","a":"\ud83d"})";
  EXPECT_EQ(json_of(entry), entry.log_entry);
  entry.log_entry = "{\n\"a\": [1,\n 2]}";
  EXPECT_EQ(json_of(entry), R"({"__REALTIME_TIMESTAMP":"1700000000000000","_HOSTNAME":"web-1","a":[1,2]})");
}

TEST(RecordView, AFieldIsFoundByItsName) {
  RecordView view;
  view.set(journal(R"({"a":"b","n":"12"})"));
  EXPECT_EQ(view.find(field::kHost), std::nullopt);
  EXPECT_EQ(view.find("a"), "b");
  EXPECT_EQ(view.find("c"), std::nullopt);
  EXPECT_EQ(view.number("n"), 12U);
  EXPECT_EQ(view.number("a"), std::nullopt);
  view.set(journal(R"({"_HOSTNAME":"db"})"));
  EXPECT_EQ(view.find(field::kHost), "db");
  view.set({.sender = "s", .log_entry = "text"});
  EXPECT_FALSE(view.has_fields());
  EXPECT_EQ(view.find(field::kMessage), std::nullopt);
  EXPECT_EQ(view.message(), "text");
}

TEST(RecordView, UnitsAreFoundByTheirNames) {
  RecordView view;
  const auto of = [&](std::string_view text, std::string_view unit) {
    view.set(journal(text));
    return view.has_unit([&](std::string_view value) { return value == unit; });
  };
  EXPECT_TRUE(of(R"({"_SYSTEMD_UNIT":"a.service"})", "a.service"));
  EXPECT_TRUE(of(R"({"UNIT":"a.service"})", "a.service"));
  EXPECT_TRUE(of(R"({"service.name":"a"})", "a"));
  EXPECT_FALSE(of(R"({"_PID":"a"})", "a"));
}

TEST(RecordView, TheTimeThatItSaysIsReadForThoseWhoTakeItIn) {
  RecordView view;
  const auto said = [&](std::string_view text) {
    view.set(journal(text));
    bool is_unreadable = false;
    const auto time = view.said_time(TimeZone(), is_unreadable);
    return (time ? std::to_string(*time) : "-") + (is_unreadable ? "?" : "");
  };
  EXPECT_EQ(said(R"({"__REALTIME_TIMESTAMP":"1700000000000000","_SOURCE_REALTIME_TIMESTAMP":"1600000000000000"})"),
            "1600000000000000000");
  EXPECT_EQ(said(R"({"__REALTIME_TIMESTAMP":"1700000000000000","_SOURCE_REALTIME_TIMESTAMP":"0"})"),
            "1700000000000000000");
  EXPECT_EQ(said(R"({"time":"noon"})"), "-?");
  EXPECT_EQ(said(R"({"a":"noon"})"), "-");
  EXPECT_EQ(said("text"), "-");
}

}  // namespace
}  // namespace towl
