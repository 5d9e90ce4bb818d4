#include "support/collector.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

namespace towl::test {

Collector::Collector(const std::filesystem::path& store, const std::vector<std::string>& more) : store_(store) {
  std::vector<std::string> arguments = {TOWLD_PROGRAM, "--store", store.string(), "--listen",
                                        "127.0.0.1:0", "--http",  "127.0.0.1:0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_ = std::make_unique<Process>(arguments);
  const bool listens = eventually([&] {
    const std::string said = process_->err();
    constexpr std::string_view kMark = "listening on ";
    const auto at = said.find(kMark);
    if (at == std::string::npos) return !process_->running();
    const auto end = said.find('\n', at);
    if (end == std::string::npos) return false;
    address_ = said.substr(at + kMark.size(), end - at - kMark.size());
    if (address_.ends_with("\"}")) address_.resize(address_.size() - 2);
    return true;
  });
  if (!listens || address_.empty()) ADD_FAILURE() << "towld does not listen; it said: " << process_->err();
  stub_ = towl::v1::Towl::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
}

void Collector::be_admin(grpc::ClientContext& context) const {
  std::ifstream file(store_ / "admin.token");
  std::string token;
  file >> token;
  context.AddMetadata("authorization", "Bearer " + token);
}

int Collector::stop() {
  process_->signal(SIGTERM);
  return process_->wait().value_or(-1);
}

towl::v1::AppendRequest make_request(const std::vector<Entry>& entries, const std::string& producer_id,
                                     std::uint64_t sequence, towl::v1::Durability durability) {
  towl::v1::AppendRequest request;
  request.set_producer_id(producer_id);
  request.set_sequence(sequence);
  request.set_durability(durability);
  for (const Entry& entry : entries) {
    auto* message = request.add_entries();
    message->set_sender(entry.sender);
    message->set_time(entry.time());
    message->set_log_format(static_cast<towl::v1::LogFormat>(entry.log_format));
    message->set_log_entry(entry.log_entry);
  }
  return request;
}

Appended append(towl::v1::Towl::Stub& stub, const std::vector<towl::v1::AppendRequest>& requests) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = stub.Append(&context);
  std::jthread writer([&] {
    for (const auto& request : requests) {
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  Appended appended;
  for (towl::v1::AppendResponse response; stream->Read(&response);) appended.responses.push_back(response);
  writer.join();
  appended.status = stream->Finish();
  return appended;
}

Pulled pull(towl::v1::Towl::Stub& stub, const towl::v1::PullRequest& request,
            std::optional<std::uint64_t> max_entries) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = stub.Pull(&context, request);
  Pulled pulled;
  for (towl::v1::PullResponse response; stream->Read(&response);) {
    if (response.has_file()) pulled.files.push_back(response.file());
    if (response.has_reached()) pulled.reached.push_back(response.reached());
    if (response.has_chunk()) {
      pulled.bytes += response.chunk().data();
      pulled.count += response.chunk().count();
    }
    if (max_entries && pulled.count >= *max_entries) context.TryCancel();
  }
  pulled.status = stream->Finish();
  return pulled;
}

grpc::Status ask_again(const std::function<grpc::Status(grpc::ClientContext&)>& ask) {
  grpc::Status status;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context.set_wait_for_ready(true);
    status = ask(context);
  } while (!status.ok() && std::chrono::steady_clock::now() < until &&
           (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
            status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED));
  return status;
}

std::vector<towl::v1::FileInfo> list(towl::v1::Towl::Stub& stub) {
  grpc::ClientContext context;
  towl::v1::ListFilesResponse response;
  const auto status = stub.ListFiles(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {response.files().begin(), response.files().end()};
}

towl::v1::StatsResponse stats(towl::v1::Towl::Stub& stub) {
  towl::v1::StatsResponse response;
  const auto status = ask_again([&](grpc::ClientContext& context) { return stub.Stats(&context, {}, &response); });
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

}  // namespace towl::test
