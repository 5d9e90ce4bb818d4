// ServerSink sends batches to a collector, several of them in flight at a time.
//
// Retries: a batch stays here until it is acknowledged. If the stream is cut, a new one is opened and the
//          unacknowledged batches are sent again. The collector knows them by producer ID and sequence and stores
//          none twice, as long as it was not restarted in between.
// Memory:  at most kWindow batches.
#pragma once

#include <memory>

#include "append/entry_sink.hpp"
#include "collector/collector.hpp"

namespace towlctl {

class ServerSink : public EntrySink {
 public:
  /// Does not wait for the collector: append() does.
  ServerSink(std::unique_ptr<Collector> collector, Durability durability);
  ~ServerSink() override;

  towl::Result<void> append(const Batch& batch) override;
  towl::Result<void> finish() override;
  const Stored& stored() const override;

 private:
  class Window;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Window> window_;
};

}  // namespace towlctl
