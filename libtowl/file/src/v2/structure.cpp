#include "towl/structure.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pages_io.hpp"
#include "towl/uuid.hpp"
#include "v2/frame_cursor.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"

namespace towl {

namespace {

using detail::v2::Codec;
using detail::v2::FrameHeader;
using detail::v2::FrameKind;
using detail::v2::Layout;

std::string describe(const FrameHeader& header) {
  switch (header.kind) {
    case FrameKind::header:
      return "header page repeated";
    case FrameKind::gap:
      return "gap";
    case FrameKind::filter:
      return "token filter";
    case FrameKind::directory:
      return "directory";
    case FrameKind::footer:
      return "footer";
    case FrameKind::head:
      return "signed head";
    case FrameKind::data:
      break;
  }
  if (header.kind != FrameKind::data) return "of a kind that this program does not know";
  const std::string layout = header.layout == Layout::columns ? "of columns" : "of rows";
  return header.codec == Codec::zstd ? layout + ", zstd" : layout;
}

void count(const FrameHeader& header, std::vector<FrameGroup>& groups) {
  const std::string what = describe(header);
  auto group = std::find_if(groups.begin(), groups.end(), [&](const FrameGroup& g) { return g.what == what; });
  if (group == groups.end()) group = groups.insert(group, FrameGroup{.what = what});
  ++group->frames;
  if (header.kind == FrameKind::data || header.kind == FrameKind::gap) group->entries += header.count;
  group->stored_bytes += header.bytes();
  group->text_bytes += header.text_bytes;
}

}  // namespace

Result<FileStructure> read_structure(const std::filesystem::path& path, FileLayer* layer) {
  const auto file = detail::layer_or_posix(layer).open(path, OpenMode::read);
  if (!file) return fail(file.error());
  const auto header = detail::read_header(**file, path.string());
  if (!header) return fail(header.error());
  if (!detail::is_v2(*header)) return fail(ErrorCode::invalid_argument, "format 1 has no frames", path.string());
  const auto tag = detail::v2::tag_of(**file, *header);
  if (!tag) return fail(detail::at_file(tag.error(), path.string()));
  const auto index = detail::read_index(**file, *header, path.string());
  FileStructure structure{.uuid = uuid_text(header->uuid), .digest = {}, .groups = {}};
  std::array<char, 17> digest{};
  std::snprintf(digest.data(), digest.size(), "%016llx", static_cast<unsigned long long>(index ? index->digest : 0));
  structure.digest = digest.data();

  detail::v2::FrameCursor cursor(**file, *tag, detail::v2::kFramesOffset);
  FrameHeader frame;
  for (;;) {
    const auto found = cursor.header(frame);
    if (!found) return fail(found.error());
    if (*found == detail::v2::FrameFound::frame) {
      count(frame, structure.groups);
      cursor.move_to(cursor.offset() + frame.bytes());
      continue;
    }
    const auto next = cursor.find(detail::v2::aligned(cursor.offset() + 1), detail::v2::kFrameAlignment,
                                  [](const FrameHeader&, std::uint64_t) { return true; });
    if (!next) return fail(next.error());
    if (!*next) return structure;
    cursor.move_to(**next);
  }
}

}  // namespace towl
