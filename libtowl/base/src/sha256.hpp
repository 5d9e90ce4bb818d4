// SHA-256 of FIPS 180-4 (https://doi.org/10.6028/NIST.FIPS.180-4), for the tree of entries that signed heads are about.
// Our own, so that an application that embeds libtowl needs no library of ciphers; the programs do the signing.
//
// Cost: about 0.6 ns a byte if the processor has the instructions (SHA-NI), 5 ns otherwise.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace towl::detail {

using Sha256 = std::array<std::uint8_t, 32>;

/// The hash of all `parts`, one after the other.
Sha256 sha256(std::initializer_list<std::string_view> parts);

/// The same without special instructions: for tests.
Sha256 sha256_by_table(std::initializer_list<std::string_view> parts);

}  // namespace towl::detail
