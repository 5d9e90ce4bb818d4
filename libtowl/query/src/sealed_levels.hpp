// SealedLevels tells the levels of a sealed frame's entries from templates and columns.
//
// The level of an entry with fields follows from its template and the few values that are at a place for a level. Each
// combination is put together once, with nothing in place of all other values, and read like any entry. That is correct
// if the other values cannot make the entry invalid as JSON. If they could, or if something is not understood, the
// level is not known.
// Reusable. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "column_looks.hpp"
#include "towl/record/record_view.hpp"
#include "v2/sealed_frame.hpp"

namespace towl::detail {

class SealedLevels {
 public:
  static constexpr std::int8_t kNone = -1;
  static constexpr std::int8_t kUnknown = -2;

  /// The level of each entry, kNone or kUnknown. False if something is damaged.
  bool find(v2::SealedFrame& frame, std::vector<std::int8_t>& levels);

 private:
  /// What follows a literal part of a template.
  struct Slot {
    bool in_string = false;
    bool says_level = false;
  };
  /// The level of entries of a template that have this one value for a level; "": they have no such value.
  struct KnownLevel {
    std::uint64_t head = 0;  ///< The value's first bytes: mostly all of it.
    std::string value = {};
    std::int8_t level = kNone;
  };
  struct Form {
    bool is_plain = true;  ///< It is understood.
    bool says_level = false;
    std::uint32_t nested = 0;      ///< How many nested texts it has.
    std::vector<Slot> slots = {};  ///< Of each piece.
    std::vector<KnownLevel> known = {};
    std::vector<std::int8_t> of_byte =
        {};  ///< The same for values of one byte, which most are; empty until there is one.
  };

  static Form form_of(std::span<const v2::TextPiece> pieces);
  bool find_unsafe(v2::TextDecoder& texts, ColumnLooks& looks, std::vector<ColumnLooks::Values>& unsafe);
  bool find_unsafe_nested(v2::TextDecoder& nested, std::vector<char>& is_unsafe_text);
  std::vector<std::int8_t> levels_of_templates(v2::TextDecoder& texts);
  std::int8_t level_of(v2::TextDecoder& texts, std::size_t number, const std::vector<ColumnLooks::Look>& look,
                       const std::vector<std::uint32_t>& values);
  std::int8_t read_level(v2::TextDecoder& texts, std::size_t number, const std::vector<ColumnLooks::Look>& look,
                         const std::vector<std::uint32_t>& values);

  std::vector<Form> forms_;
  RecordView record_;
  std::string text_;
};

/// The levels of one frame's entries, found when they are first asked for.
class FrameLevels {
 public:
  /// From now on they are those of another frame.
  void forget() { state_ = State::not_asked; }

  /// As SealedLevels::find() gives them; nullptr if something is damaged.
  const std::int8_t* of(v2::SealedFrame& frame) {
    if (state_ == State::not_asked) state_ = finder_.find(frame, levels_) ? State::found : State::damaged;
    return found();
  }
  /// nullptr if nobody has asked for them, or something is damaged.
  const std::int8_t* found() const { return state_ == State::found ? levels_.data() : nullptr; }

 private:
  enum class State { not_asked, found, damaged };
  SealedLevels finder_;
  std::vector<std::int8_t> levels_;
  State state_ = State::not_asked;
};

}  // namespace towl::detail
