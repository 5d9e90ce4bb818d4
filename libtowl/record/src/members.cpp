#include "towl/record/members.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "json_scan.hpp"
#include "said.hpp"

namespace towl {
namespace {

using detail::Best;

/// Up to this many fields, a name is compared with all of them.
constexpr std::size_t kFewFields = 32;

struct SaidTime {
  std::uint8_t rank = Best::kNone;
  std::optional<Timestamp> time = {};
  bool is_unreadable = false;
};

/// Adds `members` to the draft's fields. With a map of names if there are many: a hostile entry could slow pairs down.
class FieldAdder {
 public:
  FieldAdder(std::size_t members, bool are_distinct, Draft& draft)
      : draft_(draft),
        fields_(draft.fields),
        known_(are_distinct ? fields_.size() : SIZE_MAX),
        is_many_(fields_.size() + members > kFewFields && known_ > 0) {
    if (!is_many_) return;
    for (std::size_t i = 0; i < fields_.size(); ++i) places_.emplace(fields_[i].name, i);
  }

  void add(const JsonMember& member) {
    const bool is_json = member.kind != JsonKind::string || !member.is_exact;
    const std::string_view value = is_json ? member.json : member.text;
    if (DraftField* same = find(member.name)) {
      same->value.assign(value);
      same->is_json = is_json;
      return;
    }
    draft_.add(member.name, value, is_json);
  }

 private:
  DraftField* find(std::string_view name) {
    if (!is_many_) {
      const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(std::min(known_, fields_.size()));
      const auto found = std::find_if(fields_.begin(), end, [&](const DraftField& one) { return one.name == name; });
      return found == end ? nullptr : &*found;
    }
    const auto [place, added] = places_.emplace(name, fields_.size());
    return added ? nullptr : &fields_[place->second];
  }

  Draft& draft_;
  std::vector<DraftField>& fields_;
  const std::size_t known_;  // Of distinct members, only fields that were there before may have the name.
  const bool is_many_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// One pass over the members: finds what they say, and which of them do not become fields.
class Sorter {
 public:
  Sorter(bool is_entry, const TimeZone& zone, Timestamp near) : is_entry_(is_entry), zone_(zone), near_(near) {}

  void look_at(const JsonMember& member) {
    const KnownName known = meaning_of(member.name);
    switch (known.meaning) {
      case Meaning::message:
        if (is_entry_ && text_.is_better(known) && detail::is_message(member, known)) text_.take(member, known);
        break;
      case Meaning::sender:
        if (is_entry_ && sender_.is_better(known) && member.kind == JsonKind::string && !member.text.empty() &&
            member.text.size() <= kMaxSenderBytes) {
          sender_.take(member, known);
        }
        break;
      case Meaning::level:
        look_for_level(member, known);
        break;
      case Meaning::time:
        look_for_time(member, known);
        break;
      default:
        break;
    }
    if (member.kind == JsonKind::object && is_known_group(member.name)) groups_ = true;
    if (member.name == "stream" && (member.text == "stdout" || member.text == "stderr")) has_stream_ = true;
  }

  /// "log":{"level":…} says what "log.level" does.
  void look_inside(std::span<const JsonMember> members) {
    if (!groups_) return;
    JsonReader inner;
    for (const JsonMember& member : members) {
      if (member.kind != JsonKind::object || !is_known_group(member.name)) continue;
      const auto inside = inner.read(member.json);
      if (!inside) continue;
      for (const JsonMember& one : *inside) {
        const KnownName known = meaning_of(std::string(member.name) + "." + std::string(one.name));
        if (known.meaning == Meaning::level) look_for_level(one, known);
        if (known.meaning == Meaning::sender && is_entry_ && sender_.is_better(known) && one.kind == JsonKind::string &&
            !one.text.empty() && one.text.size() <= kMaxSenderBytes) {
          inner_sender_.assign(one.text);
          sender_.take(member, known);
        }
      }
    }
  }

  bool becomes_field(const JsonMember& member) const {
    if (text_.member != nullptr && member.name == text_.member->name) return false;
    if (is_entry_ && member.kind == JsonKind::null && member.name == field::kMessage) return false;
    if (sender_.member == nullptr || sender_.known.is_journals || sender_.member->kind != JsonKind::string) return true;
    return member.name != sender_.member->name;
  }

