// Places: which string of a dictionary each value is, or which template each text has. Text:
// spec/format-v2-columns.md, "Places".
//
// Logs come in bursts, and what comes in one field often follows from another: an address has its agent, a path its
// size. So a place is coded as what came last after the same *key* (code 0), as the next new one (1), by how recently
// it was used (2 to 254), or otherwise by its number. If that is not smaller, places are plain numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "v2/numbers.hpp"
#include "v2/sections.hpp"

namespace towl::detail::v2 {

/// What the key of a place is; from kColumnKey on: the place of another column of the same texts in the same row.
inline constexpr std::uint32_t kPlainPlaces = 0;  ///< No codes: numbers.
inline constexpr std::uint32_t kNoKey = 1;        ///< 0 for all.
inline constexpr std::uint32_t kOwnKey = 2;       ///< The place before in the same column, plus 1; 0 for the first.
inline constexpr std::uint32_t kColumnKey = 3;

/// Codes of one byte.
inline constexpr unsigned kExpected = 0;
inline constexpr unsigned kNewPlace = 1;
inline constexpr unsigned kFirstRecent = 2;
inline constexpr unsigned kOtherPlace = 255;

/// What encoder and decoder remember of the places so far.
class PlaceMemory {
 public:
  static constexpr std::size_t kRecent = kOtherPlace - kFirstRecent;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// Forgets everything; keys are below `keys`.
  void start(std::size_t keys) {
    last_.assign(keys, kNone);
    recent_count_ = 0;
    next_ = 0;
  }

  /// The code of `place`, which is remembered.
  unsigned encode(std::uint32_t key, std::uint32_t place);

  /// The place with this code, or kNone if there is none; for kOtherPlace `other`. It is remembered.
  std::uint32_t decode(std::uint32_t key, unsigned code, std::uint32_t other) {
    if (code == kExpected) return last_[key];
    std::uint32_t place = other;
    std::size_t from = recent_count_;
    if (code == kNewPlace) {
      place = next_++;
    } else if (code != kOtherPlace) {
      from = code - kFirstRecent;
      if (from >= recent_count_) return kNone;
      place = recent_[from];
    }
    to_front(place, from);
    last_[key] = place;
    return place;
  }

 private:
  // Moves what is at `from` to the front. If that is the end, it is a new one, and the oldest one is dropped.
  void to_front(std::uint32_t place, std::size_t from);
  std::size_t find_recent(std::uint32_t place) const;

  std::vector<std::uint32_t> last_;                               // after each key
  std::array<std::uint32_t, (kRecent + 7) / 8 * 8> recent_ = {};  // looked at in steps of 8
  std::size_t recent_count_ = 0;
  std::uint32_t next_ = 0;
};

/// Places of another column that may be keys.
struct PlaceKeys {
  std::uint32_t column = 0;
  std::uint32_t distinct = 0;
  std::vector<std::uint32_t> places;
};

/// Finds the smallest form of a run of places and writes it. Reusable. One thread at a time.
class PlacePlan {
 public:
  /// Plans for `places`, each below `distinct`, which is at least 2; they are numbered in order of appearance. `keys`:
  /// of columns with as many values; those of other columns are ignored.
  void make(std::span<const std::uint32_t> places, std::uint32_t distinct, std::span<const PlaceKeys> keys,
            SectionWriter& sections);
  /// About how many bytes they take when compressed.
  double bytes() const { return bytes_; }
  /// Writes the places that make() planned for, which must still be valid.
  void write(std::span<const std::uint32_t> places, SectionWriter& sections, std::string& directory);

 private:
  double encode(std::span<const std::uint32_t> places, std::uint32_t form, const PlaceKeys* keys);

  PlaceMemory memory_;
  std::uint32_t distinct_ = 0;
  std::uint32_t form_ = kPlainPlaces;
  const PlaceKeys* keys_ = nullptr;
  double bytes_ = 0;
  std::string codes_;
  std::vector<std::uint64_t> others_;
  std::vector<std::uint32_t> counts_;
  NumberPlan plan_;
};

/// A run of places as a directory describes it.
struct PlacesRun {
  std::uint32_t form = kPlainPlaces;
  std::uint32_t distinct = 0;
  NumberRun numbers;  ///< The places, or those of code kOtherPlace.
  std::uint32_t others = 0;
  Part codes;

  /// The column that the keys are of.
  std::optional<std::uint32_t> key_column() const {
    return form >= kColumnKey ? std::optional(form - kColumnKey) : std::nullopt;
  }
};

/// Reads the form of `count` places below `distinct`. nullopt if it is damaged.
std::optional<PlacesRun> read_places_run(ByteReader& directory, std::uint32_t count, std::uint32_t distinct,
                                         SectionReader& sections);

/// Reads places. Reusable. One thread at a time.
class PlaceReader {
 public:
  /// Writes `count` places to `to`. `keys`: the places of key_column(), as many, each below `key_distinct`. False if
  /// they are damaged.
  bool read(const PlacesRun& run, std::uint32_t count, const std::uint64_t* keys, std::uint32_t key_distinct,
            SectionReader& sections, std::uint64_t* to);

 private:
  PlaceMemory memory_;
  std::vector<std::uint64_t> others_;
};

}  // namespace towl::detail::v2
