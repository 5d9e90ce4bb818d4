#include "outputs/entry_template.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "towl/query/address.hpp"

namespace towld {
namespace {

constexpr std::string_view kField = "field:";

void append_date(towl::Timestamp time, std::string& to) {
  const towl::CivilTime civil = towl::to_civil(time);
  std::array<char, 24> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d.%02u.%02u", civil.year,
                                 static_cast<unsigned>(civil.month), static_cast<unsigned>(civil.day));
  to.append(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

towl::Result<EntryTemplate> EntryTemplate::parse(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Kind>, 6> kKinds = {{{"sender", Kind::sender},
                                                                        {"level", Kind::level},
                                                                        {"date", Kind::date},
                                                                        {"file_uuid", Kind::file_uuid},
                                                                        {"file_id", Kind::file_id},
                                                                        {"ordinal", Kind::ordinal}}};
  EntryTemplate made;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) made.parts_.push_back({Kind::literal, std::exchange(literal, {})});
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_brace = text[i] == '{' || text[i] == '}';
    if (!is_brace || (i + 1 < text.size() && text[i + 1] == text[i])) {
      literal += text[i];
      i += is_brace ? 1 : 0;
      continue;
    }
    const auto end = text.find('}', i);
    if (text[i] == '}' || end == std::string_view::npos) {
      return towl::fail(towl::ErrorCode::invalid_argument, "a brace that means itself is written twice: {{ or }}");
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const auto known = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& kind) { return kind.first == name; });
    end_literal();
    if (known != kKinds.end()) {
      made.parts_.push_back({known->second, {}});
    } else if (name.starts_with(kField) && name.size() > kField.size()) {
      made.parts_.push_back({Kind::field, std::string(name.substr(kField.size()))});
    } else {
      return towl::fail(towl::ErrorCode::invalid_argument,
                        "{" + std::string(name) +
                            "} is not one of {sender}, {level}, {date}, {file_uuid}, {file_id}, {ordinal} and "
                            "{field:NAME}");
    }
    i = end;
  }
  end_literal();
  return made;
}

bool EntryTemplate::is_constant() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.kind == Kind::literal; });
}

void EntryTemplate::append(const FollowedEntry& followed, const towl::RecordView& record, std::string& to) const {
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Kind::literal:
        to += part.text;
        break;
      case Kind::sender:
        to += followed.entry.sender;
        break;
      case Kind::level:
        if (const auto level = record.level()) to += towl::level_name(*level);
        break;
      case Kind::date:
        append_date(followed.entry.time(), to);
        break;
      case Kind::file_uuid:
        to += towl::uuid_text(followed.uuid);
        break;
      case Kind::file_id:
        to += std::to_string(followed.file_id);
        break;
      case Kind::ordinal:
        to += std::to_string(followed.ordinal);
        break;
      case Kind::field:
        if (record.has_fields()) {
          if (const auto value = record.find(part.text)) to += *value;
        }
        break;
    }
  }
}

}  // namespace towld
