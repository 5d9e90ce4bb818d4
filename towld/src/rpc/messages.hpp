// From libtowl's values to the service's messages and statuses.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>

#include "config/config.hpp"
#include "ingest/batch.hpp"
#include "rpc/part_facts.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/result.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

/// Whether that is gzip (RFC 1952, 2.3.1), as gRPC's compression has it. No protobuf message begins so.
bool is_gzip(const grpc::ByteBuffer& bytes);

/// The bytes in one piece; nullopt if gRPC has none.
std::optional<std::string> to_text(const grpc::ByteBuffer& bytes);

/// The status that says the same as `error`.
grpc::Status to_status(const towl::Error& error);

/// What every call is answered with once the collector has begun to stop.
grpc::Status stopping_status();

/// To a call whose token was revoked since: the same as to one that begins with a bad token.
grpc::Status revoked_status();

void to_message(const towl::ServedFile& file, towl::v1::FileInfo& message);
void to_message(const towl::FileInfo& file, towl::v1::FileInfo& message);
void to_message(const Acknowledgement& acknowledgement, towl::v1::AppendResponse& message);
void to_message(const PartFacts& facts, towl::v1::StatsResponse& message);

/// nullopt for a level that this collector does not know.
std::optional<Durability> to_durability(towl::v1::Durability message, Durability unspecified);

}  // namespace towld
