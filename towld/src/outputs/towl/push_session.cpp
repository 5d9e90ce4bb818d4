#include "outputs/towl/push_session.hpp"

#include <chrono>
#include <thread>
#include <tuple>
#include <utility>

#include "limits/limits.hpp"
#include "outputs/towl/forward_position.hpp"
#include "towl/v1/channel_security.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

/// The connection is over: its status says why.
constexpr const char* kCut = "cut";

PushPosition to_position(const towl::v1::PushPosition& message) {
  return {message.file_id(), message.count(), message.digest()};
}

bool reaches(const PushPosition& stored, const PushPosition& end) {
  return std::tie(stored.file_id, stored.count) >= std::tie(end.file_id, end.count);
}

}  // namespace

std::string PushSession::run(towl::v1::Towl::Stub& stub, const Sender& sender, const std::stop_token& stop) {
  towl::rpc::add_token(sender.token, context_);
  const auto stream = stub.Push(&context_);
  // What was sent and is not answered yet is found out by the next session.
  std::stop_callback cancel(stop, [&] { context_.TryCancel(); });
  PushPosition position;
  std::string why = greet(*stream, sender, position);
  if (why.empty()) {
    const auto begin = callbacks_.connected(position);
    if (begin) {
      sent_ = *begin;
      const std::jthread answers([&] { read_answers(*stream); });
      why = send(*stream, *begin, stop);
      // If this side ends it, the collector finishes once it has answered all.
      if (why != kCut) stream->WritesDone();
      std::unique_lock lock(mutex_);
      if (!woken_.wait_for(lock, kPushFarewell, [&] { return closed_; })) context_.TryCancel();
    } else {
      why = begin.error().message;
      context_.TryCancel();
    }
  }
  const grpc::Status status = stream->Finish();
  if (stop.stop_requested()) return "";
  std::lock_guard lock(mutex_);
  if (!cut_.empty()) return cut_;
  return why == kCut ? (status.ok() ? "the collector ended the stream" : status.error_message()) : why;
}

std::string PushSession::greet(Stream& stream, const Sender& sender, PushPosition& position) {
  towl::v1::PushRequest request;
  request.mutable_start()->set_store(sender.identity);
  for (const std::string& store : sender.through) request.mutable_start()->add_through(store);
  towl::v1::PushResponse response;
  if (!stream.Write(request) || !stream.Read(&response)) return kCut;
  if (!response.has_resume()) return "it answered with something else than where to go on";
  position = to_position(response.resume());
  return "";
}

std::string PushSession::send(Stream& stream, PushPosition position, const std::stop_token& stop) {
  for (;;) {
    const auto files = catalog_.files();
    if (!files) return files.error().to_string();
    const auto next = next_to_send(*files, position);
    if (next) {
      if (position.file_id != 0 && next->file_id != position.file_id && next->file_id > position.file_id + 1) {
        callbacks_.lost("files " + std::to_string(position.file_id + 1) + " to " + std::to_string(next->file_id - 1) +
                        " are not in the store any more, and may not have been forwarded");
      }
      position = *next;
      if (auto why = send_files(stream, position, stop); !why.empty()) return why;
    }
    if (!wait_for_change(stop)) return stop.stop_requested() ? "" : kCut;
  }
}

// From `position` on, over all files that follow. Empty: to be called again, with what is then the position.
std::string PushSession::send_files(Stream& stream, PushPosition& position, const std::stop_token& stop) {
  const auto file = catalog_.find(position.file_id);
  if (!file) return file.error().to_string();
  if (!*file) return "";
  begun_ = position;
  towl::FeedStart start{.file_id = position.file_id, .count = position.count, .follow = true};
  start.proof = towl::MirrorProof{.opened = (*file)->index.opened, .digest = position.digest};
  towl::StoreFeed feed(start, catalog_);
  while (!is_over(stop)) {
    auto step = feed.next(kPushChunkBytes);
    if (!step) {
      if (step.error().code == towl::ErrorCode::removed) return "";
      return "cannot go on after entry " + std::to_string(position.count) + " of file " +
             std::to_string(position.file_id) + ": " + step.error().to_string();
    }
    if (auto why = send_step(stream, *step, position, stop); !why.empty()) return why;
  }
  return stop.stop_requested() ? "" : kCut;
}

