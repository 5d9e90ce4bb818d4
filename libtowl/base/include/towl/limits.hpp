// Every limit of libtowl, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace towl {

/// The largest entry that is written unless a larger limit is set, sender and text together. Logs are lines: a megabyte
/// takes any stack trace, and bounds the memory that one producer can make the collector hold at a time.
inline constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;

/// The largest value of a writer's limit: 16 MiB of text, for memory dumps and documents that programs log, and room
/// for the sender and the names of fields.
inline constexpr std::size_t kLargestEntryBytes = (std::size_t{16} << 20) + (std::size_t{256} << 10);

/// The largest entry that is read. Other writers of format 1 have no limit, and journald stores fields of
/// tens of megabytes; but a reader's memory must stay bounded, no matter what a file claims.
inline constexpr std::size_t kMaxReadEntryBytes = std::size_t{64} << 20;

/// The longest time text that is read. RFC 3339 with nine digits and an offset has 35 bytes; a few more are
/// harmless, a length in the millions is a damaged file.
inline constexpr std::size_t kMaxTimeTextBytes = 64;

/// How much a reader reads from the file layer at once: it fits a core's L2 cache, and larger reads were
/// not faster.
inline constexpr std::size_t kReadBufferBytes = std::size_t{256} << 10;

/// How much a writer gathers before it calls write(2) by itself: above 64 KiB a larger write gains little.
inline constexpr std::size_t kWriteBufferBytes = std::size_t{256} << 10;

/// Disk space is reserved ahead of the writer in steps of this size, so that a full disk is found before a
/// byte is written and the file grows in large extents.
inline constexpr std::uint64_t kPreallocateBytes = std::uint64_t{8} << 20;

/// At most this much is written between two syncs of a store's open file. It bounds what is kept in memory
/// to be written again elsewhere if a sync fails.
inline constexpr std::size_t kMaxUnsyncedBytes = std::size_t{4} << 20;

}  // namespace towl
