#include "inputs/file/line_joiner.hpp"

#include "limits/limits.hpp"

namespace towld {
void LineJoiner::add(const Line& line, const LineReader::Take& take) {
  JoinRule::State state = state_;
  if (!rule_->belongs(line.text, state)) flush(take);
  state_ = state;  // Of this line: flush() has forgotten those before.
  if (lines_ == 0) begin_ = line.begin;
  if (lines_ > 0) {
    ++original_bytes_;
    if (text_.size() < max_bytes_) text_ += '\n';
  }
  const std::size_t room = max_bytes_ - std::min(max_bytes_, text_.size());
  const std::string_view kept = cut_ ? std::string_view() : cut_text(line.text, room);
  cut_ = cut_ || kept.size() < line.text.size() || line.original_bytes > 0;
  text_ += kept;
  original_bytes_ += line.original_bytes > 0 ? line.original_bytes : line.text.size();
  end_ = line.end;
  if (++lines_ >= rule_->max_lines()) flush(take);
}

void LineJoiner::flush(const LineReader::Take& take) {
  if (lines_ == 0) return;
  take({text_, cut_ ? original_bytes_ : 0, end_, begin_});
  clear();
}

void LineJoiner::clear() {
  // Most entries are short; one that was not must not hold its memory for ever.
  if (text_.capacity() > kFileReadBytes) std::string().swap(text_);
  text_.clear();
  lines_ = original_bytes_ = 0;
  state_ = {};
  cut_ = false;
}

}  // namespace towld
