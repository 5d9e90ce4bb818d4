#include "app/part_tables.hpp"

#include <array>

#include "parse/parser_types.hpp"

namespace towld {

// inputs/file, journald, syslog, relp, fluent, http/protocols, stdin, kafka
extern const InputType kFileInput;
extern const InputType kJournaldInput;
extern const InputType kSyslogInput;
extern const InputType kRelpInput;
extern const InputType kFluentInput;
extern const InputType kHttpInput;
extern const InputType kStdinInput;
extern const InputType kKafkaInput;

std::span<const InputType* const> input_types() {
  static constexpr std::array kTypes = {&kFileInput,   &kJournaldInput, &kSyslogInput, &kRelpInput,
                                        &kFluentInput, &kHttpInput,     &kStdinInput,  &kKafkaInput};
  return kTypes;
}

// outputs/towl, stdout, file, parquet, sqlite, http, elasticsearch, loki, kafka, postgres, s3
extern const OutputType kTowlOutput;
extern const OutputType kStdoutOutput;
extern const OutputType kFileOutput;
extern const OutputType kParquetOutput;
extern const OutputType kSqliteOutput;
extern const OutputType kHttpOutput;
extern const OutputType kElasticsearchOutput;
extern const OutputType kLokiOutput;
extern const OutputType kKafkaOutput;
extern const OutputType kPostgresOutput;
extern const OutputType kS3Output;

std::span<const OutputType* const> output_types() {
  static constexpr std::array kTypes = {
      &kTowlOutput,          &kStdoutOutput, &kFileOutput,  &kParquetOutput,  &kSqliteOutput, &kHttpOutput,
      &kElasticsearchOutput, &kLokiOutput,   &kKafkaOutput, &kPostgresOutput, &kS3Output};
  return kTypes;
}

const PartTypes& all_part_types() {
  static const PartTypes kTypes = {part_types(input_types()), part_types(output_types()), part_types(parser_types())};
  return kTypes;
}

}  // namespace towld
