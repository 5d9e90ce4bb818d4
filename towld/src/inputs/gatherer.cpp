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
  // Labels are the same for all entries: most of the time they need not be written again.
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

bool Gatherer::is_below_level(const Draft& draft) const {
  if (!context_.min_level) return false;
  const Field* priority = draft.find(field::kPriority);
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
  return take_parsed(draft_);
}

Gatherer::Taken Gatherer::take_parsed(Draft& draft) {
  if (is_below_level(draft)) {
    ++below_level_;
    return Taken::below_level;
  }
  std::string& text = entries_.text();
  text += draft.sender;
  const std::size_t begin = text.size();
  encode(draft, text);
  const std::size_t own_bytes = draft.sender.size();
  if (is_too_large(draft, text.size() - begin)) {
    text.resize(begin);
    cut_to_limit(draft, text);
  }
  const towl::Timestamp time = draft.time.value_or(draft.received);
  time_failures_ += draft.is_time_unreadable ? 1 : 0;
  entries_.added(own_bytes, draft.received, labels_json_.empty() ? format_of(draft) : towl::LogFormat::journal_json,
                 towl::time_offset_of(draft.received, time));
  return Taken::taken;
}

// Appends the draft's stored form.
void Gatherer::encode(Draft& draft, std::string& text) {
  const bool is_text_alone = draft.fields.empty() && !draft.is_journal_json && !draft.is_from_journal;
  if (is_text_alone && !labels_json_.empty()) {
    text += kEmptyMessage.substr(0, kEmptyMessage.size() - 2);
    towl::append_json_text(draft.text, text);
    text += labels_json_;
    return;
  }
  for (const Field& label : *context_.labels) draft.set(label.name, label.value, label.is_json);
  encode_draft(draft, text);
}

// JSON makes texts longer, and that is nobody's fault: what counts is what came.
bool Gatherer::is_too_large(const Draft& draft, std::size_t encoded_bytes) const {
  const std::size_t sender_bytes = draft.sender.empty() ? context_.sender.size() : draft.sender.size();
  if (encoded_bytes + sender_bytes <= context_.max_entry_bytes) return false;
  std::size_t bytes = draft.text.size() + sender_bytes;
  for (const Field& field : draft.fields) bytes += field.name.size() + field.value.size();
  return bytes > context_.max_entry_bytes + entry_room_bytes(context_.max_entry_bytes) ||
         encoded_bytes + sender_bytes > towl::kLargestEntryBytes;
}

void Gatherer::cut_to_limit(Draft& draft, std::string& text) {
  // One that its source has cut already is counted there.
  if (draft.find(field::kOriginalBytes) == nullptr) ++cut_;
  for (const Field& label : *context_.labels) draft.set(label.name, label.value, label.is_json);
  const std::size_t begin = text.size();
  const std::size_t sender_bytes = draft.sender.empty() ? context_.sender.size() : draft.sender.size();
  const std::size_t limit = context_.max_entry_bytes - std::min(context_.max_entry_bytes, sender_bytes);
  draft.is_journal_json = false;
  cut_draft(limit, draft);
  // What is left may still become longer as JSON than it was thought to: halves it until it fits.
  for (;;) {
    encode_draft(draft, text);
    if (text.size() - begin <= limit || draft.text.empty()) break;
    text.resize(begin);
    draft.text.resize(cut_length(draft.text, draft.text.size() - draft.text.size() / 8 - 1));
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
