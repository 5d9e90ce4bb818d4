#include "towl/store.hpp"

#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::views;

TEST(StoreListing, IsByIdAndHasEveryPage) {
  MemoryFileLayer layer;
  auto writer =
      StoreWriter::open("/s", {.org = "acme", .title = "t", .partition = {.max_entries = 10}, .layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(views(numbered_entries(0, 115))));
  ASSERT_TRUE(writer->close());
  const auto listing = Store::open("/s", &layer)->list();
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->files.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) {
    const FileInfo& file = listing->files[i];
    EXPECT_EQ(file.file_id, i + 1) << "by number, not by name: 2 before 10";
    EXPECT_EQ(file.header.title, "t");
    EXPECT_EQ(file.index.count, i == 11 ? 5U : 10U);
    EXPECT_EQ(file.index.closed.has_value(), i != 11);
    EXPECT_EQ(file.size, layer.contents(file.path).size());
  }
}

TEST(StoreListing, TellsWhichFilesCannotBeRead) {
  MemoryFileLayer layer;
  auto writer = StoreWriter::open("/s", {.layer = &layer});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(views(numbered_entries(0, 1))));
  ASSERT_TRUE(writer->close(true));
  layer.set_contents("/s/2.towl", "hello");
  layer.set_contents("/s/3.towl", layer.contents("/s/1.towl"));
  layer.set_contents("/s/notes.txt", "hello");
  layer.set_contents("/s/1.towl.torn", "hello");
  const auto listing = Store::open("/s", &layer)->list();
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->files.size(), 1U);
  ASSERT_EQ(listing->unreadable.size(), 2U);
  EXPECT_EQ(listing->unreadable[0].error.code, ErrorCode::not_a_towl_file);
  EXPECT_NE(listing->unreadable[1].error.message.find("says that it is file 1"), std::string::npos);
}

TEST(StoreListing, SaysThatAFolderIsMissing) {
  MemoryFileLayer layer;
  EXPECT_EQ(Store::open("/none", &layer).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace towl
