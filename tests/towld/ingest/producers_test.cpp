#include "ingest/producers.hpp"

#include <gtest/gtest.h>

namespace towld {
namespace {

TEST(Producers, WhatWasStoredIsKnown) {
  Producers producers;
  EXPECT_EQ(producers.progress("a"), (Progress{}));
  producers.stored("a", {5});
  EXPECT_EQ(producers.progress("a"), (Progress{5, 0}));
  producers.stored("a", {5, 120});
  EXPECT_EQ(producers.progress("a"), (Progress{5, 120}));
  EXPECT_EQ(producers.progress("b"), (Progress{}));
}

TEST(Producers, WhatTurnsOutLostIsNotKnown) {
  Producers producers;
  producers.stored("a", {7});
  producers.lost("a", {5, 3});
  EXPECT_EQ(producers.progress("a"), (Progress{5, 3}));
  producers.lost("unknown", {1});
  EXPECT_EQ(producers.progress("unknown"), (Progress{}));
}

TEST(Producers, TheOnesThatSentLastAreRemembered) {
  Producers producers(2);
  EXPECT_FALSE(producers.stored("a", {1}));
  EXPECT_FALSE(producers.stored("b", {1}));
  EXPECT_FALSE(producers.stored("a", {2}));
  EXPECT_EQ(producers.stored("c", {1}), "b");
  EXPECT_EQ(producers.progress("a"), (Progress{2}));
  EXPECT_EQ(producers.progress("b"), (Progress{}));
  EXPECT_EQ(producers.progress("c"), (Progress{1}));
}

TEST(Producers, AnOwnerWithManyForgetsItsOwn) {
  Producers producers(10, 2);
  producers.stored("victim", {5, 0, "v"});
  EXPECT_FALSE(producers.stored("a", {1, 0, "o"}));
  EXPECT_FALSE(producers.stored("b", {1, 0, "o"}));
  EXPECT_FALSE(producers.stored("a", {2, 0, "o"}));
  EXPECT_EQ(producers.stored("c", {1, 0, "o"}), "b");
  EXPECT_EQ(producers.stored("d", {1, 0, "o"}), "a");
  EXPECT_EQ(producers.progress("victim").sequence, 5u);
  // One that changes hands counts for the new owner.
  EXPECT_FALSE(producers.stored("d", {2, 0, "v"}));
  EXPECT_FALSE(producers.stored("e", {1, 0, "o"}));
  // Those that nobody owns are bounded only together.
  for (int i = 0; i < 6; ++i) EXPECT_FALSE(producers.stored(std::to_string(i), {1}));
  EXPECT_EQ(producers.stored("6", {1}), "victim");
}

TEST(Producers, ProgressIsAShortText) {
  for (const Progress& progress : {Progress{}, Progress{17}, Progress{17, 120}}) {
    EXPECT_EQ(parse_progress(format_progress(progress)), progress);
  }
  EXPECT_EQ(format_progress({17, 120}), "17+120");
  for (const Progress& progress : {Progress{17, 0, "web-7"}, Progress{17, 120, "web-7"}}) {
    EXPECT_EQ(parse_progress(format_progress(progress)), progress);
  }
  EXPECT_EQ(format_progress({17, 0, "web-7"}), "17 web-7");
  for (const char* text : {"", "x", "17+", "17x", "+1", "17+1 ", "99999999999999999999"}) {
    EXPECT_FALSE(parse_progress(text)) << text;
  }
  EXPECT_EQ(producer_of_source(source_of_producer("web/1")), "web/1");
  EXPECT_FALSE(producer_of_source("file/x"));
}

}  // namespace
}  // namespace towld
