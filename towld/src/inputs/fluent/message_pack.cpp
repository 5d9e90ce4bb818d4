#include "inputs/fluent/message_pack.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <msgpack.hpp>
#include <utility>

#include "limits/limits.hpp"
#include "towl/record/json_text.hpp"

namespace towld {

// ---- MessagePackScanner

/// The library's own parser, which goes on where it stopped; the bytes stay ours.
class MessagePackScanner::Context : public msgpack::detail::context<Context> {
 public:
  struct Visitor : msgpack::null_visitor {
    std::size_t depth = 0;
    void init() { depth = 0; }
    bool start_array(std::uint32_t) { return ++depth <= kMaxMessagePackDepth; }
    bool start_map(std::uint32_t) { return ++depth <= kMaxMessagePackDepth; }
    bool end_array() { return leave(); }
    bool end_map() { return leave(); }
    bool leave() {
      --depth;
      return true;
    }
  };

  Visitor& visitor() { return visitor_; }

  Step scan(std::string_view bytes, std::size_t& end) {
    switch (execute(bytes.data(), bytes.size(), at_)) {
      case msgpack::PARSE_CONTINUE:
        return Step::more;
      case msgpack::PARSE_SUCCESS:
        end = std::exchange(at_, 0);
        init();
        return Step::whole;
      default:
        return Step::broken;
    }
  }

 private:
  Visitor visitor_;
  std::size_t at_ = 0;  // Read up to here.
};

MessagePackScanner::MessagePackScanner() : context_(std::make_unique<Context>()) {}
MessagePackScanner::MessagePackScanner(MessagePackScanner&&) noexcept = default;
MessagePackScanner& MessagePackScanner::operator=(MessagePackScanner&&) noexcept = default;
MessagePackScanner::~MessagePackScanner() = default;

MessagePackScanner::Step MessagePackScanner::scan(std::string_view bytes, std::size_t& end) {
  return context_->scan(bytes, end);
}

// ---- MessagePackReader

namespace {

/// A part of the JSON that is written while its value is read.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

}  // namespace

class MessagePackReader::Visitor : public msgpack::null_visitor {
 public:
  void begin() {
    json_.clear();
    named_.clear();
    members_.clear();
    depth_ = 0;
    is_key_ = false;
    kind_ = Kind::nil;
    text_ = {};
    seconds_ = 0;
    fraction_ns_ = 0;
    has_time_ = false;
  }

  // What the library calls, in the order of the bytes; false ends it.
  bool visit_nil() { return take(Kind::nil, towl::JsonKind::null, "null"); }
  bool visit_boolean(bool value) { return take(Kind::boolean, towl::JsonKind::boolean, value ? "true" : "false"); }
  bool visit_positive_integer(std::uint64_t value) { return take_number(value); }
  bool visit_negative_integer(std::int64_t value) { return take_number(value); }
  bool visit_float32(float value) { return take_floating(value); }
  bool visit_float64(double value) { return take_floating(value); }
  bool visit_str(const char* bytes, std::uint32_t size) { return take_text({bytes, size}); }
  bool visit_bin(const char* bytes, std::uint32_t size) { return take_text({bytes, size}); }
  bool visit_ext(const char* bytes, std::uint32_t size) { return take_extension({bytes, size}); }
  bool start_array(std::uint32_t) { return open('['); }
  bool start_map(std::uint32_t) { return open('{'); }
  bool end_array() { return close(']'); }
  bool end_map() { return close('}'); }
  bool start_array_item() { return comma('['); }
  bool start_map_key() {
    is_key_ = true;
    return depth_ == 1 && kind_ == Kind::map ? named_.size() < kMaxMembers : comma('{');
  }
  bool end_map_key() {
    is_key_ = false;
    return true;
  }
  bool start_map_value() {
    if (!is_member()) json_ += ':';
    return true;
  }

