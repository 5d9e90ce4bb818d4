#include "rpc/pull_message.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "rpc/pull_budget.hpp"

namespace towld {
namespace {

using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// A field of bytes: https://protobuf.dev/programming-guides/encoding/#structure
constexpr std::uint32_t kLengthDelimited = 2;
constexpr std::uint32_t tag_of(int field) { return static_cast<std::uint32_t>(field) << 3 | kLengthDelimited; }

/// What gRPC holds of a chunk until it was sent.
struct Sent {
  std::string bytes;
  std::shared_ptr<SpareMemory> spare;
};

void release(void* held) {
  const std::unique_ptr<Sent> sent(static_cast<Sent*>(held));
  sent->spare->give_back(std::move(sent->bytes));
}

}  // namespace

std::string SpareMemory::take() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  return std::exchange(memory_, {});
}

void SpareMemory::give_back(std::string memory) {
  if (memory.capacity() > 2 * kMaxChunkBytes) return;
  const std::lock_guard lock(mutex_);
  if (wanted_) memory_.swap(memory);
}

void SpareMemory::drop() {
  std::string memory;
  const std::lock_guard lock(mutex_);
  wanted_ = false;
  memory_.swap(memory);
}

grpc::ByteBuffer to_bytes(const towl::v1::PullResponse& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer to_bytes(towl::Chunk chunk, const std::shared_ptr<SpareMemory>& spare) {
  towl::v1::Chunk fields;
  fields.set_offset(chunk.at.offset);
  fields.set_first(chunk.at.ordinal);
  fields.set_count(chunk.count);
  const std::string others = fields.SerializeAsString();
  const std::uint32_t data_tag = tag_of(towl::v1::Chunk::kDataFieldNumber);
  const std::uint32_t chunk_tag = tag_of(towl::v1::PullResponse::kChunkFieldNumber);
  const auto data_bytes = static_cast<std::uint32_t>(chunk.bytes.size());
  const std::size_t before_data =
      others.size() + CodedOutputStream::VarintSize32(data_tag) + CodedOutputStream::VarintSize32(data_bytes);
  std::string front;
  {
    StringOutputStream to(&front);
    CodedOutputStream out(&to);
    out.WriteVarint32(chunk_tag);
    out.WriteVarint32(static_cast<std::uint32_t>(before_data) + data_bytes);
    out.WriteString(others);
    out.WriteVarint32(data_tag);
    out.WriteVarint32(data_bytes);
  }
  auto sent = std::make_unique<Sent>(Sent{std::move(chunk.bytes), spare});
  std::string& bytes = sent->bytes;
  const grpc::Slice slices[] = {grpc::Slice(front), grpc::Slice(bytes.data(), bytes.size(), release, sent.release())};
  return grpc::ByteBuffer(slices, 2);
}

std::optional<towl::v1::PullRequest> to_request(const grpc::ByteBuffer& bytes) {
  grpc::ByteBuffer copy(bytes);
  towl::v1::PullRequest request;
  if (!grpc::SerializationTraits<towl::v1::PullRequest>::Deserialize(&copy, &request).ok()) return std::nullopt;
  return request;
}

}  // namespace towld
