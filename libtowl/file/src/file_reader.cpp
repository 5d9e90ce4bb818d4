#include "towl/file_reader.hpp"

#include <string>

#include "entry_source.hpp"
#include "pages_io.hpp"
#include "v1/stored_entries.hpp"
#include "v2/footer_io.hpp"
#include "v2/frame_source.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"

namespace towl {

class FileReader::Impl {
 public:
  std::string path;
  Header header;
  Index index;
  std::unique_ptr<File> file;
  std::unique_ptr<detail::EntrySource> source;
};

namespace {

Result<std::unique_ptr<detail::EntrySource>> make_frame_source(File& file, const std::string& path,
                                                               const Header& header, Index& index,
                                                               const ReadOptions& options) {
  const auto tag = detail::v2::tag_of(file, header);
  if (!tag) return fail(detail::at_file(tag.error(), path));
  auto slots = detail::v2::read_slots(file, *tag);
  if (!slots) return fail(std::move(slots.error()));
  if (auto own = detail::v2::check_own_header(file, *tag, *slots); !own) {
    return fail(detail::at_file(std::move(own.error()), path));
  }
  const std::optional<detail::v2::Slot> slot = std::move(slots->newest);
  detail::v2::Directory directory;
  if (slots->footer) {
    auto read = detail::v2::read_directory(file, *tag, *slots->footer);
    if (!read) return fail(std::move(read.error()));
    if (*read) directory = std::move(**read);
  }
  index = slot ? slot->index : Index{};
  return std::make_unique<detail::v2::FrameSource>(file, path, *tag, slot, std::move(directory), options);
}

}  // namespace

FileReader::FileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;
FileReader::~FileReader() = default;

Result<FileReader> FileReader::open(const std::filesystem::path& path, const ReadOptions& options) {
  auto file = detail::layer_or_posix(options.layer).open(path, OpenMode::read);
  if (!file) return fail(std::move(file.error()));
  auto header = detail::read_header(**file, path.string());
  if (!header) return fail(std::move(header.error()));
  auto impl = std::make_unique<Impl>();
  impl->path = path.string();
  impl->header = std::move(*header);
  impl->file = std::move(*file);
  if (detail::is_v2(impl->header)) {
    auto source = make_frame_source(*impl->file, impl->path, impl->header, impl->index, options);
    if (!source) return fail(std::move(source.error()));
    impl->source = std::move(*source);
  } else {
    auto index = detail::read_index(*impl->file, impl->header, impl->path);
    if (!index && index.error().code != ErrorCode::corrupt) return fail(std::move(index.error()));
    impl->index = index.value_or(Index{});
    impl->source = std::make_unique<detail::v1::StoredEntries>(*impl->file, impl->path, options);
  }
  return FileReader(std::move(impl));
}

const Header& FileReader::header() const { return impl_->header; }
const Index& FileReader::index() const { return impl_->index; }

Result<void> FileReader::refresh_index() {
  auto index = detail::read_index(*impl_->file, impl_->header, impl_->path);
  if (!index) return fail(std::move(index.error()));
  impl_->index = *index;
  return {};
}

Result<std::optional<EntryView>> FileReader::next() {
  EntryView entry;
  const auto more = impl_->source->next(entry);
  if (!more) return fail(more.error());
  if (!*more) return std::nullopt;
  return entry;
}

Result<std::optional<EntryBatch>> FileReader::next_batch(Ordinal end) {
  EntryBatch batch;
  const auto more = impl_->source->next_batch(end, batch);
  if (!more) return fail(more.error());
  if (!*more) return std::nullopt;
  return batch;
}

Ordinal FileReader::ordinal() const { return impl_->source->ordinal(); }
Result<void> FileReader::seek(Ordinal ordinal) { return impl_->source->seek(ordinal); }
void FileReader::seek(const Position& position) { impl_->source->seek(position); }
Position FileReader::position() const { return impl_->source->position(); }
Result<Position> FileReader::skip_to_end() { return impl_->source->skip_to_end(); }
Result<void> FileReader::points(std::uint64_t every_bytes, std::vector<Position>& points) {
  return impl_->source->points(every_bytes, points);
}
Result<void> FileReader::pieces(std::vector<Piece>& pieces) { return impl_->source->pieces(pieces); }
bool FileReader::continues_behind_damage() const { return detail::is_v2(impl_->header); }

}  // namespace towl