  /// Once all is read: JSON moves no more.
  void finish() {
    for (const Named& one : named_) {
      const std::string_view name = one.is_name_json ? json_of(one.name_json) : one.name;
      const bool is_text = one.kind == towl::JsonKind::string && one.json.begin == one.json.end;
      const std::string_view value = is_text ? one.text : json_of(one.json);
      members_.push_back({.name = name, .text = value, .json = value, .kind = one.kind});
    }
    if (kind_ != Kind::text) text_ = json_;
  }

  Kind kind() const { return kind_; }
  std::string_view text() const { return text_; }
  const std::vector<towl::JsonMember>& members() const { return members_; }

  std::optional<towl::Timestamp> time() const {
    constexpr std::int64_t kMost = INT64_MAX / towl::kNanosecondsPerSecond - 1;
    if (!has_time_ || seconds_ < 0 || seconds_ > kMost) return std::nullopt;
    return seconds_ * towl::kNanosecondsPerSecond + fraction_ns_;
  }

 private:
  struct Named {
    std::string_view name = {};
    Piece name_json = {};
    bool is_name_json = false;
    std::string_view text = {};
    Piece json = {};
    towl::JsonKind kind = towl::JsonKind::null;
  };

  std::string_view json_of(const Piece& piece) const {
    return std::string_view(json_).substr(piece.begin, piece.end - piece.begin);
  }

  /// What comes is a name or a value of the map itself.
  bool is_member() const { return depth_ == 1 && kind_ == Kind::map; }

  bool take(Kind kind, towl::JsonKind json_kind, std::string_view json) {
    if (depth_ == 0) kind_ = kind;
    const bool is_quoted = is_key_ && !is_member();
    const std::size_t begin = json_.size();
    if (is_quoted) json_ += '"';
    json_ += json;
    if (is_quoted) json_ += '"';
    if (is_member()) put_member(json_kind, {begin, json_.size()});
    return true;
  }

  void put_member(towl::JsonKind kind, Piece json, std::string_view text = {}) {
    if (is_key_) {
      named_.push_back({.name = text, .name_json = json, .is_name_json = json.begin != json.end});
    } else {
      named_.back().kind = kind;
      named_.back().json = json;
      named_.back().text = text;
    }
  }

