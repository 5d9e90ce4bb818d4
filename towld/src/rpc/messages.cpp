#include "rpc/messages.hpp"

#include <algorithm>
#include <vector>

namespace towld {
namespace {

void fill(const towl::Header& header, const towl::Index& index, std::uint64_t size, bool open,
          towl::v1::FileInfo& message) {
  message.set_file_id(header.file_id);
  message.set_format_version(header.version);
  message.set_org(header.org);
  message.set_title(header.title);
  message.set_opened(index.opened);
  if (index.closed && !open) message.set_closed(*index.closed);
  message.set_count(index.count);
  if (index.first) message.set_first(*index.first);
  if (index.last) message.set_last(*index.last);
  message.set_size(size);
  message.set_state(open           ? towl::v1::FILE_STATE_OPEN
                    : index.sealed ? towl::v1::FILE_STATE_SEALED
                                   : towl::v1::FILE_STATE_CLOSED);
  if (header.version != static_cast<std::int32_t>(towl::FileFormat::v2)) return;
  message.set_uuid(header.uuid.data(), header.uuid.size());
  if (index.min) message.set_min(*index.min);
  if (index.max) message.set_max(*index.max);
  if (index.event_min) message.set_event_min(*index.event_min);
  if (index.event_max) message.set_event_max(*index.event_max);
  message.set_digest(index.digest);
  message.set_text_bytes(index.text_bytes);
  message.set_frames(index.frames);
  message.set_gaps(index.gaps);
}

towl::v1::Durability to_message(Durability durability) {
  switch (durability) {
    case Durability::written:
      return towl::v1::DURABILITY_WRITTEN;
    case Durability::interval:
      return towl::v1::DURABILITY_INTERVAL;
    case Durability::synced:
      return towl::v1::DURABILITY_SYNCED;
  }
  return towl::v1::DURABILITY_UNSPECIFIED;
}

grpc::StatusCode code_of(towl::ErrorCode code) {
  switch (code) {
    case towl::ErrorCode::invalid_argument:
    case towl::ErrorCode::entry_too_large:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case towl::ErrorCode::already_exists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case towl::ErrorCode::not_found:
      return grpc::StatusCode::NOT_FOUND;
    case towl::ErrorCode::no_space:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case towl::ErrorCode::closed:
      return grpc::StatusCode::UNAVAILABLE;
    case towl::ErrorCode::removed:
    case towl::ErrorCode::diverged:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case towl::ErrorCode::past_end:
      return grpc::StatusCode::OUT_OF_RANGE;
    case towl::ErrorCode::corrupt:
    case towl::ErrorCode::not_a_towl_file:
    case towl::ErrorCode::unsupported_version:
      return grpc::StatusCode::DATA_LOSS;
    default:
      return grpc::StatusCode::INTERNAL;
  }
}

}  // namespace

bool is_gzip(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;  // They share the bytes.
  std::string front;
  if (!bytes.Dump(&slices).ok()) return false;
  for (const grpc::Slice& slice : slices) {
    front.append(reinterpret_cast<const char*>(slice.begin()), std::min<std::size_t>(slice.size(), 2));
    if (front.size() >= 2) break;
  }
  return front.starts_with("\x1f\x8b");
}

std::optional<std::string> to_text(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  if (!bytes.Dump(&slices).ok()) return std::nullopt;
  std::string text;
  text.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

grpc::Status to_status(const towl::Error& error) {
  const char* reason = error.code == towl::ErrorCode::diverged ? "DIVERGED: " : "";
  return {code_of(error.code), reason + error.to_string()};
}

grpc::Status revoked_status() { return {grpc::StatusCode::UNAUTHENTICATED, "a good token is needed"}; }

grpc::Status stopping_status() { return {grpc::StatusCode::UNAVAILABLE, "the collector is stopping"}; }

void to_message(const towl::ServedFile& file, towl::v1::FileInfo& message) {
  fill(file.header, file.index, file.size, file.open, message);
}

void to_message(const towl::FileInfo& file, towl::v1::FileInfo& message) {
  fill(file.header, file.index, file.size, !file.index.closed, message);
}

void to_message(const Acknowledgement& acknowledgement, towl::v1::AppendResponse& message) {
  message.set_durability(to_message(acknowledgement.durability));
  message.set_duplicate(acknowledgement.duplicate);
  for (const towl::StoredRange& range : acknowledgement.ranges) {
    auto* out = message.add_ranges();
    out->set_file_id(range.file_id);
    out->set_first(range.first);
    out->set_count(range.count);
  }
}

void to_message(const PartFacts& facts, towl::v1::StatsResponse& message) {
  for (const InputFacts& input : facts.inputs) {
    towl::v1::InputStats& stats = *message.add_inputs();
    stats.set_name(input.name);
    stats.set_received(input.counters->received);
    stats.set_stored(input.counters->stored);
    stats.set_rejected(input.counters->rejected);
    stats.set_dropped(input.counters->dropped);
    stats.set_filtered(input.counters->filtered);
    stats.set_below_level(input.counters->below_level);
    stats.set_overflowed(input.counters->overflowed);
    stats.set_lost_in_source(input.counters->lost_in_source);
    stats.set_parse_failures(input.counters->parse_failures);
    stats.set_time_failures(input.counters->time_failures);
    stats.set_cut(input.counters->cut);
    stats.set_bytes(input.counters->bytes);
    stats.set_description(input.description);
  }
  for (const OutputFacts& output : facts.outputs) {
    towl::v1::OutputStats& stats = *message.add_outputs();
    stats.set_name(output.name);
    stats.set_description(output.description);
  }
}

std::optional<Durability> to_durability(towl::v1::Durability message, Durability unspecified) {
  switch (message) {
    case towl::v1::DURABILITY_UNSPECIFIED:
      return unspecified;
    case towl::v1::DURABILITY_WRITTEN:
      return Durability::written;
    case towl::v1::DURABILITY_INTERVAL:
      return Durability::interval;
    case towl::v1::DURABILITY_SYNCED:
      return Durability::synced;
    default:
      return std::nullopt;
  }
}

}  // namespace towld
