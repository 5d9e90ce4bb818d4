#include "ingest/dead_letters.hpp"

#include <utility>

#include "limits/limits.hpp"
#include "towl/record/draft.hpp"

namespace towld {
namespace {

constexpr std::string_view kReason = "TOWL_REJECTED";
constexpr std::string_view kInput = "TOWL_INPUT";

}  // namespace

void DeadLetters::add(const DeadLetter& letter) {
  const auto done = store(letter);
  if (!done && !std::exchange(failed_, true)) {
    log_->error("what is rejected cannot be kept in {}: {}", folder_.string(), done.error().to_string());
  }
  if (done) failed_ = false;
}

towl::Result<void> DeadLetters::store(const DeadLetter& letter) {
  if (!writer_) {
    auto writer = towl::StoreWriter::open(
        folder_, {.title = "rejected", .partition = {.max_bytes = kRejectedStoreBytes / 4}, .layer = layer_});
    if (!writer) return towl::fail(std::move(writer.error()));
    writer_.emplace(std::move(*writer));
  }
  towl::Draft draft;
  draft.text = letter.bytes;
  draft.set(kReason, letter.reason);
  draft.set(kInput, letter.input);
  if (letter.original_bytes > draft.text.size()) {
    draft.set(towl::field::kOriginalBytes, std::to_string(letter.original_bytes));
  }
  std::string text;
  encode_draft(draft, text);
  const towl::EntryView entry{letter.source, towl::now(), towl::LogFormat::journal_json, text};
  auto stored = writer_->append({&entry, 1});
  if (!stored) return towl::fail(std::move(stored.error()));
  bytes_ += text.size();
  if (auto ticked = writer_->tick(); !ticked) return ticked;
  if (bytes_ < kRejectedStoreBytes / 4) return {};
  bytes_ = 0;
  const auto removed = writer_->retain({.max_bytes = kRejectedStoreBytes});
  return removed ? towl::Result<void>{} : towl::fail(removed.error());
}

void DeadLetters::close() {
  if (!writer_) return;
  if (const auto closed = writer_->close(); !closed) {
    log_->error("cannot close {}: {}", folder_.string(), closed.error().to_string());
  }
  writer_.reset();
}

}  // namespace towld
