#include "append/line_source.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "support/temp_folder.hpp"

namespace towlctl {
namespace {

TEST(LineSource, LinesMayCrossEveryRead) {
  towl::test::TempFolder folder;
  std::string input;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 400; ++i) lines.emplace_back(i * i % 5000, static_cast<char>('a' + i % 26));
  for (const std::string& line : lines) input += line + "\n";
  std::ofstream(folder / "input", std::ios::binary) << input;
  auto source = LineSource::open((folder / "input").string(), 5000);
  ASSERT_TRUE(source);
  for (const std::string& line : lines) EXPECT_EQ(source->next(std::chrono::seconds(1))->text, line);
  EXPECT_EQ(source->next(std::chrono::seconds(1))->kind, Line::Kind::end);
  EXPECT_EQ(source->number(), lines.size());
}

}  // namespace
}  // namespace towlctl
