// HttpInput takes entries by `POST /ingest`: one JSON object, an array of objects, or objects one after the other.
//
// Small requests: those with one entry that arrive about the same time share a batch, so that the writer is woken once
//                 for all of them. Each is answered when the batch is stored.
// All or none:    a request with an entry that cannot be read stores nothing.
// Backpressure:   while the writer's queue is full, the server reads no bodies (has_room).
// Threads:        the server's; stop() from any other.
#pragma once

#include <memory>

#include "http/http_limits.hpp"
#include "http/http_slot.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "towl/result.hpp"

namespace towld {

/// Of one request. The shortest entry is two bytes, and costs eighty while it waits.
inline constexpr std::size_t kMaxEntriesARequest = 200'000;

class HttpInput final : public Input {
 public:
  /// `slot` is the path that entries come to. Errors: already_exists where another input takes them.
  static towl::Result<std::unique_ptr<HttpInput>> start(InputContext context, std::shared_ptr<HttpSlot> slot,
                                                        const HttpLimits& limits = {});

  void stop() override;

  /// For start() alone.
  class Handler;
  HttpInput(std::shared_ptr<Handler> handler, std::shared_ptr<HttpSlot> slot);

 private:
  std::shared_ptr<Handler> handler_;
  std::shared_ptr<HttpSlot> slot_;
};

}  // namespace towld
