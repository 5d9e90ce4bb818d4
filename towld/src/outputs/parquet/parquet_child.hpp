// Runs the program that writes Parquet, this one with the command `write-parquet`, and speaks with it by pipes: DuckDB's
// memory and crashes are its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "outputs/parquet/parquet_request.hpp"
#include "towl/result.hpp"

namespace towld {

/// The command's name.
inline constexpr const char* kWriteParquet = "write-parquet";

/// Starts `program`, sends the request, and waits for the answer and the end. The child is killed when `gives_up`, asked
/// twice a second, says so, and when the thread that calls ends. Errors: those of the answer; io if there is none.
towl::Result<ParquetAnswer> ask_child(const std::filesystem::path& program, const ParquetRequest& request,
                                      const std::function<bool()>& gives_up);

/// The child's side: a request from standard input, an answer to standard output. The exit code.
int run_write_parquet();

}  // namespace towld
