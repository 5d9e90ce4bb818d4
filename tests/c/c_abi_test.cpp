// What other programs link to stays as it is: the symbols, their versions, the layout of structures, and that it is C.
#include <gmock/gmock.h>

#include <cstddef>
#include <sstream>

#include "support/process.hpp"
#include "towl.h"

namespace {

using testing::UnorderedElementsAre;
using towl::test::run;

static_assert(sizeof(towl_query_options) == 64 && offsetof(towl_query_options, query) == 8 &&
              offsetof(towl_query_options, columns) == 32 && offsetof(towl_query_options, threads) == 40 &&
              offsetof(towl_query_options, limit) == 48 && offsetof(towl_query_options, binary) == 56);
static_assert(sizeof(ArrowSchema) == 72 && sizeof(ArrowArray) == 80 && sizeof(ArrowArrayStream) == 40);

// A symbol that is added is added here, with a new version; none is ever taken away.
TEST(CAbi, TheseSymbolsAndNoOthers) {
  const auto ran = run({"nm", "-D", "--defined-only", "--with-symbol-versions", TOWL_C_LIBRARY});
  ASSERT_EQ(ran.code, 0) << ran.err;
  std::vector<std::string> symbols;
  std::istringstream lines(ran.out);
  for (std::string address, type, name; lines >> address >> type >> name;) {
    if (type != "A") symbols.push_back(name);
  }
  EXPECT_THAT(symbols, UnorderedElementsAre("towl_close@@TOWL_1.0", "towl_file_count@@TOWL_1.0", "towl_free@@TOWL_1.0",
                                            "towl_losses@@TOWL_1.0", "towl_open@@TOWL_1.0", "towl_query@@TOWL_1.0",
                                            "towl_version@@TOWL_1.0"));
}

TEST(CAbi, TheHeaderIsC) {
  const auto ran =
      run({TOWL_CC, "-x", "c", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", TOWL_C_HEADER});
  EXPECT_EQ(ran.code, 0) << ran.err;
}

}  // namespace
