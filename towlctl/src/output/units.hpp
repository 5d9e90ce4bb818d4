// Counts and sizes for people.
#pragma once

#include <cstdint>
#include <string>

namespace towlctl {

/// "512 B", "9.1 MiB": three digits and a power of 1024.
std::string format_bytes(std::uint64_t bytes);

/// "47,000"
std::string format_count(std::uint64_t count);

}  // namespace towlctl
