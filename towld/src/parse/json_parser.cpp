// json: a JSON object's members become fields. Strings are decoded, numbers and nested values kept as their JSON text.
#include <simdjson.h>

#include <mutex>
#include <utility>

#include "parse/json_text.hpp"
#include "parse/members.hpp"
#include "parse/on_demand.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// What parsing one text needs besides the text.
struct Workspace {
  ondemand::parser parser;
  std::string padded;
};

/// Parsers keep their memory from text to text; as many are kept as there were threads at a time.
class Workspaces {
 public:
  std::unique_ptr<Workspace> take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Workspace>();
    auto one = std::move(free_.back());
    free_.pop_back();
    return one;
  }

  void give_back(std::unique_ptr<Workspace> one) {
    // A text of a megabyte must not leave ten of them behind for good.
    if (one->padded.capacity() > kKeptBytes) return;
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(one));
  }

 private:
  static constexpr std::size_t kKeptBytes = std::size_t{64} << 10;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

/// journald's way to write a string that is not UTF-8.
bool read_bytes(ondemand::value value, std::string& bytes) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto element : array) {
    std::uint64_t byte = 0;
    if (element.get_uint64().get(byte) != simdjson::SUCCESS || byte > 0xFF) return false;
    bytes += static_cast<char>(byte);
  }
  return true;
}

bool read_value(ondemand::value value, Field& member) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return false;
    member.value.assign(text);
    return true;
  }
  const auto json = raw_json(value);
  if (!json || !is_json(*json)) return false;
  member.value.assign(*json);
  member.is_json = true;
  return true;
}

/// The bytes of a MESSAGE that is an array of them.
void decode_message(Field& member) {
  if (member.name != field::kMessage || !member.value.starts_with('[')) return;
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value value;
  const simdjson::padded_string padded(member.value);
  std::string bytes;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return;
  if (document.get_value().get(value) != simdjson::SUCCESS || !read_bytes(value, bytes)) return;
  member.value = std::move(bytes);
  member.is_json = false;
}

bool read_members(std::string_view text, Workspace& workspace, std::vector<Field>& members) {
  workspace.padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  workspace.padded.assign(text);
  ondemand::document document;
  ondemand::object object;
  const auto error =
      workspace.parser.iterate(workspace.padded.data(), workspace.padded.size(), workspace.padded.capacity())
          .get(document);
  if (error != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto member : object) {
    std::string_view name;
    ondemand::value value;
    if (members.size() == kMaxMembers || member.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    Field& field = members.emplace_back();
    field.name.assign(name);
    if (member.value().get(value) != simdjson::SUCCESS || !read_value(value, field)) return false;
    decode_message(field);
  }
  return at_end(document);
}

class JsonParser : public Parser {
 public:
  explicit JsonParser(std::string field) : field_(std::move(field)) {}

  Outcome apply(Draft& draft) const override {
    const auto value = value_of(draft, field_);
    if (!value) return Outcome::failed;
    // Most texts that are none are known by this already.
    const std::string_view text = trimmed(*value);
    if (!text.starts_with('{') || !text.ends_with('}')) return Outcome::failed;
    std::vector<Field> members;
    auto workspace = workspaces_.take();
    const bool good = read_members(text, *workspace, members);
    workspaces_.give_back(std::move(workspace));
    if (!good) return Outcome::failed;
    const bool is_text = field_.empty() || field_ == field::kMessage;
    if (is_text) draft.is_journal_json = false;
    put_members(std::move(members), is_text, draft);
    return Outcome::done;
  }

 private:
  std::string field_;
  mutable Workspaces workspaces_;
};

MadeParser make(const Settings& settings, const std::string&) {
  return std::make_unique<JsonParser>(settings.as<FieldSettings>().field);
}

}  // namespace

extern const ParserType kJsonParser = {"json", read_field_settings, make};

}  // namespace towld