  void finish(Draft& draft) {
    if (text_.member != nullptr) {
      assign_text(*text_.member, draft.text);
      // Docker ends whole lines with a newline.
      if (has_stream_ && text_.member->kind == JsonKind::string && text_.member->name == "log") {
        draft.is_partial = !text_.member->text.ends_with('\n');
      }
    }
    if (sender_.member != nullptr) {
      draft.sender.assign(sender_.member->kind == JsonKind::string ? sender_.member->text : inner_sender_);
    }
    if (level_) draft.set_level(*level_);
    if (time_.time) {
      draft.time = time_.time;
      draft.is_time_unreadable = false;
      // The field that an earlier parser set in the journal's terms must not say another time.
      if (time_.rank > 0 && draft.find(field::kSourceTime) != nullptr) draft.set_time(*time_.time);
    } else if (time_.is_unreadable) {
      draft.is_time_unreadable = true;
    }
  }

  bool has_text() const { return text_.member != nullptr; }

 private:
  static void assign_text(const JsonMember& member, std::string& text) {
    if (member.kind == JsonKind::array) {
      if (auto bytes = detail::bytes_of(member.json)) {
        text = std::move(*bytes);
        return;
      }
    }
    text.assign(member.text);
    // Docker's lines keep their ends.
    if (member.name == "log" && text.ends_with('\n')) text.pop_back();
  }

  void look_for_level(const JsonMember& member, const KnownName& known) {
    if (known.rank > level_rank_) return;
    const auto level = detail::level_of(member, known);
    if (!level) return;
    level_ = level;
    level_rank_ = known.rank;
  }

  void look_for_time(const JsonMember& member, const KnownName& known) {
    if (known.rank > time_.rank) return;
    if (const auto time = detail::time_of(member, known, zone_, near_)) {
      time_.time = time;
      time_.rank = known.rank;
    } else if (detail::is_surely_time(member, known)) {
      time_.is_unreadable = true;
    }
  }

  const bool is_entry_;
  const TimeZone& zone_;
  const Timestamp near_;
  bool groups_ = false;
  bool has_stream_ = false;
  Best text_;
  Best sender_;
  std::string inner_sender_;
  std::optional<Level> level_;
  std::uint8_t level_rank_ = Best::kNone;
  SaidTime time_;
};

/// True if there is a text among the members.
bool sort_members(std::span<const JsonMember> members, bool are_distinct, bool is_entry, const TimeZone& zone,
                  Draft& draft) {
  Sorter sorter(is_entry, zone, draft.received != 0 ? draft.received : now());
  for (const JsonMember& member : members) sorter.look_at(member);
  sorter.look_inside(members);
  FieldAdder adder(members.size(), are_distinct, draft);
  for (const JsonMember& member : members) {
    if (sorter.becomes_field(member)) adder.add(member);
  }
  sorter.finish(draft);
  return sorter.has_text();
}

}  // namespace

void put_members(std::span<const JsonMember> members, bool is_entry, const TimeZone& zone, Draft& draft) {
  sort_members(members, false, is_entry, zone, draft);
}

JsonEntryReader::JsonEntryReader(TimeZone zone, const JsonLimits& limits) : reader_(limits), zone_(std::move(zone)) {}

Result<void> JsonEntryReader::read(std::string_view text, Draft& draft) {
  const auto members = reader_.read(text);
  if (!members) return fail(members.error());
  put(*members, text, draft);
  return {};
}

Result<void> JsonEntryReader::read_padded(std::string_view text, Draft& draft) {
  const auto members = reader_.read_padded(text);
  if (!members) return fail(members.error());
  put(*members, text, draft);
  return {};
}

Result<void> JsonEntryReader::read_part(std::string_view text, Draft& draft) {
  const auto members = reader_.read(text);
  if (!members) return fail(members.error());
  sort_members(*members, true, false, zone_, draft);
  return {};
}

void JsonEntryReader::put(std::span<const JsonMember> members, std::string_view text, Draft& draft) {
  draft.is_journal_json = false;
  const bool has_text = sort_members(members, true, true, zone_, draft);
  reader_.release();
  if (has_text) return;
  if (draft.fields.empty()) {
    draft.text.assign(text);
  } else {
    // The object's text says no more than its fields.
    draft.text.clear();
    draft.may_lack_message = true;
  }
}

}  // namespace towl
