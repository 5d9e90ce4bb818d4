// The address of an entry, the same on the collector and on every mirror: towl://FILE-UUID/ORDINAL.
//
// A file of format 1 has no UUID: its entries have an address only within their store, FILE:ORDINAL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/header.hpp"
#include "towl/uuid.hpp"

namespace towl {

struct Address {
  std::optional<Uuid> uuid = {};  ///< Of its file; if there is none, `file_id` tells the file.
  FileId file_id = 0;
  Ordinal ordinal = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

/// "towl://UUID/ORDINAL"; "FILE:ORDINAL" for a file without a UUID.
std::string address_text(const Header& header, Ordinal ordinal);

/// Reads both, and UUID/ORDINAL. nullopt for anything else.
std::optional<Address> read_address(std::string_view text);

}  // namespace towl
