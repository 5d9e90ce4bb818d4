#include "retention.hpp"

#include <gtest/gtest.h>

namespace towl::detail {
namespace {

FileInfo closed_file(FileId file_id, std::uint64_t size, Timestamp closed) {
  FileInfo info;
  info.file_id = file_id;
  info.size = size;
  info.index.closed = closed;
  return info;
}

FileInfo open_file(FileId file_id, std::uint64_t size) {
  FileInfo info;
  info.file_id = file_id;
  info.size = size;
  return info;
}

std::vector<FileId> removed(const std::vector<FileInfo>& files, const RetentionPolicy& policy, Timestamp time = 1000,
                            Space space = {1000, 500}) {
  std::vector<FileId> ids;
  for (const auto& file : plan_retention(files, policy, time, space)) ids.push_back(file.file_id);
  return ids;
}

using Ids = std::vector<FileId>;

TEST(Retention, RemovesFilesClosedLongAgo) {
  const std::vector<FileInfo> files = {closed_file(1, 10, 100), closed_file(2, 10, 900), open_file(3, 10)};
  EXPECT_EQ(removed(files, {.max_age_ns = 200}), Ids{1});
  EXPECT_EQ(removed(files, {.max_age_ns = 50}), (Ids{1, 2}));
  EXPECT_EQ(removed(files, {.max_age_ns = 5000}), Ids{});
}

TEST(Retention, RemovesTheOldestUntilTheStoreIsSmallEnough) {
  const std::vector<FileInfo> files = {closed_file(1, 10, 1), closed_file(2, 20, 2), closed_file(3, 30, 3),
                                       open_file(4, 5)};
  EXPECT_EQ(removed(files, {.max_bytes = 65}), Ids{});
  EXPECT_EQ(removed(files, {.max_bytes = 64}), Ids{1});
  EXPECT_EQ(removed(files, {.max_bytes = 35}), (Ids{1, 2}));
}

TEST(Retention, KeepsTheFileSystemFree) {
  const std::vector<FileInfo> files = {closed_file(1, 100, 1), closed_file(2, 100, 2), open_file(3, 100)};
  EXPECT_EQ(removed(files, {.keep_free_bytes = 500}), Ids{});
  EXPECT_EQ(removed(files, {.keep_free_bytes = 501}), Ids{1});
  EXPECT_EQ(removed(files, {.keep_free_percent = 65.0}), (Ids{1, 2}));
}

TEST(Retention, TheNewestFileStays) {
  const std::vector<FileInfo> files = {closed_file(1, 10, 1), closed_file(2, 10, 1)};
  EXPECT_EQ(removed(files, {.max_age_ns = 0, .max_bytes = 0}), Ids{1});
}

TEST(Retention, AnOpenFileAndThoseBehindItStay) {
  const std::vector<FileInfo> files = {closed_file(1, 10, 1), open_file(2, 10), closed_file(3, 10, 1),
                                       open_file(4, 10)};
  EXPECT_EQ(removed(files, {.max_bytes = 0}), Ids{1});
}

TEST(Retention, WhatIsStillNeededStays) {
  const std::vector<FileInfo> files = {closed_file(1, 10, 1), closed_file(2, 10, 2), closed_file(3, 10, 3)};
  EXPECT_EQ(removed(files, {.max_bytes = 1, .keep_from = 2}), (std::vector<FileId>{1}));
  EXPECT_EQ(removed(files, {.max_bytes = 1, .keep_from = 1}), (std::vector<FileId>{}));
}

TEST(Retention, NoPolicyRemovesNothing) { EXPECT_EQ(removed({closed_file(1, 10, 1), open_file(2, 10)}, {}), Ids{}); }

}  // namespace
}  // namespace towl::detail
