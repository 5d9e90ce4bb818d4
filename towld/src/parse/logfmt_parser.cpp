// logfmt: `level=info msg="it works" took=3ms retried`. A key alone is true. The text must begin with a pair: otherwise
// any sentence would be logfmt.
#include <utility>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_key(char c) { return static_cast<unsigned char>(c) > ' ' && c != '=' && c != '"'; }

std::optional<unsigned> hex_of(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    value <<= 4;
    if (c >= '0' && c <= '9') {
      value += static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      value += static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void append_utf8(unsigned code, std::string& to) {
  if (code < 0x80) {
    to += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    to += static_cast<char>(0xC0 | (code >> 6));
  } else {
    to += static_cast<char>(0xE0 | (code >> 12));
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  }
  to += static_cast<char>(0x80 | (code & 0x3F));
}

/// Reads pairs off the front of a text.
class PairReader {
 public:
  explicit PairReader(std::string_view text) : rest_(text) { skip_blanks(); }

  bool at_end() const { return rest_.empty(); }

  /// False if there is no pair next, or its quotes do not end.
  bool next(Field& pair) {
    std::size_t end = 0;
    while (end < rest_.size() && is_key(rest_[end])) ++end;
    if (end == 0) return false;
    pair.name.assign(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (!rest_.starts_with('=')) {
      pair.value = "true";
      pair.is_json = true;
      return ends_here();
    }
    rest_.remove_prefix(1);
    if (rest_.starts_with('"')) return quoted(pair.value) && ends_here();
    end = 0;
    while (end < rest_.size() && !is_blank(rest_[end])) ++end;
    pair.value.assign(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return ends_here();
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  bool ends_here() {
    if (!rest_.empty() && !is_blank(rest_.front())) return false;
    skip_blanks();
    return true;
  }

  bool quoted(std::string& value) {
    rest_.remove_prefix(1);
    for (;;) {
      const auto end = rest_.find_first_of("\"\\");
      if (end == std::string_view::npos) return false;
      value.append(rest_.substr(0, end));
      const bool closes = rest_[end] == '"';
      rest_.remove_prefix(end + 1);
      if (closes) return true;
      if (!unescape(value)) return false;
    }
  }

  /// What follows a backslash; one that escapes nothing known is kept.
  bool unescape(std::string& value) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'u' && rest_.size() >= 4) {
      const auto code = hex_of(rest_.substr(0, 4));
      if (code && (*code < 0xD800 || *code > 0xDFFF)) {
        append_utf8(*code, value);
        rest_.remove_prefix(4);
        return true;
      }
    }
    constexpr std::string_view kFrom = "ntr\"\\";
    constexpr std::string_view kTo = "\n\t\r\"\\";
    const auto known = kFrom.find(c);
    if (known == std::string_view::npos) value += '\\';
    value += known == std::string_view::npos ? c : kTo[known];
    return true;
  }

  std::string_view rest_;
};

class LogfmtParser : public Parser {
 public:
  explicit LogfmtParser(std::string field) : field_(std::move(field)) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    if (!value || value->find('=') == std::string_view::npos) return Outcome::failed;
    std::vector<Field> members;
    for (PairReader reader(*value); !reader.at_end();) {
      if (members.size() == kMaxMembers || !reader.next(members.emplace_back())) return Outcome::failed;
      if (members.front().is_json) return Outcome::failed;
    }
    if (members.empty()) return Outcome::failed;
    put_found(members, field_.empty() || field_ == field::kMessage, zone_, draft);
    return Outcome::done;
  }

 private:
  std::string field_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
};

MadeParser make_logfmt_parser(const Settings& settings, const std::string&) {
  return std::make_unique<LogfmtParser>(settings.as<FieldSettings>().field);
}

}  // namespace

extern const ParserType kLogfmtParser = {"logfmt", read_field_settings, make_logfmt_parser};

}  // namespace towld
