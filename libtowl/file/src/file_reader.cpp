#include "towl/file_reader.hpp"

#include <string>

#include "entry_cursor.hpp"
#include "pages_io.hpp"
#include "v1/layout.hpp"

namespace towl {

using detail::v1::Found;

namespace {
constexpr Position kFirst{0, detail::v1::kDataOffset};
}

class FileReader::Impl {
 public:
  Impl(std::unique_ptr<File> file, std::string path, Header header, Index index, const ReadOptions& options)
      : path_(std::move(path)),
        header_(std::move(header)),
        index_(index),
        since_(options.since),
        until_(options.until),
        file_(std::move(file)),
        cursor_(*file_, kFirst, options.max_entry_bytes) {}

  bool in_time_range(const EntryView& entry) const {
    return (!since_ || entry.received >= *since_) && (!until_ || entry.received < *until_);
  }

  // The error of an entry that could not be read; success where it is just not all there yet.
  Result<void> check(Found found) const {
    if (found == Found::entry || found == Found::incomplete) return {};
    Error error{.code = found == Found::too_large ? ErrorCode::entry_too_large : ErrorCode::corrupt,
                .message = std::string(detail::v1::describe(found)),
                .file = path_};
    error.offset = cursor_.position().offset;
    error.ordinal = cursor_.position().ordinal;
    return fail(std::move(error));
  }

  // Skips until `ordinal`, or to the end of what is there.
  Result<void> skip_to(Ordinal ordinal) {
    while (cursor_.position().ordinal < ordinal) {
      const auto found = cursor_.skip();
      if (!found) return fail(found.error());
      if (auto good = check(*found); !good) return good;
      if (*found == Found::incomplete) break;
    }
    return {};
  }

  std::string path_;
  Header header_;
  Index index_;
  std::optional<Timestamp> since_;
  std::optional<Timestamp> until_;
  std::unique_ptr<File> file_;
  detail::EntryCursor cursor_;
  Ordinal wanted_ = 0;  // Where seek() wants to be; the file may not reach there yet.
};

FileReader::FileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;
FileReader::~FileReader() = default;

Result<FileReader> FileReader::open(const std::filesystem::path& path, const ReadOptions& options) {
  auto file = detail::layer_or_posix(options.layer).open(path, OpenMode::read);
  if (!file) return fail(std::move(file.error()));
  auto header = detail::read_header(**file, path.string());
  if (!header) return fail(std::move(header.error()));
  auto index = detail::read_index(**file, path.string());
  if (!index && index.error().code != ErrorCode::corrupt) return fail(std::move(index.error()));
  return FileReader(
      std::make_unique<Impl>(std::move(*file), path.string(), std::move(*header), index.value_or(Index{}), options));
}

const Header& FileReader::header() const { return impl_->header_; }
const Index& FileReader::index() const { return impl_->index_; }

Result<void> FileReader::refresh_index() {
  const auto index = detail::read_index(*impl_->file_, impl_->path_);
  if (!index) return fail(index.error());
  impl_->index_ = *index;
  return {};
}

Result<std::optional<EntryView>> FileReader::next() {
  if (impl_->cursor_.position().ordinal < impl_->wanted_) {
    if (auto skipped = impl_->skip_to(impl_->wanted_); !skipped) return fail(std::move(skipped.error()));
    if (impl_->cursor_.position().ordinal < impl_->wanted_) return std::nullopt;
  }
  EntryView entry;
  for (;;) {
    const auto found = impl_->cursor_.next(entry);
    if (!found) return fail(found.error());
    if (auto good = impl_->check(*found); !good) return fail(std::move(good.error()));
    if (*found == Found::incomplete) return std::nullopt;
    if (impl_->in_time_range(entry)) return entry;
  }
}

Ordinal FileReader::ordinal() const { return impl_->cursor_.position().ordinal - 1; }

Result<void> FileReader::seek(Ordinal ordinal) {
  if (ordinal < impl_->cursor_.position().ordinal) impl_->cursor_.move_to(kFirst);
  impl_->wanted_ = ordinal;
  return impl_->skip_to(ordinal);
}

void FileReader::seek(const Position& position) {
  impl_->cursor_.move_to(position);
  impl_->wanted_ = position.ordinal;
}

Position FileReader::position() const { return impl_->cursor_.position(); }

Result<Position> FileReader::skip_to_end() {
  if (auto skipped = impl_->skip_to(~Ordinal{0}); !skipped) return fail(std::move(skipped.error()));
  impl_->wanted_ = 0;
  return impl_->cursor_.position();
}

}  // namespace towl
