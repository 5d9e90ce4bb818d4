#include "filter_log.hpp"

#include <algorithm>
#include <utility>

namespace towl::detail {
namespace {

/// Up to this size one read is cheaper than many, if there are many records …
constexpr std::uint64_t kWholeBytes = std::uint64_t{16} << 20;
/// … and up to this size also if there are few, each longer than 1/kFewRecords of all. Little is read of such records.
constexpr std::uint64_t kWholeBytesOfFew = std::uint64_t{256} << 10;
constexpr std::uint64_t kFewRecords = 64;

/// A head and its table fit in this, except for files of more than 2 GiB of text: one request to an archive.
constexpr std::size_t kFrontBytes = 512;

/// If a record is damaged, the next one is looked for in steps of this.
constexpr std::size_t kSearchBytes = std::size_t{256} << 10;

bool is_read_whole(File& file, std::uint64_t size) {
  if (size <= kWholeBytesOfFew || size > kWholeBytes) return size <= kWholeBytesOfFew;
  const auto first = read_filter_head(file, 0);
  return !first || first->bytes < size / kFewRecords;
}

}  // namespace

std::optional<std::string> read_exactly(File& file, std::uint64_t offset, std::size_t bytes) {
  std::string read(bytes, '\0');
  const auto got = file.read_at(offset, read);
  if (!got || *got != bytes) return std::nullopt;
  return read;
}

std::optional<v2::FilterHead> read_filter_head(File& file, std::uint64_t offset) {
  std::string front(kFrontBytes, '\0');
  const auto got = file.read_at(offset, front);
  if (!got) return std::nullopt;
  front.resize(*got);
  const auto bytes = v2::filter_head_bytes(front);
  if (!bytes) return std::nullopt;
  if (*bytes > front.size()) {
    auto all = read_exactly(file, offset, *bytes);
    if (!all) return std::nullopt;
    front = std::move(*all);
  }
  return v2::decode_filter_head(front);
}

std::optional<FilterLog> FilterLog::read(FileLayer& layer, const std::filesystem::path& path) {
  auto file = layer.open(path, OpenMode::read);
  if (!file) return std::nullopt;
  const auto size = (*file)->size();
  if (!size) return std::nullopt;
  FilterLog log(std::move(*file), *size);
  if (is_read_whole(*log.file_, *size)) {
    auto whole = read_exactly(*log.file_, 0, static_cast<std::size_t>(*size));
    if (!whole) return std::nullopt;
    log.whole_ = std::move(*whole);
  }
  log.read_heads();
  return log;
}

void FilterLog::read_heads() {
  for (std::uint64_t offset = 0; offset + v2::kFilterHeadBytes <= size_;) {
    std::optional<v2::FilterHead> head;
    if (whole_.empty()) {
      head = read_filter_head(*file_, offset);
    } else {
      head = v2::decode_filter_head(std::string_view(whole_).substr(static_cast<std::size_t>(offset)));
    }
    if (head && head->bytes <= size_ - offset) {
      const std::uint64_t next = offset + head->bytes;
      const FileId id = head->file_id;
      filters_[id] = {std::move(*head), offset};
      offset = next;
      continue;
    }
    // Damaged, or torn off: on to what looks like the next record.
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(kSearchBytes, size_ - offset));
    const auto there = bytes(offset, step);
    if (!there) return;
    std::size_t at = v2::kFilterBlockBytes;
    while (at < step && !std::string_view(*there).substr(at).starts_with(v2::kFilterMagic)) at += v2::kFilterBlockBytes;
    offset += std::min(at, (step + v2::kFilterBlockBytes - 1) / v2::kFilterBlockBytes * v2::kFilterBlockBytes);
  }
}

const LoggedFilter* FilterLog::find(FileId file_id) const {
  const auto found = filters_.find(file_id);
  return found == filters_.end() ? nullptr : &found->second;
}

std::optional<std::string> FilterLog::bytes(std::uint64_t offset, std::size_t bytes) const {
  if (whole_.empty()) return read_exactly(*file_, offset, bytes);
  if (offset > whole_.size() || bytes > whole_.size() - offset) return std::nullopt;
  return whole_.substr(static_cast<std::size_t>(offset), bytes);
}

}  // namespace towl::detail
