// TlsSite is a folder with a CA, a server's certificate and tokens, and channels of clients that trust it.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "access/token_file.hpp"
#include "support/temp_folder.hpp"
#include "tls/make_certificates.hpp"
#include "towl/v1/channel_security.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towl::test {

class TlsSite {
 public:
  TlsSite() {
    write("ca.pem", ca_.certificate);
    make_server_certificate();
  }

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  std::filesystem::path path() const { return folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
  }

  /// A new one, in the place of the one before: by renames, as programs that renew certificates do it.
  void make_server_certificate(const std::string& name = "localhost") {
    const auto made = towld::make_server_certificate(ca_, {name, "localhost", "127.0.0.1"});
    ASSERT_TRUE(made) << made.error().to_string();
    write("new.pem", made->certificate);
    write("new.key", made->key);
    std::filesystem::rename(folder_ / "new.key", folder_ / "server.key");
    std::filesystem::rename(folder_ / "new.pem", folder_ / "server.pem");
  }

  /// Adds a token; returns it.
  std::string add_token(towld::TokenRecord record) {
    const std::string token = *towld::make_token();
    record.hash = towld::TokenHasher()(token);
    tokens_.push_back(std::move(record));
    EXPECT_TRUE(towld::write_token_records(folder_ / "tokens", tokens_));
    return token;
  }
  void revoke(const std::string& name) {
    std::erase_if(tokens_, [&](const towld::TokenRecord& token) { return token.name == name; });
    EXPECT_TRUE(towld::write_token_records(folder_ / "tokens", tokens_));
  }

  /// towld.yaml with TLS and these tokens; `more` are further lines. Returns its path.
  std::string configuration(const std::string& more = "") const {
    write("towld.yaml", "listen: { tls: { cert: \"" + (folder_ / "server.pem").string() + "\", key: \"" +
                            (folder_ / "server.key").string() + "\" } }\nauth: { tokens_file: \"" +
                            (folder_ / "tokens").string() + "\" }\n" + more);
    return folder_ / "towld.yaml";
  }

  std::unique_ptr<towl::v1::Towl::Stub> stub(const std::string& address) const {
    const auto security = towl::rpc::read_security(address, {.ca = folder_ / "ca.pem"});
    EXPECT_TRUE(security) << security.error().to_string();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A connection of its own.
    return towl::v1::Towl::NewStub(towl::rpc::open_channel(address, *security, arguments));
  }

 private:
  TempFolder folder_;
  towld::MadeCertificate ca_ = *towld::make_ca("towl test");
  std::vector<towld::TokenRecord> tokens_;
};

}  // namespace towl::test
