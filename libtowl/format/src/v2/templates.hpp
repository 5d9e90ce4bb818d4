// Templates: what is left of texts without their variable parts. Each different one is kept once per frame.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "v2/tokens.hpp"

namespace towl::detail::v2 {

/// How templates are written: literal bytes with these in between. Texts with such literal bytes get no template.
inline constexpr char kSlotMark = '\0';
inline constexpr char kEndMark = '\1';
inline constexpr char kNestedMark = '\2';
inline constexpr char kLastMark = kNestedMark;

/// The limit of different templates in a frame. Logs have a few hundred. Prose has one per line: to search for what
/// its lines have in common would take more time and memory than everything else.
inline constexpr std::size_t kMaxTemplates = 4096;

struct Template {
  std::string text;                 ///< As it is written.
  std::vector<std::uint64_t> keys;  ///< Of each slot that is not nested, as TextSlot has them.
  std::uint32_t uses = 0;
};

/// Does `text` have bytes that cannot be literal?
bool has_marks(std::string_view text);

/// The templates of a run of texts. Reusable. One thread at a time.
class TemplateTable {
 public:
  void clear();
  /// The template of `text` with `slots`, which are in order; nullopt if it cannot have one.
  std::optional<std::uint32_t> intern(std::string_view text, std::span<const TextSlot> slots);
  const std::vector<Template>& templates() const { return templates_; }

 private:
  std::optional<std::uint32_t> insert(std::string_view text, std::span<const TextSlot> slots, std::uint64_t hash);

  std::vector<Template> templates_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_hash_;
};

}  // namespace towl::detail::v2
