// Vectors for what the specification's example does not have: signed heads, and what a later version may write.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "support/description.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "towl/signed_heads.hpp"
#include "v2/digest.hpp"
#include "v2/entry_tree.hpp"
#include "v2/frame.hpp"
#include "v2/header_io.hpp"
#include "v2/pages.hpp"
#include "v2/rows.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
namespace v2 = detail::v2;

const fs::path kVectors = fs::path(TOWL_SPEC_FOLDER) / "vectors/v2";

using Key = std::shared_ptr<EVP_PKEY>;

// RFC 8032, 7.1, test 1.
const std::string kSecret = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const std::string kPublic = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Signer rfc_signer() {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(kSecret), kSecret.size()),
                &EVP_PKEY_free);
  return {kPublic, [key](std::string_view message) {
            const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
            std::string signature(64, '\0');
            std::size_t bytes = signature.size();
            EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()), 1);
            EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &bytes,
                                     bytes_of(message), message.size()),
                      1);
            return Result<std::string>(signature);
          }};
}

bool check(std::string_view public_key, std::string_view message, std::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()),
                &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

NewFile vector_file() {
  NewFile file{.file_id = 5, .org = "acme", .title = "signed", .opened = 1'768'660'200'000'000'000};
  file.uuid.emplace();
  for (std::size_t i = 0; i < file.uuid->size(); ++i) (*file.uuid)[i] = static_cast<std::uint8_t>(255 - i * 17);
  return file;
}

// Seven entries, a gap of three, two entries; heads over five, ten and all twelve.
void write_signed(const fs::path& path) {
  HeadSigner signer(rfc_signer(), [] { return Timestamp{1'768'660'300'000'000'000}; });
  WriteOptions options;
  options.clock = [] { return Timestamp{1'768'660'300'000'000'000}; };
  options.closing_head = [&](const fs::path& p, std::uint64_t count) { return signer.sign(p, count).value_or(""); };
  auto writer = FileWriter::create(path, vector_file(), options);
  ASSERT_TRUE(writer);
  auto entries = numbered_entries(0, 12);
  entries[3].time_offset = -1'500'000'000;
  entries[4].log_format = LogFormat::journal_json;
  const auto put = [&](std::size_t first, std::size_t count) {
    ASSERT_TRUE(writer->append(views({entries.begin() + static_cast<std::ptrdiff_t>(first),
                                      entries.begin() + static_cast<std::ptrdiff_t>(first + count)})));
    ASSERT_TRUE(writer->flush());
  };
  put(0, 7);
  ASSERT_TRUE(writer->append_head(*signer.sign(path, 5)));
  ASSERT_TRUE(writer->append_gap(3, {}));
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(writer->append_head(*signer.sign(path, 10)));
  put(10, 2);
  ASSERT_TRUE(writer->close(1'768'660'400'000'000'000));
}

// What a version after this one may write: bits that are not known, a longer header, frames of other kinds, one of which
// travels; positions of sources of another sort.
void write_later(const fs::path& path) {
  v2::HeaderPage page;
  page.header = {.version = 2, .org = "acme", .title = "later", .file_id = 6, .uuid = *vector_file().uuid};
  page.created = 1'768'660'200'000'000'000;
  page.compatible = 0x01000001;
  page.more = "a later version has more";
  const std::uint32_t tag = v2::file_tag(page.header.uuid);
  std::string file = *v2::encode_front(page);
  v2::Slot slot;
  slot.sequence = 2;
  slot.chain = v2::first_chain(file);
  slot.index.opened = page.created;
  slot.index.closed = page.created + 1;
  std::string part = "\4kind\10of a hue";
  for (const std::uint64_t first : {0u, 4u}) {
    std::string rows;
    v2::RowEncoder encoder;
    v2::FrameHeader header;
    header.tag = tag;
    header.layout = v2::Layout::rows;
    header.first = first;
    header.digest = slot.index.digest;
    header.previous = slot.chain;
    Index& index = slot.index;
    for (const Entry& entry : numbered_entries(first, 4)) {
      encoder.encode(entry, rows);
      if (header.count++ == 0) header.min = header.event_min = entry.received;
      header.max = header.event_max = entry.received;
      header.text_bytes += static_cast<std::uint32_t>(entry.sender.size() + entry.log_entry.size());
      if (!index.first) index.first = index.min = index.event_min = entry.received;
      index.last = index.max = index.event_max = entry.received;
      index.text_bytes += entry.sender.size() + entry.log_entry.size();
      index.digest = v2::extend_digest(index.digest, entry);
    }
    header.raw_bytes = static_cast<std::uint32_t>(rows.size());
    slot.last_frame = file.size();
    if (first == 0) slot.points = {{0, file.size()}};
    slot.chain = append_frame(header, rows, file, part).header_checksum;
    index.count += 4;
    ++index.frames;
    for (const int kind : {40, 100, 255}) {
      v2::FrameHeader other;
      other.tag = tag;
      other.kind = static_cast<v2::FrameKind>(kind);
      other.codec = v2::Codec{7};
      other.layout = v2::Layout{9};
      other.reason = v2::GapReason{3};
      other.first = index.count;
      other.digest = index.digest;
      other.previous = slot.chain;
      slot.last_frame = file.size();
      slot.chain = append_frame(other, "of kind " + std::to_string(kind), file).header_checksum;
    }
  }
  slot.data_end = file.size();
  file.replace(v2::slot_offset(slot.sequence), v2::kSlotBytes, encode_slot(slot, tag));
  std::ofstream(path, std::ios::binary) << file;
}

