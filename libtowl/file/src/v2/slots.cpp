#include "v2/slots.hpp"

#include <string>

#include "v2/footer_io.hpp"
#include "v2/header_io.hpp"

namespace towl::detail::v2 {

namespace {

Result<Slots> read_both(File& file, std::uint32_t tag) {
  std::string page(kPageBytes, '\0');
  const auto got = file.read_at(kIndexOffset, page);
  if (!got) return fail(got.error());
  page.resize(*got);
  page.resize(kPageBytes);
  Slots slots;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::string_view bytes = std::string_view(page).substr(i * kSlotBytes, kSlotBytes);
    auto slot = decode_slot(bytes, tag);
    slots.unused[i] = bytes.find_first_not_of('\0') == std::string_view::npos;
    // A slot in the other one's place is a copy, not a slot.
    const bool valid = slot && slot_offset(slot->sequence) == kIndexOffset + i * kSlotBytes;
    slots.damaged[i] = !valid && !slots.unused[i];
    if (valid && (!slots.newest || slot->sequence > slots.newest->sequence)) slots.newest = std::move(slot);
  }
  return slots;
}

// A sealed file has one slot, and its footer repeats it.
Result<void> add_footer(File& file, std::uint32_t tag, Slots& slots) {
  auto footer = read_footer(file, tag);
  if (!footer) return fail(std::move(footer.error()));
  if (!*footer) return {};
  slots.footer = std::move(*footer);
  if (slots.newest && encode_slot(*slots.newest, tag) != encode_slot(slots.footer->slot, tag)) {
    slots.damaged[(slot_offset(slots.newest->sequence) - kIndexOffset) / kSlotBytes] = true;
  }
  slots.newest = slots.footer->slot;
  return {};
}

}  // namespace

Result<Slots> read_slots(File& file, std::uint32_t tag) {
  auto slots = read_both(file, tag);
  if (!slots || (slots->newest && !slots->newest->index.sealed)) return slots;
  if (auto added = add_footer(file, tag, *slots); !added) return fail(std::move(added.error()));
  return slots;
}

Result<Slots> read_index_page(File& file, std::uint32_t tag) {
  auto slots = read_both(file, tag);
  if (!slots || slots->newest) return slots;
  if (auto added = add_footer(file, tag, *slots); !added) return fail(std::move(added.error()));
  return slots;
}

Result<void> check_own_header(File& file, std::uint32_t tag, const Slots& slots) {
  if (slots.newest) return {};
  const auto repeated = read_repeated_header(file);
  if (!repeated) return repeated.error().code == ErrorCode::io ? fail(repeated.error()) : Result<void>();
  if (file_tag(repeated->header.uuid) == tag) return {};
  Error error{.code = ErrorCode::corrupt, .message = "the header page is that of another file"};
  error.offset = kHeaderOffset;
  return fail(std::move(error));
}

Result<void> write_slot(File& file, const Slot& slot, std::uint32_t tag) {
  return file.write_at(slot_offset(slot.sequence), encode_slot(slot, tag));
}

}  // namespace towl::detail::v2
