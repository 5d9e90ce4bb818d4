// json: a JSON object becomes the entry, as towl/record/members.hpp says; or a field's object its fields.
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "parse/members.hpp"
#include "parse/parser_type.hpp"
#include "towl/record/members.hpp"

namespace towld {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Readers keep their memory from text to text; as many are kept as there were threads at a time.
class Readers {
 public:
  std::unique_ptr<towl::JsonEntryReader> take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<towl::JsonEntryReader>(zone_);
    auto one = std::move(free_.back());
    free_.pop_back();
    return one;
  }

  void give_back(std::unique_ptr<towl::JsonEntryReader> one) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(one));
  }

 private:
  const towl::TimeZone zone_ = towl::TimeZone::local();
  std::mutex mutex_;
  std::vector<std::unique_ptr<towl::JsonEntryReader>> free_;
};

class JsonParser : public Parser {
 public:
  explicit JsonParser(std::string field) : field_(std::move(field)) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    if (!value) return Outcome::failed;
    // Most texts that are none are known by this already.
    const std::string_view text = trimmed(*value);
    if (!text.starts_with('{') || !text.ends_with('}')) return Outcome::failed;
    const bool is_text = field_.empty() || field_ == field::kMessage;
    auto reader = readers_.take();
    const auto done = is_text ? reader->read(text, draft) : reader->read_part(text, draft);
    readers_.give_back(std::move(reader));
    return done ? Outcome::done : Outcome::failed;
  }

 private:
  std::string field_;
  mutable Readers readers_;
};

MadeParser make_json_parser(const Settings& settings, const std::string&) {
  return std::make_unique<JsonParser>(settings.as<FieldSettings>().field);
}

}  // namespace

extern const ParserType kJsonParser = {"json", read_field_settings, make_json_parser};

}  // namespace towld
