// Streams of entries give what the store has, for all columns, bounds and queries, and leak nothing.
#include <gmock/gmock.h>

#include <fstream>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl.h"
#include "towl/seal.hpp"

namespace towl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A column of a batch.
struct Cells {
  std::vector<std::string> texts;
  std::vector<std::int64_t> numbers;
};

class CStream : public testing::Test {
 protected:
  void fill(const std::vector<Entry>& entries, FileFormat format = FileFormat::v2) {
    auto writer = StoreWriter::open(folder_ / "store", {.file_format = format, .partition = {.max_entries = 1000}});
    ASSERT_TRUE(writer) << writer.error().to_string();
    ASSERT_TRUE(writer->append(views(entries)));
    ASSERT_TRUE(writer->close());
    entries_.insert(entries_.end(), entries.begin(), entries.end());
  }

  static std::string take(char* text) {
    const std::string copy = text == nullptr ? "" : text;
    towl_free(text);
    return copy;
  }

  /// All batches of an answer, a column after the other; nulls are "NULL".
  std::vector<Cells> ask(const towl_query_options& options, std::vector<std::string>* formats = nullptr) {
    char* error = nullptr;
    towl_store* store = towl_open((folder_ / "store").c_str(), &error);
    EXPECT_NE(store, nullptr) << take(error);
    ArrowArrayStream stream;
    EXPECT_EQ(towl_query(store, &options, &stream, &error), TOWL_OK) << take(error);
    towl_close(store);
    if (stream.release == nullptr) return {};
    ArrowSchema schema;
    EXPECT_EQ(stream.get_schema(&stream, &schema), 0);
    std::vector<Cells> all(static_cast<std::size_t>(schema.n_children));
    for (ArrowArray batch; stream.get_next(&stream, &batch) == 0 && batch.release != nullptr; batch.release(&batch)) {
      EXPECT_GT(batch.length, 0);
      for (std::int64_t i = 0; i < batch.n_children; ++i) {
        read(*batch.children[i], schema.children[i]->format, all[static_cast<std::size_t>(i)]);
      }
    }
    losses_ = take(towl_losses(&stream));
    if (formats != nullptr) {
      for (std::int64_t i = 0; i < schema.n_children; ++i) formats->emplace_back(schema.children[i]->format);
    }
    schema.release(&schema);
    stream.release(&stream);
    EXPECT_EQ(stream.release, nullptr);
    return all;
  }

  static void read(const ArrowArray& array, const std::string& format, Cells& to) {
    const auto* valid = static_cast<const std::uint8_t*>(array.buffers[0]);
    const auto* numbers = static_cast<const std::int64_t*>(array.buffers[1]);
    std::int64_t nulls = 0;
    for (std::int64_t row = 0; row < array.length; ++row) {
      const bool is_null = valid != nullptr && (valid[row / 8] >> (row % 8) & 1) == 0;
      nulls += is_null;
      if (format == "U" || format == "Z") {
        const auto* bytes = static_cast<const char*>(array.buffers[2]);
        to.texts.push_back(is_null ? "NULL" : std::string(bytes + numbers[row], bytes + numbers[row + 1]));
      } else {
        to.numbers.push_back(numbers[row]);
      }
    }
    EXPECT_EQ(nulls, array.null_count);
  }

  static towl_query_options with(const char* columns, const char* query = nullptr) {
    towl_query_options options = TOWL_QUERY_OPTIONS_INIT;
    options.columns = columns;
    options.query = query;
    return options;
  }

  TempFolder folder_;
  std::vector<Entry> entries_;
  std::string losses_;
};

TEST_F(CStream, AllEntriesOfAllFormatsInOrder) {
  fill(numbered_entries(0, 2500), FileFormat::v1);
  fill(numbered_entries(2500, 2500));
  ASSERT_TRUE(seal(folder_ / "store/4.towl"));
  for (const std::uint32_t rows : {0U, 1U, 999U}) {
    towl_query_options options = with("time,sender,message,ordinal");
    options.batch_rows = rows;
    std::vector<std::string> formats;
    const auto columns = ask(options, &formats);
    EXPECT_THAT(formats, ElementsAre("tsn:UTC", "U", "U", "l"));
    ASSERT_EQ(columns.at(2).texts.size(), entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      ASSERT_EQ(columns[0].numbers[i], entries_[i].time());
      ASSERT_EQ(columns[1].texts[i], entries_[i].sender);
      ASSERT_EQ(columns[2].texts[i], entries_[i].log_entry);
    }
    EXPECT_EQ(losses_, "");
  }
}

