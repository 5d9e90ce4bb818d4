// The peer of a sync: a bare gRPC stream of 1 MiB chunks, with nothing else. It has the same service and messages as
// towl's, so the difference is what a sync does in addition: reading, checking and writing.
//
//   bare_stream serve                      listens on a free port of 127.0.0.1, prints it, serves until killed
//   bare_stream pull ADDRESS MEGABYTES [FILE]   receives that much and drops it, or writes it to FILE; prints seconds
//                                               and bytes
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "towl/v1/towl.grpc.pb.h"

namespace {

using towl::v1::PullRequest;
using towl::v1::PullResponse;

constexpr std::size_t kChunkBytes = 1 << 20;

// Sends `count` chunks of its own memory.
class Stream final : public grpc::ServerWriteReactor<PullResponse> {
 public:
  explicit Stream(std::uint64_t count) : left_(count) {
    response_.mutable_chunk()->set_data(std::string(kChunkBytes, 'x'));
    OnWriteDone(true);
  }
  void OnWriteDone(bool good) override {
    if (!good || left_ == 0) return Finish(grpc::Status::OK);
    --left_;
    StartWrite(&response_);
  }
  void OnDone() override { const std::unique_ptr<Stream> self(this); }

 private:
  PullResponse response_;
  std::uint64_t left_;
};

class Service final : public towl::v1::Towl::CallbackService {
  grpc::ServerWriteReactor<PullResponse>* Pull(grpc::CallbackServerContext*, const PullRequest* request) override {
    return std::make_unique<Stream>(request->count()).release();  // OnDone() takes it back.
  }
};

int serve() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::printf("127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

int pull(const std::string& address, std::uint64_t megabytes, const char* file) {
  const auto stub = towl::v1::Towl::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  PullRequest request;
  request.set_count(megabytes);
  const auto start = std::chrono::steady_clock::now();
  const auto reader = stub->Pull(&context, request);
  PullResponse response;
  std::uint64_t bytes = 0;
  const int descriptor = file != nullptr ? ::open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
  while (reader->Read(&response)) {
    const std::string& data = response.chunk().data();
    if (descriptor >= 0 && ::write(descriptor, data.data(), data.size()) < 0) return 2;
    bytes += data.size();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const grpc::Status status = reader->Finish();
  if (!status.ok()) {
    std::fprintf(stderr, "bare_stream: %s\n", status.error_message().c_str());
    return 2;
  }
  std::printf("%.6f %llu\n", seconds, static_cast<unsigned long long>(bytes));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "serve") return serve();
  if (command == "pull" && (argc == 4 || argc == 5)) {
    return pull(argv[2], std::strtoull(argv[3], nullptr, 10), argc == 5 ? argv[4] : nullptr);
  }
  std::fputs("usage: bare_stream serve | bare_stream pull ADDRESS MEGABYTES [FILE]\n", stderr);
  return 2;
}
