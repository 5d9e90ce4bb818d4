#include "outputs/sqlite/sqlite_sink.hpp"

#include "limits/limits.hpp"

namespace towld {

towl::Result<void> SqliteSink::open(const std::optional<std::string>&) {
  waiting_.clear();
  unwritten_bytes_ = 0;
  auto opened = open_database();
  // A start on a full disk: it is opened once there is something to write, see has_moved().
  if (!opened && opened.error().code == towl::ErrorCode::no_space) return {};
  return opened;
}

towl::Result<void> SqliteSink::reopen() {
  auto opened = open_database();
  std::erase_if(waiting_, [this](const Waiting& one) { return is_stored(one.next.file_id, one.next.ordinal - 1); });
  return opened;
}

towl::Result<void> SqliteSink::open_database() {
  database_.reset();
  written_ = 0;
  auto opened = towl::SqliteLogs::open(path_, true);
  if (!opened) return towl::fail(std::move(opened.error()));
  auto cursor = opened->cursor(name_);
  if (!cursor) return towl::fail(std::move(cursor.error()));
  stored_ = *cursor;
  database_ = std::move(*opened);
  return {};
}

bool SqliteSink::is_stored(towl::FileId file_id, towl::Ordinal ordinal) const {
  return stored_ && (file_id < stored_->file_id || (file_id == stored_->file_id && ordinal < stored_->ordinal));
}

towl::Result<std::optional<StorePosition>> SqliteSink::find_position() {
  if (!stored_) return std::nullopt;
  return StorePosition{stored_->file_id, stored_->ordinal, stored_->uuid};
}

void SqliteSink::add(const FollowedEntry& followed) {
  if (is_stored(followed.file_id, followed.ordinal)) return;
  unwritten_bytes_ += followed.entry.log_entry.size() + followed.entry.sender.size() + 1;
  waiting_.push_back({towl::Entry(followed.entry), {followed.file_id, followed.uuid, followed.ordinal + 1}});
}

towl::Result<void> SqliteSink::write_rows() {
  if (written_ == waiting_.size()) return {};
  auto done = database_->begin();
  for (; done && written_ < waiting_.size(); ++written_) {
    record_.set(waiting_[written_].entry);
    done = database_->add(record_);
    if (!done) break;
  }
  if (done) {
    unwritten_bytes_ = 0;
    return {};
  }
  // A disk that is full takes the transaction back, or not: from its beginning, then.
  database_->roll_back();
  written_ = 0;
  return done;
}

towl::Result<bool> SqliteSink::write() {
  if (auto written = write_rows(); !written) return towl::fail(std::move(written.error()));
  if (waiting_.size() >= kSqliteBatchEntries) {
    if (auto committed = commit(); !committed) return towl::fail(std::move(committed.error()));
  }
  return true;
}

towl::Result<std::string> SqliteSink::commit() {
  if (waiting_.empty()) return std::string();
  if (!database_) return towl::fail(towl::ErrorCode::closed, "the database is not open", path_);
  auto done = write_rows();
  if (done) done = database_->set_cursor(name_, waiting_.back().next);
  if (done) done = database_->commit();
  if (!done) {
    database_->roll_back();
    written_ = 0;
    return towl::fail(std::move(done.error()));
  }
  stored_ = waiting_.back().next;
  waiting_.clear();
  written_ = 0;
  return std::string();
}

}  // namespace towld
