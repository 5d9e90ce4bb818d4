// The payload of a frame of kind head, and the message that it signs. Text: spec/format-v2.md, "Signed heads".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/header.hpp"
#include "towl/signed_head.hpp"
#include "v2/entry_tree.hpp"

namespace towl::detail::v2 {

/// A head as a frame has it: `tree` has the count and gives the root.
struct Head {
  SignedHead head;
  EntryTree tree;
};

inline constexpr std::size_t kHeadBytes = 120;  ///< Before the roots of subtrees.

/// The bytes that are signed.
std::string head_message(const Header& header, const SignedHead& head);

/// `signature` and `public_key` have 64 and 32 bytes.
std::string encode_head(const Head& head);

/// nullopt: not a head, or one with an unknown algorithm.
std::optional<Head> decode_head(std::string_view payload);

}  // namespace towl::detail::v2
