// RpcAppendStream is the AppendStream of gRPC.
//
// Threads: one caller at a time; gRPC's own threads call it too.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "collector/append_stream.hpp"

namespace towlctl {

class RpcAppendStream final : public AppendStream {
 public:
  RpcAppendStream(const std::shared_ptr<grpc::Channel>& channel, const AppendStart& start, const std::string& token);
  RpcAppendStream(const RpcAppendStream&) = delete;
  RpcAppendStream& operator=(const RpcAppendStream&) = delete;
  ~RpcAppendStream() override;

  void write(std::uint64_t sequence, std::span<const towl::EntryView> entries) override;
  bool writing() override;
  std::optional<Acknowledgement> take_acknowledgement() override;
  std::optional<AppendEnd> ended() override;
  bool wait(std::chrono::milliseconds timeout) override;
  void end_writing() override;

 private:
  class Call;
  std::unique_ptr<Call> call_;
};

}  // namespace towlctl
