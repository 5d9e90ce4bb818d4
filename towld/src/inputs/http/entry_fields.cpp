#include "inputs/http/entry_fields.hpp"

#include "parse/members.hpp"
#include "towl/record/members.hpp"
#include "towl/record/names.hpp"

namespace towld {

void EntryFields::put(Draft& draft) const {
  put_found(fields_, false, zone_, draft);
  std::uint8_t rank = 0xFF;
  for (const Field& field : fields_) {
    const auto known = towl::meaning_of(field.name);
    if (known.meaning != towl::Meaning::sender || known.rank > rank || field.is_json) continue;
    if (field.value.empty() || field.value.size() > towl::kMaxSenderBytes) continue;
    rank = known.rank;
    draft.sender = field.value;
  }
}

}  // namespace towld
