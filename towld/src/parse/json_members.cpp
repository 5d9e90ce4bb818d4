#include "parse/json_members.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "parse/json_text.hpp"
#include "parse/level.hpp"
#include "parse/source_time.hpp"

namespace towld {
namespace {

namespace ondemand = simdjson::ondemand;

/// Up to so many fields repeated names are found by comparing all with all.
constexpr std::size_t kFewFields = 16;
/// The memory for a larger text is given back.
constexpr std::size_t kKeptBytes = std::size_t{64} << 10;

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes leading digits off `text`; false where there are none.
bool skip_digits(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return text.size() < before;
}

/// RFC 8259, 6. The library looks at a number's first byte alone until it is asked for its value.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!skip_digits(text)) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

/// `token` is a JSON string, though its escapes may be halves of characters (lone surrogates, as programs that cut
/// texts in UTF-16 log them), which have no UTF-8.
bool is_string(std::string_view token) {
  constexpr std::string_view kSingle = "\"\\/bfnrt";
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
  const std::string_view text = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return false;
    if (text[i] != '\\') continue;
    if (++i == text.size()) return false;
    if (kSingle.find(text[i]) != std::string_view::npos) continue;
    if (text[i] != 'u' || text.size() - i < 5) return false;
    for (int digit = 0; digit < 4; ++digit) {
      const char c = text[++i];
      if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
    }
  }
  return true;
}

/// A member's value: of a string its text, else its JSON. Lives as long as the document.
struct Value {
  std::string_view text;
  bool is_json = false;
};

/// Reads and checks all of `value`.
bool read_value(ondemand::value value, Value& to, std::size_t depth);

bool check_object(ondemand::object& object, std::size_t depth) {
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS) return false;
    Value ignored;
    if (field.unescaped_key().error() != simdjson::SUCCESS || !read_value(field.value(), ignored, depth)) return false;
  }
  return true;
}

bool check_array(ondemand::array& array, std::size_t depth) {
  for (auto item : array) {
    ondemand::value value;
    Value ignored;
    if (std::move(item).get(value) != simdjson::SUCCESS || !read_value(value, ignored, depth)) return false;
  }
  return true;
}

bool read_object(ondemand::value& value, Value& to, std::size_t depth) {
  ondemand::object object;
  if (depth >= kMaxJsonDepth || value.get_object().get(object) != simdjson::SUCCESS) return false;
  return check_object(object, depth + 1) && object.raw_json().get(to.text) == simdjson::SUCCESS;
}

bool read_array(ondemand::value& value, Value& to, std::size_t depth) {
  ondemand::array array;
  if (depth >= kMaxJsonDepth || value.get_array().get(array) != simdjson::SUCCESS) return false;
  return check_array(array, depth + 1) && array.raw_json().get(to.text) == simdjson::SUCCESS;
}

// A scalar need not be moved past: the iteration does that.
bool read_value(ondemand::value value, Value& to, std::size_t depth) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  to = {trim_end(value.raw_json_token()), true};
  switch (type) {
    case ondemand::json_type::string:
      if (value.get_string().get(to.text) != simdjson::SUCCESS) return is_string(to.text);
      to.is_json = false;
      return true;
    case ondemand::json_type::number:
      return is_number(to.text);
    case ondemand::json_type::boolean:
      return to.text == "true" || to.text == "false";
    case ondemand::json_type::null:
      return to.text == "null";
    case ondemand::json_type::object:
      if (!read_object(value, to, depth)) return false;
      break;
    case ondemand::json_type::array:
      if (!read_array(value, to, depth)) return false;
      break;
  }
  to.text = trim_end(to.text);
  return true;
}

/// The member that is to be the text, say, so far.
struct Candidate {
  int rank = 0;  ///< The highest wins; 0: none yet.
  std::string_view name = {};
  Value value = {};
};

enum class Meaning { none, text, level, time, sender };

struct Known {
  Meaning meaning = Meaning::none;
  int rank = 1;
};

