// A PatternMiner gathers the templates of frames, merged and counted.
//
// Threads: one at a time; each thread has its own.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "towl/query/patterns.hpp"
#include "towl/record/record_view.hpp"
#include "v2/sealed_frame.hpp"
#include "word_columns.hpp"

namespace towl::detail {

/// A template without the parts that vary: its literal parts, with `\0` in place of the rest and of words with digits.
/// `word(piece)` is a word that is still put in the place of a piece, if there is one.
using WordOf = std::function<std::optional<std::string_view>(std::size_t piece)>;
std::string pattern_of(std::span<const v2::TextPiece> pieces, bool is_json, const WordOf& word = {});

/// The same for a text that has no template: as much of it as patterns keep.
std::string pattern_of_text(std::string_view text);

/// The pattern as people see it.
std::string shown_pattern(std::string_view pattern);

/// Whether times of entries are looked at.
inline bool has_times(const PatternOptions& options) {
  using Limits = std::numeric_limits<Timestamp>;
  return options.since != Limits::min() || options.until != Limits::max() || options.new_since;
}

class PatternMiner final : public v2::FrameSieve {
 public:
  explicit PatternMiner(const PatternOptions& options)
      : options_(options), has_times_(has_times(options)), max_bytes_(options.max_bytes) {}

  struct Found {
    std::uint64_t count = 0;
    std::uint64_t earlier = 0;
    SearchPlace example = {};
    std::uint64_t general = 0;  ///< If its words were kept: which pattern it has without them. 0: none.
  };

  /// Frames are of this file from now on, and entries are looked at before the ordinal `end`.
  void begin(std::size_t file, Ordinal from, Ordinal end) {
    file_ = file;
    from_ = from;
    end_ = end;
    rows_ = 0;
  }
  /// Of frames that are made of entries: their ordinals, which must stay; nullptr: those of the frame itself.
  void set_ordinals(const std::vector<Ordinal>* ordinals) {
    ordinals_ = ordinals;
    rows_ = 0;
  }
  /// From now on more, or fewer, bytes of patterns are kept.
  void set_max_bytes(std::size_t bytes) { max_bytes_ = bytes; }

  /// Counts the entries of the frame that have a template. The others, each the only one of its kind in the frame, are
  /// chosen: give them to add_text().
  Texts sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& chosen) override;

  /// Whether the entry at `ordinal` is of the frame that was sifted last …
  bool was_sifted(Ordinal ordinal) const { return ordinal >= first_ && ordinal - first_ < rows_; }
  /// … and whether its text is needed: of the row of that frame.
  bool needs_text(std::uint64_t row) const {
    return row / 64 < chosen_.size() && (chosen_[row / 64] >> (row % 64) & 1) != 0;
  }
  Ordinal first() const { return first_; }
  void add_text(Ordinal ordinal, const EntryView& entry);

  /// Adds what another miner found.
  void add(const PatternMiner& other);
  /// Merges patterns into others that are the same but vary in more places, and patterns with too many different words
  /// into the one without these words. Bounded, whatever the patterns are: of very many, not all are compared.
  void merge();

  const std::unordered_map<std::string, Found>& found() const { return found_; }
  std::uint64_t others() const { return others_; }

 private:
  void add(std::string pattern, const Found& found, std::size_t max_bytes);
  /// What was counted of a template's kinds, from counted_[at] on.
  void add_kinds(std::span<const v2::TextPiece> pieces, bool is_json, const WordColumns& words, std::size_t number,
                 const std::string& general, std::size_t at);
  /// For the templates of a frame's texts, or of the nested ones: plans which are told apart.
  void plan(v2::TextDecoder& texts, bool is_json, std::size_t offset, WordColumns& words);
  std::uint64_t keep_general(const std::string& pattern);
  void move(const std::string& from, const std::string& to);
  void fold_words();
  /// False if the entry is not among those that are looked at.
  bool note(Ordinal ordinal, Timestamp time, Found& found) const;

  const PatternOptions& options_;
  const bool has_times_;
  std::size_t max_bytes_;
  std::size_t file_ = 0;
  Ordinal from_ = 0;
  Ordinal end_ = 0;
  const std::vector<Ordinal>* ordinals_ = nullptr;
  std::unordered_map<std::string, Found> found_;
  std::size_t bytes_ = 0;
  std::uint64_t others_ = 0;
  std::unordered_map<std::uint64_t, std::string> generals_;  // By Found::general.
  std::vector<Found> counted_;            // Of each kind of each template of a frame, then of each nested one …
  std::vector<std::size_t> counted_at_;   // … where those of a template begin.
  std::vector<bool> says_nothing_;        // Of each template.
  std::vector<std::string> generals_of_;  // Of each template that texts have: its pattern.
  WordColumns words_;
  WordColumns nested_words_;
  Ordinal first_ = 0;  // Of the frame that was sifted last, …
  std::size_t rows_ = 0;
  std::vector<std::uint64_t> chosen_;  // … and which of its texts are needed.
  RecordView record_;
};

}  // namespace towl::detail
