// A file's UUID as text: one way to write it, in addresses, listings and records.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/header.hpp"

namespace towl {

/// 32 hexadecimal digits, lower case.
std::string uuid_text(const Uuid& uuid);

/// 32 hexadecimal digits, of any case, with or without the four dashes of RFC 9562. nullopt for anything else.
std::optional<Uuid> read_uuid(std::string_view text);

}  // namespace towl