std::string PushSession::send_step(Stream& stream, towl::FeedStep& step, PushPosition& position,
                                   const std::stop_token& stop) {
  if (auto* begins = std::get_if<towl::FileBegins>(&step)) {
    if (begins->file.file_id() != position.file_id) begun_ = position = {begins->file.file_id(), 0, 0};
    if (begins->file.header.version != 2) return "files of format 1 cannot be forwarded: convert the store to format 2";
    towl::v1::PushRequest request;
    auto* file = request.mutable_file();
    file->set_file_id(position.file_id);
    file->set_first(begun_.count);
    file->set_digest(begun_.digest);
    file->set_uuid(begins->file.header.uuid.data(), begins->file.header.uuid.size());
    return stream.Write(request) ? "" : kCut;
  }
  if (auto* chunk = std::get_if<towl::Chunk>(&step)) return send_chunk(stream, *chunk, position, stop);
  if (std::holds_alternative<towl::FeedWaits>(step) && !wait_for_change(stop)) return stop.stop_requested() ? "" : kCut;
  return "";
}

std::string PushSession::send_chunk(Stream& stream, towl::Chunk& chunk, PushPosition& position,
                                    const std::stop_token& stop) {
  if (callbacks_.is_current && !callbacks_.is_current()) {
    return "other stores push to this one now, and the collector is to hear of it first";
  }
  if (chunk.count == 0) return "";  // What stands after the entries of a sealed file.
  const std::size_t bytes = chunk.bytes.size();
  if (!wait_for_window(bytes, stop)) return stop.stop_requested() ? "" : kCut;
  position.count = chunk.at.ordinal + chunk.count;
  {
    std::lock_guard lock(mutex_);
    in_flight_.push_back({position, chunk.count, bytes});
    sent_ = position;
    in_flight_bytes_ += bytes;
  }
  towl::v1::PushRequest request;
  request.mutable_chunk()->set_first(chunk.at.ordinal);
  request.mutable_chunk()->set_count(chunk.count);
  request.mutable_chunk()->set_data(std::move(chunk.bytes));
  if (!stream.Write(request)) return kCut;
  if (!chunk.damage.empty()) callbacks_.lost(chunk.damage + "; a gap is forwarded for them");
  callbacks_.sent(bytes);
  return "";
}

void PushSession::read_answers(Stream& stream) {
  towl::v1::PushResponse response;
  while (stream.Read(&response)) {
    if (!response.has_stored()) continue;
    const PushPosition stored = to_position(response.stored());
    std::uint64_t entries = 0;
    {
      std::lock_guard lock(mutex_);
      // It may only say of what it got that it has it: the rest is not in its hands, and would be removed here.
      if (!reaches(sent_, stored)) {
        if (cut_.empty()) cut_ = "it acknowledges entries that were not sent";
        context_.TryCancel();
        break;
      }
      while (!in_flight_.empty() && reaches(stored, in_flight_.front().end)) {
        entries += in_flight_.front().entries;
        in_flight_bytes_ -= in_flight_.front().bytes;
        in_flight_.pop_front();
      }
      woken_.notify_all();
    }
    callbacks_.acknowledged(stored, entries);
  }
  std::lock_guard lock(mutex_);
  closed_ = true;
  woken_.notify_all();
}

bool PushSession::wait_for_window(std::size_t bytes, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, stop,
              [&] { return closed_ || in_flight_bytes_ == 0 || in_flight_bytes_ + bytes <= kPushWindowBytes; });
  return !closed_ && !stop.stop_requested();
}

bool PushSession::wait_for_change(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  woken_.wait(lock, stop, [&] { return closed_ || changed_; });
  changed_ = false;
  return !closed_ && !stop.stop_requested();
}

bool PushSession::is_over(const std::stop_token& stop) {
  std::lock_guard lock(mutex_);
  return closed_ || stop.stop_requested();
}

void PushSession::store_changed() {
  std::lock_guard lock(mutex_);
  changed_ = true;
  woken_.notify_all();
}

}  // namespace towld
