#include "outputs/store_follower.hpp"

#include <utility>

#include "towl/query/address.hpp"

namespace towld {

std::string place_of(const StorePosition& position) {
  const std::string file =
      position.uuid == towl::Uuid{} ? std::to_string(position.file_id) : towl::uuid_text(position.uuid);
  return file + "/" + std::to_string(position.ordinal);
}

std::string place_of(const FollowedEntry& followed) {
  return place_of(StorePosition{followed.file_id, followed.ordinal, followed.uuid});
}

towl::Result<StoreFollower> StoreFollower::open(Ingest& ingest, ReadFrom from) {
  StoreFollower follower(ingest, std::make_unique<towl::Catalog>(ingest.reader(), ingest.state()));
  if (from == ReadFrom::beginning) return follower;
  const auto files = follower.catalog_->files();
  if (!files) return towl::fail(files.error());
  if (files->open) {
    follower.go_to(*files->open, files->open->index.count);
  } else if (!files->closed->empty()) {
    follower.go_to(files->closed->back(), files->closed->back().index.count);
  }
  return follower;
}

StoreFollower StoreFollower::open_at(Ingest& ingest, const StorePosition& position) {
  StoreFollower follower(ingest, std::make_unique<towl::Catalog>(ingest.reader(), ingest.state()));
  follower.file_id_ = position.file_id;
  follower.ordinal_ = position.ordinal;
  follower.uuid_ = position.uuid;
  return follower;
}

void StoreFollower::go_to(const towl::ServedFile& file, towl::Ordinal ordinal) {
  file_id_ = file.file_id();
  uuid_ = file.header.uuid;
  ordinal_ = ordinal;
}

/// Whether there is a durable entry at the position, which moves to the next file if its own has ended.
towl::Result<bool> StoreFollower::find_more() {
  for (;;) {
    if (file_id_ != 0) {
      const auto file = catalog_->find(file_id_);
      if (!file) return towl::fail(file.error());
      if (*file) {
        count_ = (*file)->index.count;
        is_closed_ = !(*file)->open;
        if (ordinal_ < count_) return true;
        if (!is_closed_) return false;
      } else if (!is_closed_ || ordinal_ < count_) {
        ++missed_files_;
      }
    }
    const auto following = catalog_->next_after(file_id_);
    if (!following) return towl::fail(following.error());
    if (!*following) {
      // A file that is gone is counted once.
      is_closed_ = true;
      count_ = ordinal_;
      return false;
    }
    // IDs grow by one.
    if (file_id_ != 0) missed_files_ += (*following)->file_id() - file_id_ - 1;
    go_to(**following, 0);
    count_ = 0;
    reader_.reset();
  }
}

towl::Result<void> StoreFollower::open_reader() {
  auto reader = store_.open_file(file_id_);
  if (!reader) return towl::fail(std::move(reader.error()));
  reader_ = std::move(*reader);
  return reader_->seek(ordinal_);
}

/// After what cannot be read: in this file, if it can go on, or after all of it that is known.
towl::Error StoreFollower::skip(towl::Error error) {
  const bool damaged = error.code == towl::ErrorCode::corrupt || error.code == towl::ErrorCode::entry_too_large;
  const towl::Ordinal behind =
      reader_ && damaged && reader_->continues_behind_damage() ? reader_->position().ordinal : 0;
  if (behind > ordinal_) {
    ordinal_ = behind;
  } else if (damaged || !reader_) {
    ordinal_ = count_;
  }
  if (!damaged) reader_.reset();  // Perhaps it works the next time.
  return error;
}

towl::Result<std::optional<FollowedEntry>> StoreFollower::next() {
  for (bool reopened = false;; reopened = true) {
    if (ordinal_ >= count_) {
      const auto more = find_more();
      if (!more) return towl::fail(more.error());
      if (!*more) return std::nullopt;
    }
    if (!reader_) {
      if (auto opened = open_reader(); !opened) {
        if (opened.error().code == towl::ErrorCode::not_found) ++missed_files_;
        reader_.reset();
        return towl::fail(skip(std::move(opened.error())));
      }
    }
    const auto entry = reader_->next();
    if (!entry) return towl::fail(skip(entry.error()));
    if (*entry && reader_->ordinal() < count_) {
      ordinal_ = reader_->ordinal() + 1;
      return FollowedEntry{file_id_, reader_->ordinal(), **entry, uuid_};
    }
    reader_.reset();
    // After damage it went beyond what is durable.
    if (*entry) ordinal_ = count_;
    // It did not see what came since it was opened: a new one does.
    if (!*entry && reopened) {
      ordinal_ = count_;
      return towl::fail(towl::ErrorCode::corrupt, "it has fewer entries than were stored",
                        store_.path_of(file_id_).string());
    }
  }
}

}  // namespace towld
