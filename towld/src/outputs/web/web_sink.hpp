// WebSink puts entries into a server that speaks HTTP, in requests of up to kWebBatchBytes, one at a time.
//
// Once:      an entry counts as written when the server has answered that it has it. After a crash what was sent since
//            the cursor is sent again: whether it is there twice then depends on the protocol.
// Refused:   if a server refuses a request for what is in it, halves of it are sent, until it is known which entries
//            it refuses. These are passed over, counted and logged with their addresses: they would block all others.
//            But as long as the server has not taken a single entry, nothing is passed over: it is taken for a mistake
//            in the configuration, and tried again.
// Secrets:   are read from their files again after each failure: they may have been replaced.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "log/spdlog.hpp"
#include "outputs/output_type.hpp"
#include "outputs/sink.hpp"
#include "outputs/web/web_config.hpp"
#include "outputs/web/web_protocol.hpp"
#include "towl/web/http_client.hpp"

namespace towld {

class WebSink final : public Sink {
 public:
  WebSink(WebConfig config, std::unique_ptr<WebProtocol> protocol, std::string name,
          std::shared_ptr<spdlog::logger> log);

  towl::Result<void> open(const std::optional<std::string>& committed) override;
  void add(const FollowedEntry& followed) override;
  std::size_t unwritten_bytes() const override { return bytes_; }
  std::size_t large_enough() const override { return kWebBatchBytes; }
  std::uint64_t refused() const override { return refused_; }
  // What was taken is there; the cursor is at the end of what was written before.
  bool is_within() const override { return false; }
  towl::Result<bool> write() override;
  void wait(Wakeup& wakeup) override;
  towl::Result<std::string> commit() override;

 private:
  struct Refused {
    WebEntry entry;
    std::string reason;
  };

  towl::Result<void> start();
  std::size_t next_count() const;
  towl::Result<void> take(const WebVerdict& verdict);
  void settle(std::size_t index, Fate fate, const WebVerdict& verdict, std::vector<WebEntry>& again);
  towl::Result<void> pass_over_refused();
  tl::unexpected<towl::Error> fail_and_read_secrets(towl::Error error);

  const WebConfig config_;
  const std::string name_;
  const std::shared_ptr<spdlog::logger> log_;
  std::unique_ptr<WebProtocol> protocol_;
  std::optional<towl::web::HttpClient> client_;
  std::string authorization_;
  towl::RecordView record_;
  std::vector<WebEntry> waiting_;
  std::size_t in_flight_ = 0;  // so many of them, the first ones, are in the request
  std::size_t limit_ = 0;      // of entries in a request, while it is looked for one that is refused
  std::size_t bytes_ = 0;
  std::vector<Refused> suspects_;
  bool takes_any_ = false;  // the server has taken an entry, once
  std::uint64_t refused_ = 0;
};

/// Starts an output of that protocol. Errors: those of FollowingOutput::start() and read_identity().
towl::Result<std::unique_ptr<Output>> start_web_output(const WebConfig& config, std::unique_ptr<WebProtocol> protocol,
                                                       OutputContext context);

}  // namespace towld
