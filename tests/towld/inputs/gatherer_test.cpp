// Drafts become entries of a batch: labelled, with a sender, cut to the limit.
#include "inputs/gatherer.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/logger.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GathererTest : public testing::Test {
 protected:
  GathererTest() {
    auto started = Ingest::start({.path = store_.path()}, make_logger({.level = LogLevel::error}));
    EXPECT_TRUE(started);
    ingest_ = std::move(*started);
    context_.ingest = ingest_.get();
    context_.sender = "host";
  }

  void label(std::vector<Field> labels) {
    context_.labels = std::make_shared<const std::vector<Field>>(std::move(labels));
  }

  static std::vector<std::string> texts(const Batch& batch) {
    std::vector<std::string> texts;
    for (const auto& entry : batch.entries) texts.emplace_back(entry.log_entry);
    return texts;
  }

  towl::test::TempFolder store_;
  std::unique_ptr<Ingest> ingest_;
  InputContext context_;
};

TEST_F(GathererTest, EntriesHaveTheirOwnSenderOrTheInputs) {
  Gatherer gatherer(context_);
  for (const char* sender : {"", "router", ""}) {
    Draft& draft = gatherer.draft();
    draft.text = "text";
    draft.sender = sender;
    draft.received = 7;
    EXPECT_EQ(gatherer.take(), Gatherer::Taken::taken);
  }
  for (int i = 0; i < 2; ++i) {
    const Batch batch = gatherer.finish();
    if (i == 1) {
      EXPECT_TRUE(batch.entries.empty());
      break;
    }
    ASSERT_EQ(batch.entries.size(), 3u);
    EXPECT_EQ(batch.entries[0].sender, "host");
    EXPECT_EQ(batch.entries[1].sender, "router");
    EXPECT_EQ(batch.entries[2].sender, "host");
    EXPECT_EQ(batch.entries[2].log_format, towl::LogFormat::text);
    EXPECT_EQ(batch.entries[2].received, 7);
    EXPECT_THAT(texts(batch), ElementsAre("text", "text", "text"));
  }
}

TEST_F(GathererTest, EntriesHappenedWhenTheySayOrWhenTheyArrived) {
  Gatherer gatherer(context_);
  Draft& said = gatherer.draft();
  said.received = 7;
  said.time = 5;
  gatherer.take();
  gatherer.draft().received = 7;
  gatherer.take();
  Draft& unreadable = gatherer.draft();
  unreadable.received = 7;
  unreadable.is_time_unreadable = true;
  gatherer.take();
  const Batch batch = gatherer.finish();
  ASSERT_EQ(batch.entries.size(), 3u);
  for (const auto& entry : batch.entries) EXPECT_EQ(entry.received, 7);
  EXPECT_EQ(batch.entries[0].time(), 5);
  EXPECT_EQ(batch.entries[1].time(), 7);
  EXPECT_EQ(batch.entries[2].time(), 7);
  EXPECT_EQ(context_.counters->time_failures, 1u);
}

// Plain texts get labels that were written once; entries with fields of their own get them one by one.
TEST_F(GathererTest, LabelsAreTheSameHoweverTheyAreWritten) {
  label({{"app", "a \"b\""}, {"env", "5", true}});
  Gatherer gatherer(context_);
  gatherer.draft().text = "x\n\"y\"";
  gatherer.take();
  gatherer.draft().text = "\xFF";
  gatherer.take();
  Draft& draft = gatherer.draft();
  draft.text = "z";
  draft.set("app", "own");
  draft.set("more", "m");
  gatherer.take();
  const Batch batch = gatherer.finish();
  ASSERT_EQ(batch.entries.size(), 3u);
  for (const auto& entry : batch.entries) EXPECT_EQ(entry.log_format, towl::LogFormat::journal_json);
  for (std::size_t i = 0; i < 2; ++i) {
    Draft slow;
    slow.text = i == 0 ? "x\n\"y\"" : "\xFF";
    for (const Field& field : *context_.labels) slow.set(field.name, field.value, field.is_json);
    std::string expected;
    encode_draft(slow, expected);
    EXPECT_EQ(batch.entries[i].log_entry, expected);
  }
  EXPECT_THAT(std::string(batch.entries[2].log_entry), HasSubstr(R"("app":"a \"b\"")"));
  EXPECT_THAT(std::string(batch.entries[2].log_entry), HasSubstr(R"("more":"m")"));
}

TEST_F(GathererTest, WhatIsTooLongIsCutWithItsSenderAndLabels) {
  label({{"app", "x"}});
  context_.max_entry_bytes = 200;
  Gatherer gatherer(context_);
  for (const char* sender : {"", "a longer sender"}) {
    Draft& draft = gatherer.draft();
    draft.text = std::string(500, '\x01');  // six bytes each in JSON
    draft.sender = sender;
    gatherer.take();
    gatherer.draft().text = "short";
    gatherer.take();
  }
  const Batch batch = gatherer.finish();
  ASSERT_EQ(batch.entries.size(), 4u);
  for (const auto& entry : batch.entries) EXPECT_LE(entry.sender.size() + entry.log_entry.size(), 200u);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
    EXPECT_THAT(std::string(batch.entries[i].log_entry), HasSubstr(R"("TOWL_ORIGINAL_BYTES":"500")"));
    EXPECT_THAT(std::string(batch.entries[i].log_entry), HasSubstr(R"("app":"x")"));
  }
  EXPECT_EQ(batch.entries[2].sender, "a longer sender");
  EXPECT_EQ(batch.entries[3].log_entry, R"({"MESSAGE":"short","app":"x"})");
  EXPECT_EQ(context_.counters->cut, 2u);
}

