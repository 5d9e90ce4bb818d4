// Writes a described file as programs do: with FileWriter.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "support/description.hpp"
#include "towl/file_writer.hpp"

namespace towl::test {

/// Makes `path`: closed if the description says so, else synced, after which the index page is up to date as well.
/// The description's count, first and last are ignored: the writer finds its own.
inline void write_described(const std::filesystem::path& path, const Described& file) {
  auto writer = FileWriter::create(path, {.file_id = file.header.file_id,
                                          .org = file.header.org,
                                          .title = file.header.title,
                                          .opened = file.index.opened,
                                          .format = FileFormat::v1});
  ASSERT_TRUE(writer) << writer.error().to_string();
  const auto appended = writer->append(views(file.entries));
  ASSERT_TRUE(appended) << appended.error().to_string();
  const auto done = file.index.closed ? writer->close(*file.index.closed) : writer->sync();
  ASSERT_TRUE(done) << done.error().to_string();
}

}  // namespace towl::test
