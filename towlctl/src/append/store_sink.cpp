#include "append/store_sink.hpp"

namespace towlctl {

using std::chrono::steady_clock;

namespace {

/// Org and title of the store's newest file, if there is one.
towl::StoreOptions options_as_before(const std::filesystem::path& folder) {
  towl::StoreOptions options;
  const auto store = towl::Store::open(folder);
  if (!store) return options;
  const auto listing = store->list();
  if (!listing || listing->files.empty()) return options;
  options.org = listing->files.back().header.org;
  options.title = listing->files.back().header.title;
  return options;
}

}  // namespace

towl::Result<std::unique_ptr<StoreSink>> StoreSink::open(const std::filesystem::path& folder,
                                                         const std::optional<std::string>& title, Durability durability,
                                                         towl::FileFormat file_format) {
  towl::StoreOptions options = options_as_before(folder);
  if (title) options.title = *title;
  options.file_format = file_format;
  options.compress = true;
  auto writer = towl::StoreWriter::open(folder, options);
  if (!writer) return tl::unexpected(writer.error());
  return std::make_unique<StoreSink>(std::move(*writer), durability);
}

StoreSink::StoreSink(towl::StoreWriter writer, Durability durability)
    : writer_(std::move(writer)), durability_(durability) {
  stored_.durability = durability;
}

towl::Result<void> StoreSink::append(const Batch& batch) {
  views_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) views_.push_back(batch[i]);
  const auto ranges = writer_.append(views_);
  if (!ranges) return tl::unexpected(ranges.error());
  const bool due = durability_ == Durability::synced ||
                   (durability_ == Durability::interval && steady_clock::now() - synced_ >= std::chrono::seconds(1));
  if (due) {
    if (auto done = sync(); !done) return done;
  }
  for (const towl::StoredRange& range : *ranges) stored_.add_file(range.file_id);
  stored_.entries += batch.size();
  return {};
}

towl::Result<void> StoreSink::sync() {
  synced_ = steady_clock::now();
  const auto moves = writer_.sync();
  if (!moves) return tl::unexpected(moves.error());
  for (const towl::Move& move : *moves) stored_.add_file(move.to.file_id);
  return {};
}

towl::Result<void> StoreSink::finish() {
  if (durability_ != Durability::written) {
    if (auto done = sync(); !done) return done;
  }
  return writer_.close();
}

}  // namespace towlctl
