#include "ingest/producers.hpp"

#include <gtest/gtest.h>

namespace towld {
namespace {

TEST(Producers, ASequenceThatIsNotAboveTheLastIsKnown) {
  Producers producers;
  EXPECT_FALSE(producers.has("a", 1));
  producers.stored("a", 5);
  EXPECT_TRUE(producers.has("a", 5));
  EXPECT_TRUE(producers.has("a", 1));
  EXPECT_FALSE(producers.has("a", 6));
  EXPECT_FALSE(producers.has("b", 1));
}

TEST(Producers, WhatTurnsOutLostIsNotKnown) {
  Producers producers;
  producers.stored("a", 7);
  producers.lost("a", 6);
  EXPECT_TRUE(producers.has("a", 5));
  EXPECT_FALSE(producers.has("a", 6));
  producers.lost("unknown", 1);
}

TEST(Producers, TheOnesThatSentLastAreRemembered) {
  Producers producers(2);
  producers.stored("a", 1);
  producers.stored("b", 1);
  producers.stored("a", 2);
  producers.stored("c", 1);
  EXPECT_TRUE(producers.has("a", 2));
  EXPECT_FALSE(producers.has("b", 1));
  EXPECT_TRUE(producers.has("c", 1));
}

}  // namespace
}  // namespace towld
