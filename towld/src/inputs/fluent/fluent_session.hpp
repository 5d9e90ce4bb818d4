// Fluent forward (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1.5), as Fluent Bit, fluentd
// and the loggers for Docker and many languages send it.
//
//     [TAG, TIME, RECORD, OPTION?]               Message
//     [TAG, [[TIME, RECORD], …], OPTION?]        Forward
//     [TAG, BINARY, OPTION?]                     PackedForward: the entries one after the other, also packed by gzip
//
// A record is read like a JSON object posted to /ingest: message, host and level are understood, all else are fields.
// TIME is when it happened, the tag is the field `tag` unless the record has one. OPTION's `chunk` is answered
// {"ack": CHUNK} once all entries are stored with the configured durability; without one there is no answer. A client
// sends again what was not answered: entries may be there twice then.
// Bad entries: what is no entry within a message is rejected and kept, the others are stored. What is no message ends the
// connection.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "inputs/stream/stream_session.hpp"

namespace towld {

struct FluentSettings {
  std::size_t message_bytes = 0;
  std::string shared_key = {};  ///< Empty: clients need none.
};

MakeSession fluent_sessions(FluentSettings settings);

}  // namespace towld
