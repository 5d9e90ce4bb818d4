#include "towl/record/record_view.hpp"

#include <array>
#include <charconv>
#include <deque>
#include <string>
#include <vector>

#include "json_scan.hpp"
#include "said.hpp"
#include "towl/record/json_text.hpp"

namespace towl {

using detail::Best;

struct RecordView::State {
  // Other writers have no limit except what a reader reads.
  JsonReader reader{JsonLimits{.bytes = kMaxReadEntryBytes, .members = std::size_t{1} << 16}};
  JsonReader inner;
  EntryView entry = {};
  bool is_read = false;
  bool has_object = false;
  std::span<const JsonMember> members = {};
  bool has_fields_read = false;
  std::vector<RecordField> fields = {};
  std::deque<std::string> decoded = {};
  bool is_implied_made = false;
  std::array<RecordField, 3> implied = {};
  std::size_t implied_count = 0;
  std::array<char, 24> received_digits = {};
  std::array<char, 24> time_digits = {};

  void read() {
    if (is_read) return;
    is_read = true;
    has_object = false;
    members = {};
    if (entry.log_format != LogFormat::journal_json) return;
    const auto object = reader.read(entry.log_entry);
    if (!object) return;
    has_object = true;
    members = *object;
  }

  void read_fields() {
    read();
    if (has_fields_read) return;
    has_fields_read = true;
    fields.clear();
    decoded.clear();
    for (const JsonMember& member : members) add(member);
  }

  void add(const JsonMember& member) {
    if (member.kind == JsonKind::null) return;
    if (member.kind != JsonKind::array) {
      fields.push_back({member.name, member.kind == JsonKind::object ? compact(member.json) : member.text});
      return;
    }
    auto bytes = detail::bytes_of(member.json);
    if (bytes && !bytes->empty()) {
      fields.push_back({member.name, decoded.emplace_back(std::move(*bytes))});
    } else if (bytes) {
      fields.push_back({member.name, "[]"});
    } else {
      detail::each_element(member.json, [&](std::string_view element) { add_repeated(member.name, element); });
    }
  }

  // journald never nests deeper.
  void add_repeated(std::string_view name, std::string_view element) {
    if (element == "null") return;
    if (element.starts_with('"')) {
      const bool is_plain = element.find('\\') == std::string_view::npos;
      fields.push_back(
          {name, is_plain ? element.substr(1, element.size() - 2) : decoded.emplace_back(unescape_json(element))});
      return;
    }
    if (element.starts_with('[')) {
      if (auto bytes = detail::bytes_of(element); bytes && !bytes->empty()) {
        fields.push_back({name, decoded.emplace_back(std::move(*bytes))});
        return;
      }
    }
    fields.push_back({name, compact(element)});
  }

  std::string_view compact(std::string_view json) {
    if (json.find_first_of(" \t\r\n") == std::string_view::npos) return json;
    std::string& made = decoded.emplace_back();
    append_compact_json(json, made);
    return made;
  }
};

RecordView::RecordView() : state_(std::make_unique<State>()) {}
RecordView::RecordView(RecordView&&) noexcept = default;
RecordView& RecordView::operator=(RecordView&&) noexcept = default;
RecordView::~RecordView() = default;

void RecordView::set(const EntryView& entry) {
  state_->entry = entry;
  state_->is_read = false;
  state_->has_fields_read = false;
  state_->is_implied_made = false;
}

const EntryView& RecordView::entry() const { return state_->entry; }

bool RecordView::has_fields() const {
  state_->read();
  return state_->has_object;
}

std::span<const JsonMember> RecordView::members() const {
  state_->read();
  return state_->members;
}

std::span<const RecordField> RecordView::fields() const {
  state_->read_fields();
  return state_->fields;
}

std::span<const RecordField> RecordView::implied() const {
  State& state = *state_;
  if (state.is_implied_made) return {state.implied.data(), state.implied_count};
  state.is_implied_made = true;
  state.implied_count = 0;
  bool has_received = false;
  bool has_time = false;
  bool has_host = false;
  for (const JsonMember& member : members()) {
    has_received |= member.name == field::kReceived;
    has_time |= member.name == field::kSourceTime;
    has_host |= member.name == field::kHost;
  }
  const EntryView& entry = state.entry;
  const auto add = [&](std::string_view name, std::string_view value) {
    state.implied[state.implied_count++] = {name, value};
  };
  const auto add_time = [&](std::string_view name, Timestamp time, std::array<char, 24>& digits) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), time / 1000).ptr;
    add(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
  };
  if (!has_received) add_time(field::kReceived, entry.received, state.received_digits);
  if (!has_time && !has_received && entry.time_offset != 0)
    add_time(field::kSourceTime, entry.time(), state.time_digits);
  if (!has_host && !entry.sender.empty()) add(field::kHost, entry.sender);
  return {state.implied.data(), state.implied_count};
}

