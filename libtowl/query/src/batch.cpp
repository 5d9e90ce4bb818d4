#include "batch.hpp"

#include <algorithm>

#include "towl/query/address.hpp"

namespace towl::detail {

FileFacts::FileFacts(Header of)
    : header(std::move(of)), uuid(uuid_text(header.uuid)), id(std::to_string(header.file_id)) {}

void Batch::set(const FileFacts& file, Ordinal first, std::span<const EntryView> entries, std::string_view bytes) {
  file_ = &file;
  first_ = first;
  entries_ = entries;
  bytes_ = bytes;
  record_row_.reset();
  has_records_ = std::any_of(entries.begin(), entries.end(),
                             [](const EntryView& entry) { return entry.log_format == LogFormat::journal_json; });
}

const RecordView& Batch::record(std::size_t row) {
  if (record_row_ != row) {
    record_row_ = row;
    record_.set(entries_[row]);
  }
  return record_;
}

}  // namespace towl::detail
