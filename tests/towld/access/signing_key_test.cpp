#include "access/signing_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temp_folder.hpp"

namespace towld {
namespace {

TEST(SigningKey, IsMadeForItsOwnerAloneAndSigns) {
  const towl::test::TempFolder folder;
  const auto made = create_signing_key(folder / "sign.key");
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_TRUE(made->starts_with("-----BEGIN PUBLIC KEY-----"));
  std::ifstream open(folder / "sign.key.pub");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(open), {}), *made);
  struct stat as {};
  ASSERT_EQ(stat((folder / "sign.key").c_str(), &as), 0);
  EXPECT_EQ(as.st_mode & 0777, 0600u);
  const auto signer = load_signing_key(folder / "sign.key");
  ASSERT_TRUE(signer) << signer.error().to_string();
  EXPECT_EQ(signer->public_key.size(), 32u);
  const auto signature = signer->sign("a message");
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->size(), 64u);
  EXPECT_NE(*signature, *signer->sign("another"));
}

TEST(SigningKey, IsNeverReplaced) {
  const towl::test::TempFolder folder;
  ASSERT_TRUE(create_signing_key(folder / "sign.key"));
  const auto again = create_signing_key(folder / "sign.key");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, towl::ErrorCode::already_exists);
}

TEST(SigningKey, OfAnotherSortIsRefused) {
  const towl::test::TempFolder folder;
  EXPECT_EQ(load_signing_key(folder / "none").error().code, towl::ErrorCode::not_found);
  ASSERT_TRUE(create_signing_key(folder / "sign.key"));
  EXPECT_EQ(load_signing_key(folder / "sign.key.pub").error().code, towl::ErrorCode::invalid_argument);
  std::ofstream(folder / "text") << "no key";
  EXPECT_EQ(load_signing_key(folder / "text").error().code, towl::ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace towld
