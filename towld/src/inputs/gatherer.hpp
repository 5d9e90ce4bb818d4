// Gatherer turns the drafts of one source into batches: through the input's parsers, labelled, encoded, counted.
//
// One for each source that has an order of its own (a file, a connection). Usage:
//
//     Draft& draft = gatherer.draft();      // cleared
//     draft.text = …;
//     gatherer.take();
//     if (gatherer.bytes() >= kBatchBytes) ingest.submit(gatherer.finish({position}));
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "ingest/batch.hpp"
#include "ingest/entry_buffer.hpp"
#include "ingest/ingest.hpp"
#include "ingest/input_counters.hpp"
#include "inputs/source_claims.hpp"
#include "limits/limits.hpp"
#include "log/spdlog.hpp"
#include "parse/draft.hpp"
#include "parse/parser_chain.hpp"
#include "towl/limits.hpp"
#include "towl/source_position.hpp"

namespace towld {

/// What the sources of one input share. Copied by them; cheap.
struct InputContext {
  std::string name = {};  ///< Unique among the inputs.
  Ingest* ingest = nullptr;
  std::shared_ptr<const ParserChain> parsers = std::make_shared<const ParserChain>();
  std::shared_ptr<const std::vector<Field>> labels = std::make_shared<const std::vector<Field>>();
  std::optional<int> min_level = {};  ///< Entries with a larger PRIORITY are rejected.
  std::shared_ptr<InputCounters> counters = std::make_shared<InputCounters>();
  Durability durability = Durability::interval;
  /// Of an entry's text and fields as they came; what is larger is cut. Up to kMostEntryBytes.
  std::size_t max_entry_bytes = towl::kMaxEntryBytes;
  std::string sender = {};  ///< If a draft names none: this machine.
  std::shared_ptr<spdlog::logger> log = {};
  std::shared_ptr<SourceClaims> claims = std::make_shared<SourceClaims>();  ///< All inputs'.
};

class Gatherer {
 public:
  explicit Gatherer(InputContext context);

  const InputContext& context() const { return context_; }

  /// The next draft, empty.
  Draft& draft();

  /// What take() did with the draft.
  enum class Taken { taken, filtered, below_level };

  /// Takes the draft through parsers and labels into the batch, and counts it. If it is too large, its largest parts
  /// are cut: fields are named in TOWL_CUT with their length, the text's length is in TOWL_ORIGINAL_BYTES. Level, time,
  /// host and unit stay.
  Taken take();

  /// The same for a draft that went through the parsers already.
  Taken take_parsed(Draft& draft);

  /// Counts drafts that a parser was told to drop.
  void count_filtered(std::uint64_t count) { filtered_ += count; }

  std::size_t count() const { return entries_.count(); }
  std::size_t bytes() const { return entries_.bytes(); }
  bool empty() const { return entries_.empty(); }

  /// The batch with all that was taken since the last one; `done`, `stream` and `read_again` are left to the caller.
  /// What was filtered is counted here, the batch by Ingest.
  Batch finish(std::vector<towl::SourcePosition> positions = {});

  /// Forgets what was taken since the last finish(), uncounted: it will be read again.
  void discard();

 private:
  void encode(Draft& draft, std::string& text);
  bool is_too_large(const Draft& draft, std::size_t encoded_bytes) const;
  void cut_to_limit(Draft& draft, std::string& text);
  bool is_below_level(const Draft& draft) const;

  InputContext context_;
  Draft draft_;
  std::string labels_json_;  // What an entry without fields of its own has after its text; empty: no such thing.
  EntryBuffer entries_;
  std::uint64_t filtered_ = 0;
  std::uint64_t below_level_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t time_failures_ = 0;
};

}  // namespace towld
