#include "towl/record/json_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "towl/record/json_text.hpp"

namespace towl {
namespace {

namespace ondemand = simdjson::ondemand;

/// Up to this many members, repeated names are found by comparing all with all.
constexpr std::size_t kFewMembers = 16;
/// The memory for a larger text is given back.
constexpr std::size_t kKeptBytes = std::size_t{64} << 10;

static_assert(JsonReader::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

tl::unexpected<Error> refuse(std::string what) { return fail(ErrorCode::invalid_argument, std::move(what)); }

void append_utf8(std::uint32_t code, std::string& to) {
  const auto put = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// The four hexadecimal digits at the front of `text`; nullopt if they are none.
std::optional<std::uint32_t> hex_of(std::string_view text) {
  std::uint32_t code = 0;
  if (text.size() < 4) return std::nullopt;
  const auto parsed = std::from_chars(text.data(), text.data() + 4, code, 16);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + 4 ? std::optional(code) : std::nullopt;
}

/// What \uXXXX at the front of `text`, from the u on, stands for; a second half right after the first is taken too.
std::uint32_t take_code(std::string_view& text) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const auto is_half = [](std::uint32_t code, std::uint32_t first) { return code >= first && code < first + 0x400; };
  const auto code = hex_of(text.substr(1));
  text.remove_prefix(std::min<std::size_t>(text.size(), 5));
  if (!code) return kReplacement;
  if (!is_half(*code, 0xD800)) return is_half(*code, 0xDC00) ? kReplacement : *code;
  const auto low = text.starts_with("\\u") ? hex_of(text.substr(2)) : std::nullopt;
  if (!low || !is_half(*low, 0xDC00)) return kReplacement;
  text.remove_prefix(6);
  return 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
}

/// True if no two names have the same length and last letter, more or less: true nearly always, and much quicker than
/// comparing all pairs.
bool are_surely_distinct(const std::vector<JsonMember>& members) {
  std::uint64_t seen = 0;
  for (const JsonMember& member : members) {
    const auto last = member.name.empty() ? 0U : static_cast<unsigned char>(member.name.back());
    const std::uint64_t bit = std::uint64_t{1} << ((member.name.size() * 7 + last) % 64);
    if ((seen & bit) != 0) return false;
    seen |= bit;
  }
  return true;
}

bool same_name_later(const std::vector<JsonMember>& members, std::size_t at) {
  return std::any_of(members.begin() + static_cast<std::ptrdiff_t>(at) + 1, members.end(),
                     [&](const JsonMember& other) { return other.name == members[at].name; });
}

/// Of members with the same name keeps the last.
void remove_repeated(std::vector<JsonMember>& members) {
  if (are_surely_distinct(members)) return;
  std::vector<std::size_t> repeated;
  if (members.size() <= kFewMembers) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (same_name_later(members, i)) repeated.push_back(i);
    }
  } else {
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return members[a].name < members[b].name; });
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      if (members[order[i]].name == members[order[i + 1]].name) repeated.push_back(order[i]);
    }
    std::sort(repeated.begin(), repeated.end());
  }
  if (repeated.empty()) return;
  std::size_t kept = 0;
  auto next = repeated.begin();
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (next != repeated.end() && *next == i) {
      ++next;
    } else {
      members[kept++] = members[i];
    }
  }
  members.resize(kept);
}

}  // namespace

std::string unescape_json(std::string_view json) {
  std::string text;
  if (json.size() < 2) return text;
  json = json.substr(1, json.size() - 2);
  while (!json.empty()) {
    const std::size_t plain = std::min(json.find('\\'), json.size());
    text += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.size() < 2) break;
    json.remove_prefix(1);
    if (json.front() == 'u') {
      append_utf8(take_code(json), text);
      continue;
    }
    constexpr std::string_view kFrom = "bfnrt";
    constexpr std::string_view kTo = "\b\f\n\r\t";
    const auto known = kFrom.find(json.front());
    text += known == std::string_view::npos ? json.front() : kTo[known];
    json.remove_prefix(1);
  }
  return text;
}

class JsonReader::Impl {
 public:
  explicit Impl(const JsonLimits& limits) : limits_(limits) {}

  Result<std::span<const JsonMember>> read(std::string_view text) {
    if (text.size() > limits_.bytes) return too_large();
    release();
    padded_.reserve(text.size() + kPaddingBytes);
    padded_.assign(text);
    padded_.append(kPaddingBytes, '\0');
    return read_padded({padded_.data(), text.size()});
  }