  template <class Number>
  bool take_number(Number value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    if (depth_ == 0 && std::in_range<std::int64_t>(value)) {
      has_time_ = true;
      seconds_ = static_cast<std::int64_t>(value);
    }
    return take(Kind::integer, towl::JsonKind::number, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  template <class Number>
  bool take_floating(Number value) {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    if (!std::isfinite(value)) {  // JSON has no such number.
      const std::string quoted = '"' + std::string(text) + '"';
      return take(Kind::floating, towl::JsonKind::array, quoted);
    }
    constexpr double kMostSeconds = 9e9;
    if (depth_ == 0 && value >= 0 && static_cast<double>(value) < kMostSeconds) {
      has_time_ = true;
      const double whole = std::floor(static_cast<double>(value));
      seconds_ = static_cast<std::int64_t>(whole);
      fraction_ns_ = static_cast<std::int64_t>((static_cast<double>(value) - whole) * 1e9);
    }
    return take(Kind::floating, towl::JsonKind::number, text);
  }

  bool take_text(std::string_view text) {
    if (depth_ == 0) {
      kind_ = Kind::text;
      text_ = text;
      return true;
    }
    if (is_member()) {
      put_member(towl::JsonKind::string, {}, text);
    } else if (is_key_) {
      towl::append_json_name(text, json_);
    } else {
      towl::append_json_text(text, json_);
    }
    return true;
  }

  bool take_extension(std::string_view bytes) {
    constexpr std::size_t kEventTimeBytes = 9;
    const auto number = [&](std::size_t at) {
      std::uint32_t value = 0;
      for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
      return value;
    };
    if (depth_ == 0 && bytes.size() == kEventTimeBytes && bytes.front() == 0) {
      has_time_ = number(5) < towl::kNanosecondsPerSecond;
      seconds_ = number(1);
      fraction_ns_ = number(5);
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hexadecimal = "\"";
    for (const char c : bytes.substr(1)) {
      hexadecimal += kDigits[static_cast<unsigned char>(c) >> 4];
      hexadecimal += kDigits[static_cast<unsigned char>(c) & 15];
    }
    hexadecimal += '"';
    if (is_key_ && !is_member()) hexadecimal = hexadecimal.substr(1, hexadecimal.size() - 2);
    return take(Kind::extension, towl::JsonKind::array, hexadecimal);
  }

  bool open(char bracket) {
    if (is_key_) return false;
    if (depth_ == 0) {
      kind_ = bracket == '{' ? Kind::map : Kind::array;
    } else if (is_member()) {
      put_member(bracket == '{' ? towl::JsonKind::object : towl::JsonKind::array, {json_.size(), json_.size()});
    }
    // The map itself is its members.
    if (depth_ > 0 || kind_ == Kind::array) json_ += bracket;
    return ++depth_ <= kMaxFluentDepth;
  }

  bool close(char bracket) {
    --depth_;
    if (depth_ > 0 || kind_ == Kind::array) json_ += bracket;
    if (is_member()) named_.back().json.end = json_.size();
    return true;
  }

  bool comma(char bracket) {
    if (json_.back() != bracket) json_ += ',';
    return true;
  }

  std::string json_;  // Of all that is no text of the map itself.
  std::vector<Named> named_;
  std::vector<towl::JsonMember> members_;
  std::size_t depth_ = 0;
  bool is_key_ = false;
  Kind kind_ = Kind::nil;
  std::string_view text_;
  std::int64_t seconds_ = 0;
  std::int64_t fraction_ns_ = 0;
  bool has_time_ = false;
};

MessagePackReader::MessagePackReader() : visitor_(std::make_unique<Visitor>()) {}
MessagePackReader::~MessagePackReader() = default;

bool MessagePackReader::read(std::string_view bytes, std::size_t& at) {
  visitor_->begin();
  std::size_t end = at;
  if (!msgpack::parse(bytes.data(), bytes.size(), end, *visitor_)) return false;
  visitor_->finish();
  at = end;
  return true;
}

MessagePackReader::Kind MessagePackReader::kind() const { return visitor_->kind(); }
std::string_view MessagePackReader::text() const { return visitor_->text(); }
std::span<const towl::JsonMember> MessagePackReader::members() const { return visitor_->members(); }
std::optional<towl::Timestamp> MessagePackReader::time() const { return visitor_->time(); }

std::optional<std::uint32_t> read_array_header(std::string_view bytes, std::size_t& at) {
  constexpr unsigned kFixed = 0x90;
  constexpr unsigned kFixedMask = 0xF0;
  constexpr unsigned k16Bits = 0xDC;
  constexpr unsigned k32Bits = 0xDD;
  if (at >= bytes.size()) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[at]);
  if ((first & kFixedMask) == kFixed) {
    ++at;
    return first & ~kFixedMask;
  }
  if (first != k16Bits && first != k32Bits) return std::nullopt;
  const std::size_t length = first == k16Bits ? 2 : 4;
  if (bytes.size() - at - 1 < length) return std::nullopt;
  std::uint32_t elements = 0;
  for (std::size_t i = 1; i <= length; ++i) elements = elements << 8 | static_cast<unsigned char>(bytes[at + i]);
  at += 1 + length;
  return elements;
}

namespace {

/// Where msgpack::packer writes to.
struct To {
  std::string& text;
  void write(const char* bytes, std::size_t size) { text.append(bytes, size); }
};

}  // namespace

void append_packed_text(std::string_view text, std::string& to) {
  To stream{to};
  msgpack::packer<To> packer(stream);
  packer.pack_str(static_cast<std::uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void append_packed_bool(bool value, std::string& to) {
  To stream{to};
  msgpack::packer<To>(stream).pack(value);
}

void append_packed_array(std::uint32_t elements, std::string& to) {
  To stream{to};
  msgpack::packer<To>(stream).pack_array(elements);
}

void append_packed_map(std::uint32_t members, std::string& to) {
  To stream{to};
  msgpack::packer<To>(stream).pack_map(members);
}

}  // namespace towld
