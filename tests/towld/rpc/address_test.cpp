#include <gtest/gtest.h>

#include "rpc/peer.hpp"
#include "rpc/server.hpp"

namespace towld {
namespace {

TEST(Peer, IsShownAsItsHost) {
  EXPECT_EQ(peer_host("ipv4:10.0.0.7:41234"), "10.0.0.7");
  EXPECT_EQ(peer_host("ipv6:%5B::1%5D:41234"), "::1");
  EXPECT_EQ(peer_host("ipv6:[fe80::1]:41234"), "fe80::1");
  EXPECT_EQ(peer_host("unix:/run/towl"), "localhost");
  EXPECT_EQ(peer_host("unix:"), "localhost");
  EXPECT_EQ(peer_host(""), "localhost");
}

TEST(Address, LoopbackIsThisMachineAlone) {
  for (const char* address : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/run/towl"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
  for (const char* address : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "127.0.0.1.example.org:1", ":1"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace towld