TEST_F(GathererTest, WhatFitsAsItCameIsWholeHoweverLongItBecomes) {
  label({{"app", "x"}});
  context_.max_entry_bytes = 2000;
  Gatherer gatherer(context_);
  gatherer.draft().text = std::string(2000, '"');
  gatherer.take();
  const Batch batch = gatherer.finish();
  EXPECT_EQ(context_.counters->cut, 0u);
  EXPECT_GT(batch.entries[0].log_entry.size(), 4000u);
}

TEST_F(GathererTest, TheLargestFieldsAreCutFirstAndNamed) {
  context_.max_entry_bytes = 100'000;
  Gatherer gatherer(context_);
  const auto stored = [&](const std::function<void(Draft&)>& fill) {
    fill(gatherer.draft());
    EXPECT_EQ(gatherer.take(), Gatherer::Taken::taken);
    const Batch batch = gatherer.finish();
    EXPECT_LE(batch.entries[0].log_entry.size(), 100'000u);
    return std::string(batch.entries[0].log_entry);
  };
  const auto describe = [](Draft& draft) {
    draft.set("PRIORITY", "2");
    draft.set("_HOSTNAME", "web-1");
    draft.set("_SYSTEMD_UNIT", "a.service");
    draft.set("_SOURCE_REALTIME_TIMESTAMP", "1768660200000000");
  };
  const auto expect_described = [](const std::string& text) {
    for (const char* part : {R"("PRIORITY":"2")", R"("_HOSTNAME":"web-1")", R"("_SYSTEMD_UNIT":"a.service")",
                             R"("_SOURCE_REALTIME_TIMESTAMP":"1768660200000000")"}) {
      EXPECT_THAT(text, HasSubstr(part));
    }
  };
  // One large field among small ones.
  auto text = stored([&](Draft& draft) {
    describe(draft);
    draft.text = "dumped core";
    draft.set("COREDUMP", std::string(120'000, '\xFF'));
    draft.set("EXE", "/bin/x");
  });
  expect_described(text);
  EXPECT_THAT(text, HasSubstr(R"("MESSAGE":"dumped core")"));
  EXPECT_THAT(text, HasSubstr(R"("EXE":"/bin/x")"));
  EXPECT_THAT(text, HasSubstr(R"("TOWL_CUT":{"COREDUMP":120000})"));
  EXPECT_THAT(text, testing::Not(HasSubstr("TOWL_ORIGINAL_BYTES")));
  // Text keeps its beginning; what is JSON cannot be cut.
  text = stored([&](Draft& draft) {
    describe(draft);
    draft.text = std::string(50'000, 't');
    draft.set("a", "begin" + std::string(90'000, 'a'));
    draft.set("b", "[" + std::string(80'000, ' ') + "]", true);
  });
  expect_described(text);
  EXPECT_THAT(text, HasSubstr(R"("a":"beginaaa)"));
  EXPECT_THAT(text, HasSubstr(std::string(50'000, 't')));
  EXPECT_THAT(text, HasSubstr(R"({"a":90005,"b":80002})"));
  // The text is the largest, or the fields are too many.
  text = stored([&](Draft& draft) {
    describe(draft);
    draft.text = std::string(500'000, 't');
    draft.set("a", std::string(3'000, 'a'));
  });
  expect_described(text);
  EXPECT_THAT(text, HasSubstr(std::string(90'000, 't')));
  EXPECT_THAT(text, HasSubstr(R"("TOWL_ORIGINAL_BYTES":"500000")"));
  EXPECT_THAT(text, HasSubstr(std::string(3'000, 'a')));
  text = stored([&](Draft& draft) {
    describe(draft);
    draft.text = "many";
    for (int i = 0; i < 1000; ++i) draft.set("field" + std::to_string(i), std::string(300, 'f'));
  });
  expect_described(text);
  EXPECT_THAT(text, HasSubstr(R"("MESSAGE":"many")"));
  EXPECT_THAT(text, HasSubstr(R"("TOWL_CUT":{"field0":300,)"));
  EXPECT_EQ(context_.counters->cut, 4u);
}

}  // namespace
}  // namespace towld
