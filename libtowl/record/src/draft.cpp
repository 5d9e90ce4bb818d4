#include "towl/record/draft.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <unordered_set>

#include "towl/record/json_reader.hpp"
#include "towl/record/json_text.hpp"

namespace towl {
namespace {

/// From this many fields on, names are looked up in a set: a hostile entry could make comparing all pairs very slow.
constexpr std::size_t kManyFields = 64;

/// True if no two names have the same length and last letter, more or less: true nearly always, and much quicker than
/// comparing all pairs.
bool are_surely_distinct(const std::vector<DraftField>& fields) {
  std::uint64_t seen = 0;
  for (const DraftField& field : fields) {
    const auto last = field.name.empty() ? 0U : static_cast<unsigned char>(field.name.back());
    const std::uint64_t bit = std::uint64_t{1} << ((field.name.size() * 7 + last) % 64);
    if ((seen & bit) != 0) return false;
    seen |= bit;
  }
  return true;
}

/// Calls `write` for the last field of each name, in order.
template <class Write>
void each_last(const std::vector<DraftField>& fields, Write write) {
  if (are_surely_distinct(fields)) {
    for (const DraftField& field : fields) write(field);
    return;
  }
  if (fields.size() < kManyFields) {
    for (auto field = fields.begin(); field != fields.end(); ++field) {
      const auto same = [&](const DraftField& later) { return later.name == field->name; };
      if (std::none_of(field + 1, fields.end(), same)) write(*field);
    }
    return;
  }
  std::unordered_set<std::string_view> names;
  std::vector<const DraftField*> last;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (names.insert(field->name).second) last.push_back(&*field);
  }
  for (auto field = last.rbegin(); field != last.rend(); ++field) write(**field);
}

/// Appends members to an object.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& to) : to_(to) { to_ += '{'; }

  std::string& name(std::string_view name) {
    if (!first_) to_ += ',';
    first_ = false;
    append_json_name(name, to_);
    to_ += ':';
    return to_;
  }

  void end() { to_ += '}'; }

 private:
  std::string& to_;
  bool first_ = true;
};

void write_fields(const Draft& draft, ObjectWriter& object) {
  each_last(draft.fields, [&](const DraftField& field) {
    std::string& to = object.name(field.name);
    if (field.is_json) {
      to += field.value;
    } else if (draft.is_from_journal) {
      append_journal_text(field.value, to);
    } else {
      append_json_text(field.value, to);
    }
  });
}

/// The text's object with the fields in it, its own members byte for byte. False, and nothing appended, if the text is
/// no object after all.
bool write_merged(const Draft& draft, std::string& to) {
  JsonReader reader;
  const auto members = reader.read(draft.text);
  if (!members) return false;
  ObjectWriter merged(to);
  for (const JsonMember& member : *members) {
    if (draft.find(member.name) == nullptr) merged.name(member.name) += member.json;
  }
  write_fields(draft, merged);
  merged.end();
  return true;
}

}  // namespace

void Draft::set_time(Timestamp when) {
  time = when;
  is_time_unreadable = false;
  if (when <= 0) {
    remove(field::kSourceTime);
    return;
  }
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), when / 1000).ptr;
  set(field::kSourceTime, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

LogFormat format_of(const Draft& draft) {
  return draft.fields.empty() && !draft.is_journal_json ? LogFormat::text : LogFormat::journal_json;
}

void encode_draft(const Draft& draft, std::string& to) {
  if (draft.fields.empty()) {
    to += draft.text;
    return;
  }
  if (draft.is_journal_json && write_merged(draft, to)) return;
  ObjectWriter object(to);
  const bool has_message = !draft.may_lack_message || !draft.text.empty();
  if (has_message && draft.find(field::kMessage) == nullptr) {
    std::string& message = object.name(field::kMessage);
    if (draft.is_from_journal) {
      append_journal_text(draft.text, message);
    } else {
      append_json_text(draft.text, message);
    }
  }
  write_fields(draft, object);
  object.end();
}

}  // namespace towl
