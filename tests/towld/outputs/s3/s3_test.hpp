// S3Test has a bucket of its own in a real object store, s3proxy, and credentials for it in a file.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>

#include "support/temp_folder.hpp"
#include "support/test_servers.hpp"
#include "towl/web/s3_client.hpp"

namespace towld::test {

class S3Test : public testing::Test {
 protected:
  using S3Server = towl::test::S3Server;

  static void SetUpTestSuite() { server_ = S3Server::start(); }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    if (!server_) GTEST_SKIP() << towl::test::kNoServers;
    write_credentials(S3Server::kSecret);
    bucket_ = "bucket-" + std::to_string(++buckets_);
    ASSERT_TRUE(client().put("", "")) << "the bucket";
  }

  void write_credentials(const std::string& secret) {
    std::ofstream(folder_ / "credentials")
        << "[default]\naws_access_key_id = " << S3Server::kKey << "\naws_secret_access_key = " << secret << "\n";
  }

  towl::web::S3Client client() {
    return {{server_->url(), "us-east-1", bucket_}, {S3Server::kKey, S3Server::kSecret, ""}, {}};
  }

  static inline std::unique_ptr<S3Server> server_;
  static inline int buckets_ = 0;
  towl::test::TempFolder folder_;
  std::string bucket_;
};

}  // namespace towld::test
