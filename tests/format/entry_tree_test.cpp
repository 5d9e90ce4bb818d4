#include "v2/entry_tree.hpp"

#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "v2/head.hpp"

namespace towl::detail::v2 {
namespace {

std::string_view view(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// As RFC 9162, 2.1.1 defines it, over hashes of leaves.
Sha256 tree_hash(std::span<const Sha256> leaves) {
  if (leaves.empty()) return sha256({});
  if (leaves.size() == 1) return leaves[0];
  std::size_t left = 1;
  while (2 * left < leaves.size()) left *= 2;
  const Sha256 a = tree_hash(leaves.first(left));
  const Sha256 b = tree_hash(leaves.subspan(left));
  return sha256({std::string_view("\1", 1), view(a), view(b)});
}

Sha256 leaf_of(const EntryView& entry) {
  EntryTree tree;
  tree.add(entry);
  return tree.root();
}

TEST(EntryTree, HasTheRootOfTheStandard) {
  std::vector<Sha256> leaves;
  EntryTree tree;
  EXPECT_EQ(tree.root(), tree_hash(leaves));
  for (const Entry& entry : test::numbered_entries(0, 70)) {
    leaves.push_back(leaf_of(entry));
    tree.add(entry);
    ASSERT_EQ(tree.root(), tree_hash(leaves)) << leaves.size();
  }
}

TEST(EntryTree, TellsEntriesApartByAllThatTheyAre) {
  const Entry entry("ab", 5, LogFormat::text, "cd", 7);
  for (const Entry& other : {Entry("a", 5, LogFormat::text, "bcd", 7), Entry("ab", 6, LogFormat::text, "cd", 7),
                             Entry("ab", 5, LogFormat::journal_json, "cd", 7), Entry("ab", 5, LogFormat::text, "cd", 8),
                             Entry("ab", 5, LogFormat::text, "ce", 7), Entry()}) {
    EXPECT_NE(leaf_of(entry), leaf_of(other));
  }
}

TEST(EntryTree, TakesManyLostEntriesAsOneByOne) {
  for (const std::uint64_t before : {0U, 1U, 5U, 8U}) {
    for (const std::uint64_t lost : {0U, 1U, 2U, 3U, 7U, 8U, 9U, 63U}) {
      EntryTree at_once;
      EntryTree singly;
      for (const Entry& entry : test::numbered_entries(0, before)) {
        at_once.add(entry);
        singly.add(entry);
      }
      at_once.add_lost(lost);
      for (std::uint64_t i = 0; i < lost; ++i) singly.add_lost(1);
      ASSERT_EQ(at_once.count(), before + lost);
      ASSERT_EQ(at_once.root(), singly.root()) << before << " + " << lost;
    }
  }
  EntryTree many;
  many.add_lost((std::uint64_t{1} << 40) + 3);
  EXPECT_EQ(many.count(), (std::uint64_t{1} << 40) + 3);
}

TEST(EntryTree, IsGoneOnWithFromItsPeaks) {
  EntryTree tree;
  for (const Entry& entry : test::numbered_entries(0, 100)) {
    auto copy = EntryTree::of(tree.count(), tree.peaks());
    ASSERT_TRUE(copy);
    tree.add(entry);
    copy->add(entry);
    ASSERT_EQ(copy->root(), tree.root());
  }
  EXPECT_FALSE(EntryTree::of(tree.count() + 1, tree.peaks()));
}

TEST(Head, IsReadAsItWasWritten) {
  Head head;
  for (const Entry& entry : test::numbered_entries(0, 11)) head.tree.add(entry);
  head.head = {.count = 11,
               .time = -5,
               .root = head.tree.root(),
               .public_key = std::string(32, 'k'),
               .signature = std::string(64, 's')};
  const std::string payload = encode_head(head);
  EXPECT_EQ(payload.size(), kHeadBytes + 3 * 32);
  const auto read = decode_head(payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->head.count, 11u);
  EXPECT_EQ(read->head.time, -5);
  EXPECT_EQ(read->head.root, head.head.root);
  EXPECT_EQ(read->head.public_key, head.head.public_key);
  EXPECT_EQ(read->head.signature, head.head.signature);
  EXPECT_EQ(encode_head(*read), payload);
}

TEST(Head, OfAnotherLengthAlgorithmOrCountIsNone) {
  Head head;
  head.tree.add_lost(6);
  head.head.public_key = std::string(32, 'k');
  head.head.signature = std::string(64, 's');
  const std::string payload = encode_head(head);
  ASSERT_TRUE(decode_head(payload));
  EXPECT_FALSE(decode_head(payload + "x"));
  for (std::size_t size = 0; size < payload.size(); ++size) EXPECT_FALSE(decode_head(payload.substr(0, size))) << size;
  for (const std::size_t at : {0U, 1U, 7U, 8U, 15U}) {
    std::string other = payload;
    other[at] = static_cast<char>(other[at] ^ 0x40);
    EXPECT_FALSE(decode_head(other)) << at;
  }
}

}  // namespace
}  // namespace towl::detail::v2
