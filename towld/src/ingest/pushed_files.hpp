// PushedFiles turns the frames that an agent pushes into batches, each with how far it goes as the position of the
// agent's store.
//
// Promise: P6, by Batch::expects: if two connections send the same, one gets through.
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/batch.hpp"
#include "ingest/entry_buffer.hpp"
#include "limits/limits.hpp"
#include "towl/header.hpp"
#include "towl/mirror/entry_receiver.hpp"
#include "towl/result.hpp"

namespace towld {

/// All files before `file_id`, and `count` entries of that one, whose digest this is.
struct PushPosition {
  towl::FileId file_id = 0;
  std::uint64_t count = 0;
  std::uint64_t digest = 0;

  friend bool operator==(const PushPosition&, const PushPosition&) = default;
};

/// "3 47000 00c0ffee00c0ffee"
std::string format_push_position(const PushPosition& position);
std::optional<PushPosition> parse_push_position(std::string_view text);

/// As it is stored: with the name of the token that the store belongs to, if it has one, and when it was: "3 47000
/// 00c0ffee00c0ffee web-7@1796001600". Older ones have no time.
std::string format_owned_position(const PushPosition& position, const std::string& owner, std::chrono::seconds at);

/// The owner of what format_owned_position() gave; "" for none.
std::string owner_of_position(std::string_view text);
/// Its time, since 1970; nullopt for none.
std::optional<std::chrono::seconds> seen_of_position(std::string_view text);

/// The source whose position says how far the store with this identity was pushed; and back, nullopt for others.
std::string source_of_store(std::string_view identity);
std::optional<std::string_view> store_of_source(std::string_view source);

class PushedFiles {
 public:
  /// Goes on where `position`, the source's stored one, says. From here on it is `owner`'s.
  /// `max_bytes`: what one call of take() may become, unpacked.
  PushedFiles(std::string source, std::string position, std::string owner = {},
              std::uint64_t max_bytes = kMaxPushedBytes);

  const PushPosition& position() const { return position_; }

  /// The frames that follow are of this file; those before `from` are elsewhere, or stored. Errors: invalid_argument
  /// for a file before the position's, or so far after it that it cannot be.
  towl::Result<void> begin_file(const PushPosition& from, const towl::Uuid& uuid);

  /// Batches of the entries of whole frames, with position, expected position and the position's value, for the
  /// caller to complete. Errors: corrupt; entry_too_large, before anything is unpacked, for
  /// what becomes more than `max_bytes`; invalid_argument if entries are missing before the first one.
  struct Piece {
    Batch batch;  ///< Entries, or a gap for those that the agent has lost.
    PushPosition reached;
  };
  towl::Result<std::vector<Piece>> take(std::string_view frames);

 private:
  void finish_piece(std::vector<Piece>& pieces, std::uint64_t gap = 0);

  std::string source_;
  std::string owner_;
  std::uint64_t max_bytes_;
  std::string stored_;  // the position's value after the last piece
  PushPosition position_;
  towl::EntryReceiver entries_;
  EntryBuffer buffer_;
};

}  // namespace towld
