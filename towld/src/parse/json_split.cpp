#include "parse/json_split.hpp"

namespace towld {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) {
  const auto found = text.find_first_not_of(kSpace, at);
  return found == std::string_view::npos ? text.size() : found;
}

/// After the closing quote of the string that begins at `at`; npos if there is none.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

/// After the bracket that closes the one at `at`; npos if there is none.
std::size_t end_of_brackets(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = end_of_string(text, at);
        if (at == std::string_view::npos) return at;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return std::string_view::npos;
}

tl::unexpected<towl::Error> refuse(const char* what) { return towl::fail(towl::ErrorCode::invalid_argument, what); }

}  // namespace

JsonSplitter::JsonSplitter(std::string_view text) : text_(text), at_(skip_space(text, 0)) {
  is_array_ = at_ < text_.size() && text_[at_] == '[';
  if (is_array_) at_ = skip_space(text_, at_ + 1);
}

towl::Result<std::optional<std::string_view>> JsonSplitter::next() {
  if (is_array_ && at_ < text_.size() && !ended_) {
    const bool first = last_.empty();
    if (text_[at_] == ']') {
      ended_ = true;
      at_ = skip_space(text_, at_ + 1);
    } else if (!first) {
      if (text_[at_] != ',') return refuse("neither , nor ] follows it");
      at_ = skip_space(text_, at_ + 1);
    }
  }
  if (at_ == text_.size()) {
    if (is_array_ && !ended_) return refuse("the array has no end");
    return std::nullopt;
  }
  if (ended_) return refuse("something follows the array");
  if (text_[at_] != '{') return refuse("not a JSON object");
  is_line_ = false;
  std::size_t end = std::string_view::npos;
  if (!is_array_ && at_ >= brackets_until_) {
    // Objects that share a line are not to look for its end one by one.
    if (at_ >= line_end_) line_end_ = std::min(text_.find('\n', at_), text_.size());
    const auto last = text_.find_last_not_of(kSpace, line_end_ == 0 ? 0 : line_end_ - 1);
    is_line_ = text_[last] == '}';
    if (is_line_) end = last + 1;
  }
  if (!is_line_) end = end_of_brackets(text_, at_);
  if (end == std::string_view::npos) return refuse("the object has no end");
  last_ = text_.substr(at_, end - at_);
  at_ = skip_space(text_, end);
  return last_;
}

std::optional<std::string_view> JsonSplitter::exact() {
  if (!is_line_) return std::nullopt;
  const auto begin = static_cast<std::size_t>(last_.data() - text_.data());
  const auto end = end_of_brackets(text_, begin);
  if (end == std::string_view::npos || end == begin + last_.size()) return std::nullopt;
  // What else is in the line is no object up to the line's end either.
  brackets_until_ = begin + last_.size();
  is_line_ = false;
  last_ = text_.substr(begin, end - begin);
  at_ = skip_space(text_, end);
  return last_;
}

std::string_view JsonSplitter::skip_bad() {
  std::size_t end = text_.size();
  if (!is_array_) {
    end = std::min(text_.find('\n', at_), end);
  } else if (!ended_ && at_ < text_.size() && text_[at_] != '}') {
    switch (text_[at_]) {
      case '"':
        end = std::min(end_of_string(text_, at_), end);
        break;
      case '[':
        end = std::min(end_of_brackets(text_, at_), end);
        break;
      case '{':  // It has no end.
        break;
      default:
        end = std::min(text_.find_first_of(",]", at_), end);
    }
  }
  const std::string_view bad = text_.substr(at_, end - at_);
  last_ = bad.empty() ? text_.substr(at_, 1) : bad;
  ended_ = ended_ || (is_array_ && end == text_.size());
  at_ = skip_space(text_, end);
  const auto last = bad.find_last_not_of(kSpace);
  return bad.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::uint64_t JsonSplitter::skip_rest() {
  std::uint64_t count = 0;
  while (is_array_) {
    const auto object = next();
    if (!object || !*object) break;
    ++count;
  }
  for (std::string_view rest = text_.substr(at_); !is_array_ && !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    if (line.find_first_not_of(kSpace) != std::string_view::npos) ++count;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  at_ = text_.size();
  ended_ = true;
  return count;
}

bool JsonSplitter::at_end() const {
  if (!is_array_) return at_ == text_.size();
  return at_ < text_.size() && text_[at_] == ']' && skip_space(text_, at_ + 1) == text_.size();
}

}  // namespace towld
