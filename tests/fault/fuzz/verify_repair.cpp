// Any bytes as a file: verify reports, recover and repair make it whole, and what could be read before can be read
// afterwards, at the same ordinals; sealing a closed file keeps every entry.
#include <algorithm>

#include "support.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/frame.hpp"
#include "v2/header_io.hpp"

namespace towl::fuzz {
namespace {

void require_kept(const Served& before, const Served& after, const char* promise) {
  for (const auto& [ordinal, entry] : before.entries) {
    const auto same = after.entries.find(ordinal);
    if (same == after.entries.end() && !after.all) return;
    require(same != after.entries.end() && same->second == entry, promise);
  }
}

// Checksums that fit vouch for contents that no writer writes: a forgery, not damage, and a repair leaves it as it is.
bool is_forged(const VerifyReport& report) {
  for (const Finding& finding : report.findings) {
    for (const char* what : {"digest", "earliest and latest time", "not that of", "no entry", "decompress", "a frame's",
                             "what its header says", "says something else", "of payload version"}) {
      if (finding.what.find(what) != std::string::npos) return true;
    }
  }
  return false;
}

// The first frame names another one before it than the header page's: damage that leaves its checksum right does not do
// that. A reader that starts at the front does not look at it; a recovery does.
bool has_forged_root(const std::string& file) {
  using namespace detail::v2;
  if (file.size() < kDataOffset) return false;
  auto page = decode_header_page(std::string_view(file).substr(0, kPageBytes));
  if (!page) page = decode_header_page(std::string_view(file).substr(kFramesOffset + kFrameHeaderBytes, kPageBytes));
  if (!page) return false;
  const auto front = encode_front(*page);
  FrameHeader header;
  return front &&
         read_frame_header(std::string_view(file).substr(kDataOffset), file_tag(page->header.uuid), header) ==
             FrameFound::frame &&
         header.previous != first_chain(*front);
}

void repair_and_compare(MemoryFileLayer& layer, const Served& before) {
  const auto repaired = repair(kPath, {.layer = &layer});
  trace(layer, "repaired");
  const Served after = read_served(layer);
  require_kept(before, after, "what was readable before a repair is readable after it");
  if (!repaired) return;
  const auto verified = verify(kPath, {.layer = &layer});
  require(verified.has_value(), "a repaired file can be verified");
  // Format 1 has nothing to repair its pages from, and does not need what is in them.
  if (verified->header.version == 1) return;
  if (is_forged(*verified)) return;
  if (!verified->whole()) std::fprintf(stderr, "%s\n", verified->findings.front().what.c_str());
  require(verified->whole(), "a repaired file is whole");
  require(!after.all || !after.damaged, "a repaired file is read without an error");
  const auto again = repair(kPath, {.layer = &layer});
  require(again && !again->rewritten, "there is nothing left to repair");
  if (!verified->index.closed || verified->index.sealed) return;
  const auto sealed = seal(kPath, {.layer = &layer});
  if (!sealed) return;
  const Served from_sealed = read_served(layer);
  require(!from_sealed.all || !after.all || from_sealed.entries == after.entries, "a seal keeps every entry");
  const auto whole = verify(kPath, {.layer = &layer});
  require(whole && whole->whole(), "a sealed file is whole");
}

}  // namespace
}  // namespace towl::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace towl;
  using namespace towl::fuzz;
  const std::string file(reinterpret_cast<const char*>(data), size);
  MemoryFileLayer layer;
  layer.set_contents(kPath, file);
  const Served before = read_served(layer);
  const auto verified = verify(kPath, {.layer = &layer});
  if (has_forged_root(file)) return 0;
  require(layer.contents(kPath) == file, "reading and verifying change nothing");
  if (!before.opened) {
    require(!repair(kPath, {.layer = &layer}) || verified.has_value(), "what is no towl file is not repaired");
    return 0;
  }
  require(!verified || !verified->whole() || !before.damaged || !before.all, "a whole file is read without an error");
  const auto recovered = recover(kPath, {.layer = &layer});
  trace(layer, "recovered");
  // The place of a moved frame is known from the frames after it: a recovery that cuts a tail off removes some of
  // these. A repair does not, and is tested below.
  const bool is_damaged_within =
      verified && std::any_of(verified->findings.begin(), verified->findings.end(), [&](const Finding& finding) {
        return finding.offset >= detail::v2::kDataOffset && finding.offset < verified->data_end;
      });
  if (!is_damaged_within) {
    require_kept(before, read_served(layer), "what was readable before recovering is readable after it");
  }
  if (recovered && !is_damaged_within) {
    const auto again = recover(kPath, {.layer = &layer});
    require(again && again->torn_bytes == 0, "a recovered file has no torn tail");
  }
  layer.set_contents(kPath, file);
  repair_and_compare(layer, before);
  return 0;
}
