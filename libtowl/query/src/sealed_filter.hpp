// A SealedFilter decides about the entries of a sealed frame, as far as possible before their texts are put together.
// It is an expression with three results: yes, no and not known.
//
// Threads: one at a time a frame; a filter does not change.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "batch.hpp"
#include "filter.hpp"
#include "group_counter.hpp"
#include "literal_bits.hpp"
#include "sealed_levels.hpp"
#include "sealed_texts.hpp"
#include "v2/sealed_frame.hpp"

namespace towl::detail {

/// What filters look at: a sealed frame, and what one filter found in it that another may use.
class SealedBatch {
 public:
  /// Borrows `levels`, which are those of this frame, or were not asked for yet.
  SealedBatch(v2::SealedFrame& frame, const FileFacts& facts, FrameLevels& levels);

  std::size_t rows() const { return frame_.count(); }
  /// Its entries, without texts.
  Batch& entries();
  SealedTexts& texts() { return texts_; }
  /// SealedLevels of its entries; nullptr if something is damaged.
  const std::int8_t* levels() { return levels_.of(frame_); }
  /// The entries with fields; nullptr if none has any.
  const RowSet* records() const { return has_records_ ? &records_ : nullptr; }
  /// Entries whose values may read differently from how they are stored: SealedTexts::find_escapes(). nullptr if
  /// something is damaged.
  const RowSet* escaped(bool in_objects, bool only_codes);

 private:
  v2::SealedFrame& frame_;
  const FileFacts& facts_;
  FrameLevels& levels_;
  std::optional<SealedTexts> nested_;
  SealedTexts texts_;
  std::optional<Batch> entries_;
  bool has_records_ = false;
  RowSet records_;
  struct Escaped {
    bool is_known = false;
    bool is_damaged = false;
    RowSet rows = {};
  };
  Escaped escaped_[4];
};

class SealedFilter {
 public:
  virtual ~SealedFilter() = default;

  /// Sets `rows`, which has as many rows as the batch. False if something is damaged.
  virtual bool decide(SealedBatch& batch, TextRows& rows) const = 0;
};

/// nullptr if frames would tell nothing. `always`: make one anyway.
std::unique_ptr<SealedFilter> make_sealed_filter(const Expression& expression, bool always = false);

/// Sifts the frames that a reader comes to, and keeps what was found out about the last one.
class SealedSieve final : public v2::FrameSieve {
 public:
  /// `is_over`: there is no more time: sifting stops, so that the reader gets to look at the clock.
  /// With a counter, entries that are surely wanted are counted, and known() does not give them. `wants_levels`:
  /// levels() are wanted, and the texts of entries whose levels are not known.
  SealedSieve(Expression expression, std::unique_ptr<SealedFilter> filter, bool wants_text, bool wants_levels,
              GroupCounter* counter, std::function<bool()> is_over)
      : expression_(std::move(expression)),
        filter_(std::move(filter)),
        wants_text_(wants_text),
        wants_levels_(wants_levels),
        counter_(counter),
        is_over_(std::move(is_over)) {}

  /// From now on frames are of this file.
  void begin(const FileFacts& facts) {
    facts_ = &facts;
    rows_.reset(0);
  }

  bool wants(const v2::FrameHeader& header) override;
  Texts sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& chosen) override;

  /// Gives what is known of the entries [first, first + rows) of the file; false: nothing. `undecided`: the entries of
  /// `wanted` that still have to be looked at.
  bool known(Ordinal first, std::size_t rows, RowSet& wanted, RowSet& undecided) const;

  /// Their levels, as in SealedLevels; nullptr if none is known.
  const std::int8_t* levels(Ordinal first, std::size_t rows) const;

 private:
  bool holds(Ordinal first, std::size_t rows) const {
    return first >= first_ && first + rows <= first_ + rows_.may.rows() && rows > 0;
  }
  void count(SealedBatch& batch);
  void keep_texts_of_unknown_levels(v2::SealedFrame& frame, RowSet& texts);

  Expression expression_;
  std::unique_ptr<SealedFilter> filter_;
  bool wants_text_;
  bool wants_levels_;
  GroupCounter* counter_;
  std::function<bool()> is_over_;
  const FileFacts* facts_ = nullptr;
  Ordinal first_ = 0;
  TextRows rows_;
  FrameLevels levels_;
};

}  // namespace towl::detail
