#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "store_writer_impl.hpp"
#include "towl/source_positions.hpp"

namespace towl {

namespace fs = std::filesystem;

namespace {

// A file that cannot be read at all stays as it is, for `verify` to report; its ID stays taken. It may not even be a
// file: a folder, a FIFO, a link to nowhere.
bool is_unreadable(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::not_a_towl_file ||
         error.code == ErrorCode::unsupported_version || error.code == ErrorCode::invalid_argument ||
         error.code == ErrorCode::not_found;
}

}  // namespace

// The IDs in use, lowest first. Sets the next one, and clears away files whose creation was interrupted.
Result<std::vector<FileId>> StoreWriter::Impl::scan_names() {
  const auto names = layer_.list(folder_);
  if (!names) return fail(names.error());
  std::vector<FileId> ids;
  for (const std::string& name : *names) {
    if (const auto used = detail::parse_any_file_name(name)) next_file_id_ = std::max(next_file_id_, *used + 1);
    if (const auto file_id = parse_file_name(name)) ids.push_back(*file_id);
    if (detail::is_foreign_file_name(name))
      passed_over_.push_back({folder_ / name, detail::foreign_name_error(folder_ / name)});
    if (detail::is_unfinished(name)) {
      // Something that is no file and cannot be removed does no harm.
      if (auto removed = layer_.remove(folder_ / name); !removed) {
        passed_over_.push_back({folder_ / name, std::move(removed.error())});
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Without one: the next frame stores it.
void StoreWriter::Impl::make_identity() {
  identity_is_stored_ = !positions_.find(kIdentitySource).empty();
  if (identity_is_stored_ || options_.file_format == FileFormat::v1) return;
  std::random_device random;  // The kernel's generator here.
  std::array<char, 33> hex{};
  for (std::size_t i = 0; i < 4; ++i) std::snprintf(&hex[8 * i], 9, "%08x", random());
  positions_.apply(std::array{SourcePosition{std::string(kIdentitySource), hex.data()}});
  positions_.settle();
}

// Makes sure that the file is whole. The newest goes on taking entries, the others are closed.
Result<void> StoreWriter::Impl::recover_file(FileId file_id, bool newest) {
  const fs::path path = path_of(file_id);
  {
    const auto file = layer_.open(path, OpenMode::read);
    if (!file) return pass_over(path, file.error());
    const auto header = detail::read_header(**file, path.string());
    if (!header) return pass_over(path, header.error());
    const auto index = detail::read_index(**file, *header, path.string());
    if (index && index->closed) return {};
    if (!index && index.error().code != ErrorCode::corrupt) return fail(index.error());
  }
  auto writer = FileWriter::open(path, write_options());
  if (!writer) {
    return pass_over(path, writer.error());
  }
  const RecoverReport& report = writer->recovered();
  if (report.torn_bytes > 0 || report.index_rewritten) recovered_.push_back(report);
  const Header& header = writer->header();
  if (newest && header.file_id == file_id && header.org == options_.org && header.title == options_.title &&
      header.version == static_cast<std::int32_t>(options_.file_format)) {
    began_ = writer->index().opened;
    writer_.emplace(std::move(*writer));
    return {};
  }
  return writer->close(clock_.closing_time());
}

// Leaves the file as it is; other errors are the store's.
Result<void> StoreWriter::Impl::pass_over(const fs::path& path, const Error& error) {
  if (!is_unreadable(error)) return fail(error);
  passed_over_.push_back({path, error});
  return {};
}

Result<void> StoreWriter::Impl::take_over() {
  const auto ids = scan_names();
  if (!ids) return fail(ids.error());
  for (const FileId file_id : *ids) {
    if (auto done = recover_file(file_id, file_id == ids->back()); !done) return done;
  }
  return restore_positions(*ids);
}

// The newest file with entries has all positions; if it is damaged, an older one has the earlier positions.
Result<void> StoreWriter::Impl::restore_positions(const std::vector<FileId>& ids) {
  for (auto file_id = ids.rbegin(); file_id != ids.rend(); ++file_id) {
    auto known = read_source_positions(path_of(*file_id), options_.layer);
    if (!known && !is_unreadable(known.error())) return fail(std::move(known.error()));
    if (!known) continue;
    positions_.restore(std::move(known->positions));
    if (known->has_entries && !known->incomplete) break;
  }
  make_identity();
  return {};
}

}  // namespace towl
