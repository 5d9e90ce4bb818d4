#include "sha256.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace towl::detail {
namespace {

std::string hex(const Sha256& hash) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : hash) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// FIPS 180-4's examples, and one that fills a block but for the length.
TEST(Sha256, GivesTheValuesOfTheStandard) {
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256({"abc"})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256({"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"})),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256({std::string(56, 'a')})), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
}

TEST(Sha256, IsTheSameWithoutInstructionsAndHoweverItIsCut) {
  std::mt19937 random(7);
  std::string text(400, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string_view all = std::string_view(text).substr(0, size);
    const std::size_t first = random() % (size + 1);
    const std::size_t second = first + random() % (size - first + 1);
    ASSERT_EQ(sha256({all}), sha256_by_table({all})) << size;
    ASSERT_EQ(sha256({all}), sha256({all.substr(0, first), all.substr(first, second - first), all.substr(second)}))
        << size;
  }
}

}  // namespace
}  // namespace towl::detail
