// A round writes what the store has and PATH has not, as Parquet: the work of the child, from a request to its answer.
//
// Files:  each is made aside by DuckDB's COPY, synced, counted; then all of them belong to PATH at once: RoundJournal.
// Lost state: if PATH/.towl/round is gone, the newest files' metadata say what was written.
#pragma once

#include "outputs/parquet/parquet_request.hpp"
#include "towl/result.hpp"

namespace towld {

/// Errors: not_found (no library of DuckDB: what to do), no_space, locked, invalid_argument (another store's path), io,
/// corrupt. Nothing is written then, and it can be tried again.
towl::Result<ParquetAnswer> write_round(const ParquetRequest& request);

}  // namespace towld