std::optional<std::string_view> RecordView::find(std::string_view name) const {
  for (const RecordField& field : fields()) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> RecordView::number(std::string_view name) const {
  const auto text = find(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::string_view RecordView::message() const {
  Best best;
  Best other;  // No string: better than nothing.
  for (const JsonMember& member : members()) {
    const KnownName known = meaning_of(member.name);
    if (known.meaning != Meaning::message || member.kind == JsonKind::null) continue;
    Best& target = detail::is_message(member, known) ? best : other;
    if (target.is_better(known)) target.take(member, known);
  }
  if (best.member == nullptr) best = other;
  if (best.member == nullptr) return state_->entry.log_entry;
  if (best.member->kind != JsonKind::array) return best.member->text;
  for (const RecordField& field : fields()) {
    if (field.name == best.member->name) return field.value;
  }
  return best.member->text;
}

std::optional<Level> RecordView::level() const {
  std::optional<Level> level;
  std::uint8_t rank = Best::kNone;
  const auto look_at = [&](const JsonMember& member, const KnownName& known) {
    if (known.meaning != Meaning::level || known.rank >= rank) return;
    if (const auto said = detail::level_of(member, known)) {
      level = said;
      rank = known.rank;
    }
  };
  for (const JsonMember& member : members()) {
    look_at(member, meaning_of(member.name));
    if (member.kind != JsonKind::object || !is_known_group(member.name)) continue;
    const auto inside = state_->inner.read(member.json);
    if (!inside) continue;
    for (const JsonMember& one : *inside) {
      look_at(one, meaning_of(std::string(member.name) + "." + std::string(one.name)));
    }
  }
  return level;
}

std::optional<Timestamp> RecordView::said_time(const TimeZone& zone, bool& is_unreadable) const {
  std::optional<Timestamp> time;
  std::uint8_t rank = Best::kNone;
  is_unreadable = false;
  for (const JsonMember& member : members()) {
    const KnownName known = meaning_of(member.name);
    if (known.meaning != Meaning::time || known.rank >= rank) continue;
    if (const auto said = detail::time_of(member, known, zone, state_->entry.received)) {
      time = said;
      rank = known.rank;
    } else if (detail::is_surely_time(member, known)) {
      is_unreadable = true;
    }
  }
  if (time) is_unreadable = false;
  return time;
}

bool RecordView::is_unit(const RecordField& field) { return meaning_of(field.name).meaning == Meaning::unit; }

void append_json_record(const RecordView& record, std::string& to) {
  const std::string_view stored = record.entry().log_entry;
  to += '{';
  const std::size_t begin = to.size();
  const auto comma = [&] {
    if (to.size() > begin) to += ',';
  };
  for (const RecordField& field : record.implied()) {
    comma();
    append_json_name(field.name, to);
    to += ':';
    append_json_text(field.value, to);
  }
  if (!record.members().empty()) comma();
  const std::string_view rest = stored.substr(stored.find('{') + 1);
  if (stored.find_first_of("\r\n") == std::string_view::npos) {
    to += rest;  // As it is: nothing is lost or reordered.
  } else {
    append_compact_json(rest, to);
  }
}

void append_json_entry(FileId file_id, Ordinal ordinal, const EntryView& entry, std::string& to) {
  to += R"({"file_id":)" + std::to_string(file_id) + R"(,"ordinal":)" + std::to_string(ordinal) + R"(,"sender":)";
  append_json_text(entry.sender, to);
  to += R"(,"time":")";
  to += format_rfc3339(entry.time()).view();
  to += R"(","received":")";
  to += format_rfc3339(entry.received).view();
  to += R"(","log_format":)" + std::to_string(static_cast<int>(entry.log_format)) + R"(,"log_entry":)";
  append_json_text(entry.log_entry, to);
  to += '}';
}

}  // namespace towl