  Result<std::span<const JsonMember>> read_padded(std::string_view text) {
    if (text.size() > limits_.bytes) return too_large();
    release_but_text();
    members_.clear();
    if (auto done = read_document(text); !done) return fail(std::move(done.error()));
    remove_repeated(members_);
    return std::span<const JsonMember>(members_);
  }

  void release() {
    if (padded_.capacity() > kKeptBytes) std::string().swap(padded_);
    release_but_text();
  }

 private:
  void release_but_text() {
    if (parser_.capacity() > kKeptBytes) parser_ = ondemand::parser();
    if (members_.capacity() * sizeof(JsonMember) > 4 * kKeptBytes) std::vector<JsonMember>().swap(members_);
    if (!decoded_.empty()) decoded_.clear();
  }

  tl::unexpected<Error> too_large() const {
    return fail(ErrorCode::entry_too_large, "larger than " + std::to_string(limits_.bytes >> 20) + " MiB");
  }

  Result<void> read_document(std::string_view text) {
    ondemand::document document;
    auto error = parser_.iterate(text.data(), text.size(), text.size() + kPaddingBytes).get(document);
    if (error) return refuse(simdjson::error_message(error));
    ondemand::json_type type{};
    if (document.type().get(type) != simdjson::SUCCESS || type != ondemand::json_type::object) {
      return refuse("not a JSON object");
    }
    ondemand::object object;
    if ((error = document.get_object().get(object))) return refuse(simdjson::error_message(error));
    for (auto each : object) {
      ondemand::field field;
      if ((error = std::move(each).get(field))) return refuse(simdjson::error_message(error));
      if (members_.size() == limits_.members) {
        return refuse("more than " + std::to_string(limits_.members) + " members");
      }
      JsonMember& member = members_.emplace_back();
      if (!read_name(field, text, member)) return refuse("a member's name is not a JSON string");
      if (!read_value(field.value(), member)) {
        return refuse("the value of \"" + std::string(member.name.substr(0, 100)) +
                      "\" is not JSON, or nested too deep");
      }
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return refuse("something follows the object");
    return {};
  }

  bool read_name(ondemand::field& field, std::string_view text, JsonMember& member) {
    // The raw name goes on to the closing quote, which the library found, and is not checked.
    const char* raw = field.key().raw();
    if (field.unescaped_key().get(member.name) == simdjson::SUCCESS) return true;
    const auto rest = text.substr(static_cast<std::size_t>(raw - text.data()));
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    return end < rest.size() && decode({raw - 1, end + 2}, member.name);
  }

  /// `json` is a string that the library cannot decode: it may still be valid JSON.
  bool decode(std::string_view json, std::string_view& text) {
    if (!is_json(json) || json.front() != '"') return false;
    text = decoded_.emplace_back(unescape_json(json));
    return true;
  }

  // A scalar need not be moved past: the iteration does that.
  bool read_value(ondemand::value value, JsonMember& member) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    member.json = member.text = trim_end(value.raw_json_token());
    switch (type) {
      case ondemand::json_type::string:
        member.kind = JsonKind::string;
        if (value.get_string().get(member.text) == simdjson::SUCCESS) return true;
        member.is_exact = false;
        return decode(member.json, member.text);
      case ondemand::json_type::number:
        // The library looks only at a number's first byte until it is asked for its value.
        member.kind = JsonKind::number;
        return is_json_number(member.json);
      case ondemand::json_type::boolean:
        member.kind = JsonKind::boolean;
        return member.json == "true" || member.json == "false";
      case ondemand::json_type::null:
        member.kind = JsonKind::null;
        return member.json == "null";
      case ondemand::json_type::object: {
        member.kind = JsonKind::object;
        ondemand::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS) return false;
        if (object.raw_json().get(member.json) != simdjson::SUCCESS) return false;
        break;
      }
      case ondemand::json_type::array: {
        member.kind = JsonKind::array;
        ondemand::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) return false;
        if (array.raw_json().get(member.json) != simdjson::SUCCESS) return false;
        break;
      }
    }
    // Nested values were skipped without a check.
    member.json = member.text = trim_end(member.json);
    return is_json(member.json);
  }

  JsonLimits limits_;
  ondemand::parser parser_;
  std::string padded_;
  std::vector<JsonMember> members_;
  std::deque<std::string> decoded_;  // Names and texts that only unescape_json() can decode.
};

JsonReader::JsonReader(const JsonLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

Result<std::span<const JsonMember>> JsonReader::read(std::string_view text) { return impl_->read(text); }

void JsonReader::release() { impl_->release(); }

Result<std::span<const JsonMember>> JsonReader::read_padded(std::string_view text) { return impl_->read_padded(text); }

}  // namespace towl