Known meaning_of(std::string_view name) {
  switch (name.size()) {
    case 2:
      if (name == "ts") return {Meaning::time};
      break;
    case 3:
      if (name == "msg") return {Meaning::text};
      break;
    case 4:
      if (name == "time") return {Meaning::time};
      if (name == "host") return {Meaning::sender};
      break;
    case 5:
      if (name == "level") return {Meaning::level};
      break;
    case 6:
      if (name == "sender") return {Meaning::sender, 3};
      break;
    case 7:
      if (name == "message") return {Meaning::text, 2};
      if (name == field::kMessage) return {Meaning::text, 3};
      break;
    case 8:
      if (name == "severity" || name == "priority") return {Meaning::level};
      if (name == field::kPriority) return {Meaning::level, 2};
      if (name == "hostname") return {Meaning::sender, 2};
      break;
    case 9:
      if (name == "timestamp") return {Meaning::time};
      break;
    case 10:
      if (name == "@timestamp") return {Meaning::time};
      break;
    default:
      break;
  }
  return {};
}

/// systemd's form of a text that is not UTF-8: an array of byte values. Other JSON is taken as it is.
void assign_text(const Candidate& message, std::string& text) {
  const std::string_view json = message.value.text;
  text.assign(json);
  if (!message.value.is_json || message.name != field::kMessage || !json.starts_with('[')) return;
  std::string bytes;
  for (const char* at = json.data() + 1; at < json.data() + json.size();) {
    while (is_space(*at)) ++at;
    unsigned value = 256;
    const auto parsed = std::from_chars(at, json.data() + json.size(), value);
    if (parsed.ec != std::errc() || value > 255) return;
    bytes += static_cast<char>(value);
    for (at = parsed.ptr; is_space(*at); ++at) {
    }
    if (*at != ',' && *at != ']') return;
    ++at;
  }
  text = std::move(bytes);
}

bool same_name_later(const std::vector<Field>& fields, std::size_t at) {
  return std::any_of(fields.begin() + static_cast<std::ptrdiff_t>(at) + 1, fields.end(),
                     [&](const Field& other) { return other.name == fields[at].name; });
}

/// Of fields with the same name keeps the last.
void remove_repeated(std::vector<Field>& fields) {
  std::vector<std::size_t> repeated;
  if (fields.size() <= kFewFields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (same_name_later(fields, i)) repeated.push_back(i);
    }
  } else {
    std::vector<std::size_t> order(fields.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return fields[a].name < fields[b].name; });
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      if (fields[order[i]].name == fields[order[i + 1]].name) repeated.push_back(order[i]);
    }
    std::sort(repeated.begin(), repeated.end());
  }
  if (repeated.empty()) return;
  std::vector<Field> kept;
  kept.reserve(fields.size() - repeated.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!std::binary_search(repeated.begin(), repeated.end(), i)) kept.push_back(std::move(fields[i]));
  }
  fields = std::move(kept);
}

/// Sorts an object's members into a draft.
class Sorter {
 public:
  explicit Sorter(Draft& draft) : draft_(draft) {}

  void take(std::string_view name, const Value& value) {
    const Known known = meaning_of(name);
    switch (known.meaning) {
      case Meaning::none:
        return keep(name, value);
      case Meaning::text:
        if (!value.is_json || value.text != "null") return offer(text_, known.rank, name, value);
        if (name != field::kMessage) keep(name, value);
        return;
      case Meaning::level:
        return parse_level(value.text) ? offer(level_, known.rank, name, value) : keep(name, value);
      case Meaning::time:
        if (parse_source_time(value.text)) return offer(time_, known.rank, name, value);
        draft_.is_time_unreadable = true;
        return keep(name, value);
      case Meaning::sender:
        if (value.is_json || value.text.empty() || value.text.size() > kMaxJsonSenderBytes) return keep(name, value);
        return offer(sender_, known.rank, name, value);
    }
  }

