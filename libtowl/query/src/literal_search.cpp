#include "literal_search.hpp"

#include <string.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "characters.hpp"

namespace towl::detail {
namespace {

// g++ and clang have these on every machine; without such registers they split them into smaller parts.
using Bytes16 = unsigned char __attribute__((vector_size(16)));
using Halves = std::uint64_t __attribute__((vector_size(16)));

bool is_there(const char* text, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (lower_of(text[i]) != lower[i]) return false;
  }
  return true;
}

Bytes16 all(unsigned char byte) { return Bytes16{} + byte; }

Bytes16 load(const char* from) {
  Bytes16 bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// Upper and lower case of a letter differ in this bit.
unsigned char case_bit(char c) { return is_letter(c) ? 0x20 : 0; }

}  // namespace

std::size_t find_in_any_case(std::string_view text, std::string_view lower, std::size_t from) {
  const std::size_t size = lower.size();
  if (size == 0) return from;
  if (text.size() < size) return std::string_view::npos;
  const std::size_t places = text.size() - size + 1;
  const Bytes16 first = all(static_cast<unsigned char>(lower.front()));
  const Bytes16 last = all(static_cast<unsigned char>(lower.back()));
  const Bytes16 first_case = all(case_bit(lower.front()));
  const Bytes16 last_case = all(case_bit(lower.back()));
  std::size_t at = from;
  for (; at + sizeof(Bytes16) <= places; at += sizeof(Bytes16)) {
    const auto hits =
        ((load(text.data() + at) | first_case) == first) & ((load(text.data() + at + size - 1) | last_case) == last);
    const auto halves = reinterpret_cast<Halves>(hits);
    if ((halves[0] | halves[1]) == 0) continue;
    for (std::size_t i = 0; i < sizeof(Bytes16); ++i) {
      if (hits[i] != 0 && is_there(text.data() + at + i, lower)) return at + i;
    }
  }
  for (; at < places; ++at) {
    if (is_there(text.data() + at, lower)) return at;
  }
  return std::string_view::npos;
}

LiteralSearch::LiteralSearch(Literals wanted) : wanted_(std::move(wanted.literals)), ignore_case_(wanted.ignore_case) {
  if (!ignore_case_) return;
  for (std::string& literal : wanted_) std::transform(literal.begin(), literal.end(), literal.begin(), lower_of);
}

std::size_t LiteralSearch::find_one(std::string_view text, const std::string& literal, std::size_t from) const {
  if (ignore_case_) return find_in_any_case(text, literal, from);
  const void* found = memmem(text.data() + from, text.size() - from, literal.data(), literal.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool LiteralSearch::is_in(std::string_view text) const {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [&](const std::string& literal) { return find_one(text, literal, 0) != std::string_view::npos; });
}

void LiteralSearch::find_together(const Batch& batch, const std::string& literal, RowSet& found) const {
  const std::string_view bytes = batch.bytes();
  const auto entries = batch.entries();
  std::size_t row = 0;
  for (std::size_t at = find_one(bytes, literal, 0); at != std::string_view::npos; at = find_one(bytes, literal, at)) {
    const char* const hit = bytes.data() + at;
    const auto ends_before = [&](const EntryView& entry) {
      return entry.log_entry.data() + entry.log_entry.size() <= hit;
    };
    // Hits come in the order of rows, often in the next ones.
    std::size_t step = 1;
    while (row + step < entries.size() && ends_before(entries[row + step])) step *= 2;
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(row);
    const auto end = entries.begin() + static_cast<std::ptrdiff_t>(std::min(row + step + 1, entries.size()));
    row = static_cast<std::size_t>(std::partition_point(begin, end, ends_before) - entries.begin());
    if (row == entries.size()) return;
    const std::string_view text = entries[row].log_entry;
    const char* const text_end = text.data() + text.size();
    const bool inside = hit >= text.data() && hit + literal.size() <= text_end;
    if (inside) found.add(row);
    at = inside ? static_cast<std::size_t>(text_end - bytes.data()) : at + 1;
    if (at >= bytes.size()) return;
  }
}

void LiteralSearch::find(const Batch& batch, const RowSet& among, RowSet& found) const {
  // If few rows are left, or their texts are not together, each is looked at by itself.
  const bool together = !batch.bytes().empty() && 4 * among.count() >= among.rows();
  if (!together) {
    among.each([&](std::size_t row) {
      if (is_in(batch.entries()[row].log_entry)) found.add(row);
    });
    return;
  }
  for (const std::string& literal : wanted_) find_together(batch, literal, found);
  found.keep(among);
}

}  // namespace towl::detail
