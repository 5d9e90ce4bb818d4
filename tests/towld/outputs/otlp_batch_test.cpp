// Entries as a request of OpenTelemetry's protocol, field by field as logs.proto has them.
#include "outputs/otlp_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

namespace towld {
namespace {

using testing::ElementsAre;

/// A message printed as protoc --decode_raw does, in one line: strings quoted, messages in braces. `shape` says which
/// fields are messages: the digits of the way to them.
std::string printed(std::string_view message, const std::string& way, const std::vector<std::string>& messages) {
  std::string text;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0; !message.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(message.front());
      message.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (!message.empty()) {
    const std::uint64_t tag = varint();
    const std::string field = std::to_string(tag >> 3);
    text += (text.empty() ? "" : " ") + field + ":";
    if ((tag & 7) == 0) {
      text += std::to_string(static_cast<std::int64_t>(varint()));
    } else if ((tag & 7) == 1) {
      std::uint64_t value = 0;
      std::memcpy(&value, message.data(), sizeof value);
      message.remove_prefix(sizeof value);
      text += std::to_string(value);
    } else {
      const std::uint64_t size = varint();
      EXPECT_LE(size, message.size());
      const auto bytes = message.substr(0, size);
      message.remove_prefix(std::min<std::size_t>(size, message.size()));
      const std::string deeper = way + "." + field;
      const bool is_message = std::find(messages.begin(), messages.end(), deeper) != messages.end();
      text += is_message ? "{" + printed(bytes, deeper, messages) + "}" : "'" + std::string(bytes) + "'";
    }
  }
  return text;
}

std::string printed(const std::string& request) {
  return printed(request, "",
                 {".1", ".1.1", ".1.1.1", ".1.1.1.2", ".1.2", ".1.2.2", ".1.2.2.5", ".1.2.2.6", ".1.2.2.6.2"});
}

towl::Uuid uuid() {
  towl::Uuid uuid{};
  uuid[0] = 0xab;
  return uuid;
}

struct MadeBatch {
  void add(const towl::Entry& entry, towl::Ordinal ordinal) {
    const FollowedEntry followed{1, ordinal, entry.view(), uuid()};
    record.set(followed.entry);
    batch.add(followed, record);
  }
  std::string finish() {
    const std::size_t most = batch.bytes();
    std::string request;
    batch.finish(request);
    EXPECT_LE(request.size(), most);
    return printed(request);
  }

  towl::RecordView record;
  OtlpBatch batch;
};

TEST(OtlpBatch, EntriesOfASenderAreTogether) {
  MadeBatch batch;
  batch.add(towl::Entry("a", 5, towl::LogFormat::text, "one"), 0);
  batch.add(towl::Entry("b", 6, towl::LogFormat::text, "two"), 1);
  batch.add(towl::Entry("a", 7, towl::LogFormat::text, "three"), 2);
  EXPECT_EQ(batch.batch.count(), 3u);
  const std::string id = "ab000000000000000000000000000000/";
  const auto record = [&](int time, const std::string& text, int ordinal) {
    return "2:{1:" + std::to_string(time) + " 11:" + std::to_string(time) + " 5:{1:'" + text +
           "'} 6:{1:'log.record.uid' 2:{1:'" + id + std::to_string(ordinal) + "'}}}";
  };
  EXPECT_EQ(batch.finish(), "1:{1:{1:{1:'host.name' 2:{1:'a'}}} 2:{" + record(5, "one", 0) + " " +
                                record(7, "three", 2) + "}} 1:{1:{1:{1:'host.name' 2:{1:'b'}}} 2:{" +
                                record(6, "two", 1) + "}}");
  // It begins again.
  batch.add(towl::Entry("c", 8, towl::LogFormat::text, "four"), 3);
  EXPECT_EQ(batch.finish(), "1:{1:{1:{1:'host.name' 2:{1:'c'}}} 2:{" + record(8, "four", 3) + "}}");
}

TEST(OtlpBatch, FieldsAreWhatTheyAre) {
  MadeBatch batch;
  towl::Entry entry("a", 9, towl::LogFormat::journal_json,
                    R"({"MESSAGE":"m","PRIORITY":"3","text":"t","whole":-7,"large":18446744073709551616,"half":0.5,)"
                    R"("yes":true,"no":false,"nothing":null,"list":[1,"a"],)"
                    R"("trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","event_name":"e"})");
  entry.set_time(8);
  batch.add(entry, 4);
  const std::string trace = "\x5b\x8e\xff\xf7\x98\x03\x81\x03\xd2\x69\xb6\x33\x81\x3f\xc6\x0c";
  const std::string span = "\xee\xe1\x9b\x7e\xc3\xc1\xb1\x74";
  const auto number = [](double value) { return std::to_string(std::bit_cast<std::uint64_t>(value)); };
  EXPECT_EQ(batch.finish(),
            "1:{1:{1:{1:'host.name' 2:{1:'a'}}} 2:{2:{1:8 11:9 2:17 3:'err' 5:{1:'m'} 6:{1:'text' 2:{1:'t'}} "
            "6:{1:'whole' 2:{3:-7}} 6:{1:'large' 2:{4:" +
                number(18446744073709551616.0) + "}} 6:{1:'half' 2:{4:" + number(0.5) +
                "}} 6:{1:'yes' 2:{2:1}} 6:{1:'no' 2:{2:0}} 6:{1:'list' 2:{1:'[1,\"a\"]'}} 9:'" + trace + "' 10:'" +
                span + "' 12:'e' 6:{1:'log.record.uid' 2:{1:'ab000000000000000000000000000000/4'}}}}}");
}

TEST(OtlpBatch, WhatIsNoIdIsAnAttributeAndWhatIsNoTextIsBytes) {
  MadeBatch batch;
  batch.add(
      towl::Entry(
          "a", 9, towl::LogFormat::journal_json,
          R"({"MESSAGE":"m","trace_id":"00000000000000000000000000000000","span_id":"xyz","severity_text":"Bad"})"),
      0);
  batch.add(towl::Entry("a", 9, towl::LogFormat::text, "\xff"), 1);
  const std::string request = batch.finish();
  EXPECT_THAT(request, testing::HasSubstr("6:{1:'trace_id' 2:{1:'0000"));
  EXPECT_THAT(request, testing::HasSubstr("6:{1:'span_id' 2:{1:'xyz'}}"));
  EXPECT_THAT(request, testing::HasSubstr("3:'Bad'"));
  EXPECT_THAT(request, testing::HasSubstr("5:{7:'\xff'}"));
}

TEST(OtlpBatch, SeveritiesAreSyslogsAsTheDataModelMapsThem) {
  std::vector<int> severities;
  for (int level = 0; level < 8; ++level) severities.push_back(otlp_severity(level));
  EXPECT_THAT(severities, ElementsAre(21, 19, 18, 17, 13, 10, 9, 5));
}

}  // namespace
}  // namespace towld