void write_all(const fs::path& folder) {
  ASSERT_NO_FATAL_FAILURE(write_signed(folder / "signed.towl"));
  ASSERT_NO_FATAL_FAILURE(write_later(folder / "later.towl"));
}

TEST(LaterVectors, AreWrittenWhereThatIsWanted) {
  const char* const folder = std::getenv("TOWL_MAKE_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "TOWL_MAKE_VECTORS names the folder to write them to";
  for (const char* name : {"signed.towl", "later.towl"}) fs::remove(fs::path(folder) / name);
  write_all(folder);
}

TEST(LaterVectors, TheWriterMakesTheSameFiles) {
  const TempFolder folder;
  write_all(folder.path());
  for (const char* name : {"signed.towl", "later.towl"}) {
    EXPECT_TRUE(test::bytes_of_file(folder / name) == test::bytes_of_file(kVectors / name)) << name;
  }
}

TEST(LaterVectors, TheSignedOneIsProved) {
  const TempFolder folder;
  fs::copy_file(kVectors / "signed.towl", folder / "5.towl");
  for (const bool sealed : {false, true}) {
    if (sealed) {
      ASSERT_TRUE(seal(folder / "5.towl"));
    }
    const auto report = check_heads(folder / "5.towl", {.public_keys = {kPublic}, .check = check});
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_TRUE(report->findings.empty()) << report->findings.front().what;
    EXPECT_EQ(report->heads, sealed ? 1u : 3u);
    EXPECT_EQ(report->proved, 12u);
  }
}

TEST(LaterVectors, TheLaterOneIsReadAsFarAsItIsKnown) {
  const TempFolder folder;
  fs::copy_file(kVectors / "later.towl", folder / "6.towl");
  for (const bool sealed : {false, true}) {
    if (sealed) {
      ASSERT_TRUE(seal(folder / "6.towl"));
    }
    EXPECT_EQ(read_all(folder / "6.towl"), numbered_entries(0, 8));
    const auto report = verify(folder / "6.towl");
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->whole()) << report->findings.front().what;
    const std::string file = test::bytes_of_file(folder / "6.towl");
    EXPECT_NE(file.find("of kind 40"), std::string::npos);
    EXPECT_EQ(file.find("of kind 100") == std::string::npos, sealed);
    EXPECT_NE(file.find("a later version has more"), std::string::npos);
    EXPECT_NE(file.find("of a hue"), std::string::npos);
  }
}

// The hashes that the specification gives as an example.
TEST(Specification, TheExampleOfATreeIsRight) {
  const std::string text = test::bytes_of_file(fs::path(TOWL_SPEC_FOLDER) / "format-v2.md");
  const auto expect_there = [&](const detail::v2::EntryTree& tree) {
    const auto root = tree.root();
    const std::string hex = to_hex({reinterpret_cast<const char*>(root.data()), root.size()});
    EXPECT_NE(text.find(hex), std::string::npos) << hex;
  };
  v2::EntryTree first;
  first.add(Entry("h", 1000, LogFormat::text, "a"));
  expect_there(first);
  v2::EntryTree second;
  second.add(Entry("h", 1000, LogFormat::text, "b", -1));
  expect_there(second);
  first.add(Entry("h", 1000, LogFormat::text, "b", -1));
  expect_there(first);
}

}  // namespace
}  // namespace towl::test
