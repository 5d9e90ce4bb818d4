#include "inputs/file/line_joiner.hpp"

#include "limits/limits.hpp"

namespace towld {
towl::Result<std::shared_ptr<const JoinRule>> JoinRule::create(const MultilineConfig& config) {
  auto rule = std::make_shared<JoinRule>();
  rule->pattern_begins = !config.start_pattern.empty();
  const std::string& pattern = rule->pattern_begins ? config.start_pattern : config.continue_pattern;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxJoinPatternMemory);
  auto compiled = std::make_shared<const re2::RE2>(pattern, options);
  if (!compiled->ok()) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "multiline: the pattern \"" + pattern + "\": " + compiled->error());
  }
  rule->pattern = std::move(compiled);
  rule->max_lines = config.max_lines;
  rule->timeout_ns = config.timeout_ns;
  return rule;
}

void LineJoiner::add(const Line& line, const LineReader::Take& take) {
  const bool begins = re2::RE2::PartialMatch(line.text, *rule_->pattern) == rule_->pattern_begins;
  if (begins) flush(take);
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
  if (++lines_ >= rule_->max_lines) flush(take);
}

void LineJoiner::flush(const LineReader::Take& take) {
  if (lines_ == 0) return;
  take({text_, cut_ ? original_bytes_ : 0, end_});
  clear();
}

void LineJoiner::clear() {
  // Most entries are short; one that was not must not hold its memory for ever.
  if (text_.capacity() > kFileReadBytes) std::string().swap(text_);
  text_.clear();
  lines_ = original_bytes_ = 0;
  cut_ = false;
}

}  // namespace towld
