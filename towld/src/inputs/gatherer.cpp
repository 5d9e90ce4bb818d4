#include "inputs/gatherer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "inputs/cut_draft.hpp"
#include "limits/limits.hpp"
#include "towl/record/json_text.hpp"

namespace towld {
namespace {

/// What an entry with an empty text and some fields begins with.
constexpr std::string_view kEmptyMessage = R"({"MESSAGE":"")";

}  // namespace

Gatherer::Gatherer(InputContext context) : context_(std::move(context)), entries_(context_.sender) {
  // Labels are the same for all entries: most of the time they need not be written anew.
  if (context_.labels->empty()) return;
  Draft labelled;
  for (const Field& label : *context_.labels) labelled.set(label.name, label.value, label.is_json);
  std::string whole;
  encode_draft(labelled, whole);
  if (whole.starts_with(kEmptyMessage)) labels_json_ = whole.substr(kEmptyMessage.size());
}

Draft& Gatherer::draft() {
  draft_.clear();
  return draft_;
}

bool Gatherer::is_below_level() const {
  if (!context_.min_level) return false;
  const Field* priority = draft_.find(field::kPriority);
  if (priority == nullptr) return false;
  int level = 0;
  const char* end = priority->value.data() + priority->value.size();
  const auto parsed = std::from_chars(priority->value.data(), end, level);
  return parsed.ec == std::errc() && parsed.ptr == end && level > *context_.min_level;
}

Gatherer::Taken Gatherer::take() {
  if (context_.parsers->apply(draft_, context_.counters->parse_failures) == Verdict::drop) {
    ++filtered_;
    return Taken::filtered;
  }
  if (is_below_level()) {
    ++below_level_;
    return Taken::below_level;
  }
  std::string& text = entries_.text();
  text += draft_.sender;
  const std::size_t begin = text.size();
  encode(text);
  const std::size_t own_bytes = draft_.sender.size();
  if (is_too_large(text.size() - begin)) {
    text.resize(begin);
    cut_to_limit(text);
  }
  const towl::Timestamp time = draft_.time.value_or(draft_.received);
  time_failures_ += draft_.is_time_unreadable ? 1 : 0;
  entries_.added(own_bytes, draft_.received, labels_json_.empty() ? format_of(draft_) : towl::LogFormat::journal_json,
                 towl::time_offset_of(draft_.received, time));
  return Taken::taken;
}

// Appends the draft's stored form.
void Gatherer::encode(std::string& text) {
  const bool is_text_alone = draft_.fields.empty() && !draft_.is_journal_json && !draft_.is_from_journal;
  if (is_text_alone && !labels_json_.empty()) {
    text += kEmptyMessage.substr(0, kEmptyMessage.size() - 2);
    towl::append_json_text(draft_.text, text);
    text += labels_json_;
    return;
  }
  for (const Field& label : *context_.labels) draft_.set(label.name, label.value, label.is_json);
  encode_draft(draft_, text);
}

// JSON makes texts longer, and that is nobody's fault: what counts is what came.
bool Gatherer::is_too_large(std::size_t encoded_bytes) const {
  const std::size_t sender_bytes = draft_.sender.empty() ? context_.sender.size() : draft_.sender.size();
  if (encoded_bytes + sender_bytes <= context_.max_entry_bytes) return false;
  std::size_t bytes = draft_.text.size() + sender_bytes;
  for (const Field& field : draft_.fields) bytes += field.name.size() + field.value.size();
  return bytes > context_.max_entry_bytes + entry_room_bytes(context_.max_entry_bytes) ||
         encoded_bytes + sender_bytes > towl::kLargestEntryBytes;
}

void Gatherer::cut_to_limit(std::string& text) {
  ++cut_;
  for (const Field& label : *context_.labels) draft_.set(label.name, label.value, label.is_json);
  const std::size_t begin = text.size();
  const std::size_t sender_bytes = draft_.sender.empty() ? context_.sender.size() : draft_.sender.size();
  const std::size_t limit = context_.max_entry_bytes - std::min(context_.max_entry_bytes, sender_bytes);
  draft_.is_journal_json = false;
  cut_draft(limit, draft_);
  // What is left may still become longer as JSON than it was thought to: halves it until it fits.
  for (;;) {
    encode_draft(draft_, text);
    if (text.size() - begin <= limit || draft_.text.empty()) break;
    text.resize(begin);
    draft_.text.resize(cut_length(draft_.text, draft_.text.size() - draft_.text.size() / 8 - 1));
  }
}

Batch Gatherer::finish(std::vector<towl::SourcePosition> positions) {
  InputCounters& counters = *context_.counters;
  counters.received += filtered_ + below_level_;
  counters.filtered += filtered_;
  counters.dropped += filtered_;
  counters.below_level += below_level_;
  counters.rejected += below_level_;
  counters.cut += cut_;
  counters.time_failures += time_failures_;
  context_.ingest->count_unstored(below_level_, filtered_);
  Batch batch = entries_.finish();
  batch.durability = context_.durability;
  batch.positions = std::move(positions);
  batch.input = context_.counters;
  discard();
  return batch;
}

void Gatherer::discard() {
  entries_.clear();
  filtered_ = below_level_ = cut_ = time_failures_ = 0;
}

}  // namespace towld