  void finish() {
    remove_repeated(draft_.fields);
    if (text_.rank > 0) assign_text(text_, draft_.text);
    if (sender_.rank > 0) draft_.sender.assign(sender_.value.text);
    if (time_.rank > 0) {
      draft_.time = parse_source_time(time_.value.text);
      draft_.is_time_unreadable = false;
    }
    if (level_.rank > 0) draft_.set(field::kPriority, std::to_string(parse_level(level_.value.text).value_or(6)));
  }

 private:
  void keep(std::string_view name, const Value& value) {
    draft_.fields.push_back({std::string(name), std::string(value.text), value.is_json});
  }

  void offer(Candidate& best, int rank, std::string_view name, const Value& value) {
    if (best.rank > 0 && name == best.name) {
      best.value = value;
    } else if (rank <= best.rank) {
      keep(name, value);
    } else {
      if (best.rank > 0) keep(best.name, best.value);
      best = {rank, name, value};
    }
  }

  Draft& draft_;
  Candidate text_;
  Candidate level_;
  Candidate time_;
  Candidate sender_;
};

tl::unexpected<towl::Error> refuse(std::string what) {
  return towl::fail(towl::ErrorCode::invalid_argument, std::move(what));
}

}  // namespace

class JsonMembers::Impl {
 public:
  towl::Result<void> read(std::string_view text, Draft& draft) {
    padded_.assign(text);
    padded_.append(kJsonPaddingBytes, '\0');
    auto done = read_padded({padded_.data(), text.size()}, draft);
    if (padded_.capacity() > kKeptBytes) std::string().swap(padded_);
    return done;
  }

  towl::Result<void> read_padded(std::string_view text, Draft& draft) {
    if (text.size() > kMaxJsonObjectBytes) {
      return towl::fail(towl::ErrorCode::entry_too_large,
                        "larger than " + std::to_string(kMaxJsonObjectBytes >> 20) + " MiB");
    }
    auto done = read_document(text, draft);
    if (parser_.capacity() > kKeptBytes) parser_ = ondemand::parser();
    return done;
  }

 private:
  towl::Result<void> read_document(std::string_view text, Draft& draft) {
    ondemand::document document;
    auto error = parser_.iterate(text.data(), text.size(), text.size() + kJsonPaddingBytes).get(document);
    if (error) return refuse(simdjson::error_message(error));
    ondemand::json_type type{};
    if (document.type().get(type) != simdjson::SUCCESS || type != ondemand::json_type::object) {
      return refuse("not a JSON object");
    }
    ondemand::object object;
    if ((error = document.get_object().get(object))) return refuse(simdjson::error_message(error));
    Sorter sorter(draft);
    std::size_t count = 0;
    for (auto member : object) {
      ondemand::field field;
      if ((error = std::move(member).get(field))) return refuse(simdjson::error_message(error));
      std::string_view name;
      if ((error = field.unescaped_key().get(name))) return refuse("a member's name is not a JSON string");
      Value value;
      if (!read_value(field.value(), value, 1)) {
        return refuse("the value of \"" + std::string(name.substr(0, 100)) + "\" is not JSON, or nested too deep");
      }
      if (++count > kMaxJsonMembers) return refuse("more than " + std::to_string(kMaxJsonMembers) + " members");
      sorter.take(name, value);
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return refuse("something follows the object");
    sorter.finish();
    return {};
  }

  ondemand::parser parser_;
  std::string padded_;
};

static_assert(kJsonPaddingBytes >= simdjson::SIMDJSON_PADDING);

JsonMembers::JsonMembers() : impl_(std::make_unique<Impl>()) {}
JsonMembers::JsonMembers(JsonMembers&&) noexcept = default;
JsonMembers& JsonMembers::operator=(JsonMembers&&) noexcept = default;
JsonMembers::~JsonMembers() = default;

towl::Result<void> JsonMembers::read(std::string_view text, Draft& draft) { return impl_->read(text, draft); }

towl::Result<void> JsonMembers::read_padded(std::string_view text, Draft& draft) {
  return impl_->read_padded(text, draft);
}

}  // namespace towld
