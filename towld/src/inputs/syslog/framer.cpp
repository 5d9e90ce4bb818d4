#include "inputs/syslog/framer.hpp"

#include "limits/limits.hpp"

#include <algorithm>

namespace towld {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Ends a message that is not counted: a newline, or NUL as some libraries have it (RFC 6587, 3.4.2).
constexpr bool is_end(char c) { return c == '\n' || c == '\0'; }

/// Where the first end is, or npos.
std::size_t find_end(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const std::size_t nul = line.find('\0');
  if (nul != std::string_view::npos) return nul;
  return line.size() < bytes.size() ? line.size() : std::string_view::npos;
}

}  // namespace

void Framer::begin(State state) {
  state_ = state;
  seen_ = 0;
}

void Framer::hold(std::string_view bytes) {
  seen_ += bytes.size();
  held_.append(bytes.substr(0, limit_ - std::min(limit_, held_.size())));
}

Framer::Step Framer::next(std::string_view& input, Frame& frame) {
  if (is_delivered_) {
    is_delivered_ = false;
    held_.clear();
    if (held_.capacity() > kFramerKeptBytes) held_.shrink_to_fit();
  }
  while (!input.empty()) {
    std::optional<Step> step;
    switch (state_) {
      case State::start:
        if (is_end(input.front())) {  // An empty line; or an end after a message that did not count it.
          input.remove_prefix(1);
        } else if (is_digit(input.front())) {
          begin(State::count);
          count_ = 0;
        } else if (has_counts_ && input.front() != '<') {
          step = break_off(input, frame);
        } else {
          begin(State::line);
        }
        break;
      case State::count:
        step = take_count(input, frame);
        break;
      case State::counted:
        step = take_counted(input, frame);
        break;
      case State::line:
        step = take_line(input, frame);
        break;
    }
    if (step) return *step;
  }
  return Step::more;
}

std::optional<Framer::Step> Framer::take_count(std::string_view& input, Frame& frame) {
  const char c = input.front();
  const bool is_count = !held_.empty() && held_.size() <= kMaxCountDigits && held_.front() != '0';
  if (is_digit(c) && held_.size() < kMaxCountDigits) {
    count_ = count_ * 10 + static_cast<std::uint64_t>(c - '0');
    held_ += c;
    input.remove_prefix(1);
  } else if (c == ' ' && is_count) {
    input.remove_prefix(1);
    held_.clear();
    has_counts_ = true;
    begin(State::counted);
  } else if (has_counts_) {
    return break_off(input, frame);
  } else {
    begin(State::line);
    seen_ = held_.size();
  }
  return std::nullopt;
}

std::optional<Framer::Step> Framer::take_counted(std::string_view& input, Frame& frame) {
  const std::string_view piece = input.substr(0, count_ - seen_);
  input.remove_prefix(piece.size());
  if (held_.empty() && piece.size() == count_) {
    frame = {piece.substr(0, limit_), count_};
    begin(State::start);
    return Step::frame;
  }
  hold(piece);
  if (seen_ < count_) return std::nullopt;
  frame = {held_, count_};
  is_delivered_ = true;
  begin(State::start);
  return Step::frame;
}

std::optional<Framer::Step> Framer::take_line(std::string_view& input, Frame& frame) {
  const std::size_t end = find_end(input);
  const std::string_view piece = input.substr(0, end);
  input.remove_prefix(piece.size() + (end == std::string_view::npos ? 0 : 1));
  if (end == std::string_view::npos) {
    hold(piece);
    return std::nullopt;
  }
  if (held_.empty()) {
    frame = {piece.substr(0, limit_), piece.size()};
  } else {
    hold(piece);
    frame = {held_, seen_};
    is_delivered_ = true;
  }
  if (!frame.is_cut() && frame.message.ends_with('\r')) {
    frame.message.remove_suffix(1);
    --frame.bytes;
  }
  begin(State::start);
  return Step::frame;
}

Framer::Step Framer::break_off(std::string_view& input, Frame& frame) {
  // What is held are the digits of a count.
  const std::uint64_t bytes = held_.size() + input.size();
  begin(State::start);
  hold(input);
  input = {};
  frame = {held_, bytes};
  is_delivered_ = true;
  return Step::broken;
}

std::optional<Frame> Framer::finish() {
  if (state_ == State::start || is_delivered_ || held_.empty()) return std::nullopt;
  const Frame frame = {held_, state_ == State::counted ? count_ : std::max<std::uint64_t>(seen_, held_.size())};
  is_delivered_ = true;
  state_ = State::start;
  return frame;
}

}  // namespace towld