TEST_F(CStream, ASearchAndAPlainReadAgree) {
  fill(numbered_entries(0, 3000));
  const auto plain = ask(with("time,message,file_uuid,ordinal"));
  const auto searched = ask(with("time,message,file_uuid,ordinal", "sender:host*"));
  EXPECT_EQ(plain[1].texts, searched[1].texts);
  EXPECT_EQ(plain[0].numbers, searched[0].numbers);
  EXPECT_EQ(plain[2].texts, searched[2].texts);
  EXPECT_EQ(plain[3].numbers, searched[3].numbers);
}

TEST_F(CStream, BoundsAndLimits) {
  fill(numbered_entries(0, 1000));
  const std::string since(format_rfc3339(entries_[100].time()).view());
  const std::string until(format_rfc3339(entries_[110].time()).view());
  for (const char* query : {"", "entry*"}) {
    towl_query_options options = with("message", query);
    options.since = since.c_str();
    options.until = until.c_str();
    EXPECT_EQ(ask(options)[0].texts.size(), 10U) << query;
    options.limit = 3;
    EXPECT_THAT(ask(options)[0].texts, ElementsAre(numbered_text(100), numbered_text(101), numbered_text(102)));
  }
}

TEST_F(CStream, FieldsAndNulls) {
  fill({{"a", 1, LogFormat::journal_json, R"({"MESSAGE":"m","PRIORITY":"3","STATUS":"500"})"},
        {"b", 2, LogFormat::text, "plain"},
        {"", 3, LogFormat::journal_json, R"({"MESSAGE":"n"})"}});
  const auto columns = ask(with("level,STATUS,fields,sender"));
  EXPECT_THAT(columns[0].texts, ElementsAre("err", "NULL", "NULL"));
  EXPECT_THAT(columns[1].texts, ElementsAre("500", "NULL", "NULL"));
  EXPECT_THAT(columns[2].texts, ElementsAre(R"({"MESSAGE":"m","PRIORITY":"3","STATUS":"500"})",
                                            R"({"MESSAGE":"plain"})", R"({"MESSAGE":"n"})"));
  EXPECT_THAT(columns[3].texts, ElementsAre("a", "b", ""));
}

// Nulls at every place of a byte, with values before and after.
TEST_F(CStream, NullsAnywhere) {
  std::vector<Entry> entries;
  for (int i = 0; i < 40; ++i) {
    const bool has = i % 7 != 3 && i > 10;
    entries.emplace_back("a", i + 1, LogFormat::journal_json,
                         has ? R"({"MESSAGE":"m","X":")" + std::to_string(i) + "\"}" : R"({"MESSAGE":"m"})");
  }
  fill(entries);
  const auto texts = ask(with("X"))[0].texts;
  ASSERT_EQ(texts.size(), 40U);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(texts[static_cast<std::size_t>(i)], i % 7 != 3 && i > 10 ? std::to_string(i) : "NULL");
}

TEST_F(CStream, BytesThatAreNoTextAreCheckedOrKept) {
  fill({{"a", 1, LogFormat::text, "x\xFFy"}});
  EXPECT_THAT(ask(with("message"))[0].texts, ElementsAre("x\xEF\xBF\xBDy"));
  towl_query_options options = with("message");
  options.binary = 1;
  EXPECT_THAT(ask(options)[0].texts, ElementsAre("x\xFFy"));
}

TEST_F(CStream, DamageIsToldAndHidesNothingElse) {
  fill(numbered_entries(0, 2500));
  std::ofstream(folder_ / "store/2.towl", std::ios::binary | std::ios::trunc) << "nothing";
  for (const char* query : {"", "entry*"}) {
    EXPECT_EQ(ask(with("message", query))[0].texts.size(), 1500U);
    EXPECT_THAT(losses_, HasSubstr("2.towl"));
  }
  char* error = nullptr;
  EXPECT_EQ(towl_open((folder_ / "store/2.towl").c_str(), &error), nullptr);
  EXPECT_NE(take(error), "");
}

TEST_F(CStream, ErrorsAreTexts) {
  fill(numbered_entries(0, 1));
  char* error = nullptr;
  EXPECT_EQ(towl_open("/nowhere/at/all", &error), nullptr);
  EXPECT_THAT(take(error), HasSubstr("/nowhere/at/all"));
  EXPECT_EQ(towl_open(nullptr, nullptr), nullptr);
  towl_store* store = towl_open((folder_ / "store").c_str(), &error);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(towl_file_count(store, &error), 1);
  for (const auto& options : {with("time,time"), with("message", "level:["), with("")}) {
    ArrowArrayStream stream;
    EXPECT_EQ(towl_query(store, &options, &stream, &error), TOWL_INVALID);
    EXPECT_NE(take(error), "");
    EXPECT_EQ(stream.release, nullptr);
  }
  towl_close(store);
  towl_close(nullptr);
  towl_free(nullptr);
  EXPECT_STRNE(towl_version(), "");
}

}  // namespace
}  // namespace towl::test
