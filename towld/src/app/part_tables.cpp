#include "app/part_tables.hpp"

#include <array>

#include "parse/parser_types.hpp"

namespace towld {

// inputs/file, journald, syslog, http/ingest, stdin
extern const InputType kFileInput;
extern const InputType kJournaldInput;
extern const InputType kSyslogInput;
extern const InputType kHttpInput;
extern const InputType kStdinInput;

std::span<const InputType* const> input_types() {
  static constexpr std::array kTypes = {&kFileInput, &kJournaldInput, &kSyslogInput, &kHttpInput, &kStdinInput};
  return kTypes;
}

// outputs/towl, stdout, file, parquet, sqlite
extern const OutputType kTowlOutput;
extern const OutputType kStdoutOutput;
extern const OutputType kFileOutput;
extern const OutputType kParquetOutput;
extern const OutputType kSqliteOutput;

std::span<const OutputType* const> output_types() {
  static constexpr std::array kTypes = {&kTowlOutput, &kStdoutOutput, &kFileOutput, &kParquetOutput, &kSqliteOutput};
  return kTypes;
}

const PartTypes& all_part_types() {
  static const PartTypes kTypes = {part_types(input_types()), part_types(output_types()), part_types(parser_types())};
  return kTypes;
}

}  // namespace towld
