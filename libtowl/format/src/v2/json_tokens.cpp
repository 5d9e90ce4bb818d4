#include <algorithm>
#include <array>

#include "v2/hash.hpp"
#include "v2/tokens.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The place of the quote that ends the string whose text begins at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (std::size_t quote = text.find('"', at); quote != kNone; quote = text.find('"', quote + 1)) {
    std::size_t escapes = 0;
    while (quote - escapes > at && text[quote - escapes - 1] == '\\') {
      ++escapes;
    }
    if (escapes % 2 == 0) {
      return quote;
    }
  }
  return kNone;
}

bool is_message(std::string_view key) { return key == "MESSAGE" || key == "message" || key == "msg" || key == "log"; }

class JsonSplitter {
 public:
  JsonSplitter(std::string_view text, std::vector<TextSlot>& slots) : text_(text), slots_(slots) {}

  bool run() {
    for (std::size_t at = 1; at < text_.size();) {
      const char c = text_[at];
      if (c == '{') {
        open(false);
        ++at;
      } else if (c == '}' || c == ']') {
        close();
        ++at;
      } else if (c == ',') {
        next_element();
        ++at;
      } else if (c == '"') {
        const std::size_t end = string_end(text_, at + 1);
        if (end == kNone) {
          return false;
        }
        quoted(at + 1, end);
        at = end + 1;
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        const std::size_t end = text_.find_first_not_of("0123456789+-.eE", at);
        add(at, end == kNone ? text_.size() : end);
        at = end;
      } else if (c == '[') {
        at = array(at);
      } else {
        ++at;
      }
    }
    return true;
  }

 private:
  void quoted(std::size_t begin, std::size_t end) {
    if (end + 1 < text_.size() && text_[end + 1] == ':') {
      key_ = text_.substr(begin, end - begin);
      hash_ = hash_bytes(levels_[level_].hash, key_);
      return;
    }
    if (key_ == "__CURSOR") {
      cursor(begin, end);
    } else {
      add(begin, end, is_message(key_));
    }
  }

  // journald prints a field that is not text as an array of numbers: all of it is one value.
  std::size_t array(std::size_t at) {
    const std::size_t end = text_.find_first_not_of("0123456789, ", at + 1);
    if (end != kNone && end > at + 1 && text_[end] == ']') {
      add(at + 1, end);
      return end + 1;
    }
    open(true);
    return at + 1;
  }

  // A key in one object is another field than in the next, and so are the first elements of an array: the counters
  // of many servers are kept apart. Below kMaxLevels all is treated alike, and so are elements from kMaxElements on.
  void open(bool is_array) {
    if (++depth_ >= kMaxLevels) return;
    level_ = depth_;
    levels_[level_] = {mix(hash_, is_array ? 3 : 2), 0, is_array};
    next_element();
  }

  void close() {
    if (depth_ > 0 && --depth_ < kMaxLevels) level_ = depth_;
  }

  void next_element() {
    Level& level = levels_[level_];
    if (!level.is_array) return;
    level.elements = std::min(level.elements + 1, kMaxElements);
    hash_ = mix(level.hash, level.elements);
  }

  // "s=…;i=…;b=…;m=…;t=…;x=…": each part is a value, even one without digits.
  void cursor(std::size_t begin, std::size_t end) {
    while (begin < end) {
      std::size_t stop = text_.find(';', begin);
      stop = stop == kNone || stop > end ? end : stop;
      const std::size_t equals = text_.find('=', begin);
      add(equals < stop ? equals + 1 : begin, stop);
      begin = stop + 1;
    }
  }

  void add(std::size_t begin, std::size_t end, bool nested = false) {
    if (begin < end) {
      slots_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), hash_ | 1, nested});
      hash_ = mix(hash_, 1);
    }
  }

  static constexpr std::size_t kMaxLevels = 32;
  static constexpr std::uint64_t kMaxElements = 64;
  struct Level {
    std::uint64_t hash = 1;
    std::uint64_t elements = 0;
    bool is_array = false;
  };

  std::string_view text_;
  std::vector<TextSlot>& slots_;
  std::array<Level, kMaxLevels> levels_ = {};
  std::size_t level_ = 0;
  std::size_t depth_ = 0;
  std::string_view key_;
  std::uint64_t hash_ = 1;
};

}  // namespace

bool split_json(std::string_view text, std::vector<TextSlot>& slots) {
  if (!text.starts_with("{\"")) {
    return false;
  }
  slots.clear();
  return JsonSplitter(text, slots).run();
}

}  // namespace towl::detail::v2
