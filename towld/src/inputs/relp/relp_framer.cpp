#include "inputs/relp/relp_framer.hpp"

#include <algorithm>
#include <charconv>

#include "limits/limits.hpp"

namespace towld {
namespace {

constexpr std::size_t kMaxDigits = 9;
constexpr std::size_t kMaxCommandBytes = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= kMaxDigits && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

RelpFramer::Step RelpFramer::next(std::string_view& input, RelpFrame& frame) {
  if (is_delivered_) {
    is_delivered_ = false;
    header_.clear();
    direct_ = {};
    if (held_.capacity() > kFramerKeptBytes) held_ = {};
    held_.clear();
    state_ = State::header;
  }
  while (!input.empty()) {
    if (state_ == State::header) {
      if (!take_header(input)) return Step::broken;
    } else if (state_ == State::data) {
      take_data(input);
    } else {
      if (input.front() != '\n') return Step::broken;
      input.remove_prefix(1);
      frame.transaction = std::string_view(header_).substr(0, transaction_bytes_);
      frame.command = std::string_view(header_).substr(transaction_bytes_ + 1, command_bytes_);
      frame.data = direct_.empty() ? std::string_view(held_) : direct_;
      frame.data_bytes = length_;
      is_delivered_ = true;
      return Step::frame;
    }
  }
  // What was not copied is gone with the input.
  if (!direct_.empty()) {
    held_.assign(direct_);
    direct_ = {};
  }
  return Step::more;
}

// False for what is no header.
bool RelpFramer::take_header(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    const auto spaces = std::count(header_.begin(), header_.end(), ' ');
    const bool is_end = spaces == 2 && (c == ' ' || c == '\n');
    if (is_end) {
      if (!read_header()) return false;
      if (c == ' ') input.remove_prefix(1);
      if (c == '\n' && length_ > 0) return false;
      state_ = length_ > 0 ? State::data : State::end;
      return true;
    }
    if (c != ' ' && !is_digit(c) && !is_letter(c)) return false;
    if (header_.size() == kMaxRelpHeaderBytes) return false;
    header_ += c;
    input.remove_prefix(1);
  }
  return true;
}

bool RelpFramer::read_header() {
  const std::string_view header = header_;
  transaction_bytes_ = header.find(' ');
  const std::size_t second = header.find(' ', transaction_bytes_ + 1);
  command_bytes_ = second - transaction_bytes_ - 1;
  const std::string_view length = header.substr(second + 1);
  const std::string_view command = header.substr(transaction_bytes_ + 1, command_bytes_);
  const bool is_good = is_number(header.substr(0, transaction_bytes_)) && is_number(length) && !command.empty() &&
                       command.size() <= kMaxCommandBytes && std::all_of(command.begin(), command.end(), is_letter);
  if (!is_good) return false;
  length_ = 0;
  std::from_chars(length.data(), length.data() + length.size(), length_);
  seen_ = 0;
  return true;
}

void RelpFramer::take_data(std::string_view& input) {
  const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), length_ - seen_));
  const std::string_view part = input.substr(0, bytes);
  const std::size_t room = limit_ - std::min(limit_, static_cast<std::size_t>(seen_));
  if (seen_ == 0 && bytes == length_) {
    direct_ = part.substr(0, room);
  } else {
    held_.append(part.substr(0, room));
  }
  seen_ += bytes;
  input.remove_prefix(bytes);
  if (seen_ == length_) state_ = State::end;
}

}  // namespace towld
