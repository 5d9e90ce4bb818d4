// IngestProtocol is towl's own way to post entries: JSON objects to /ingest, one, an array, or one after the other.
#pragma once

#include "inputs/http/http_protocol.hpp"
#include "towl/record/members.hpp"

namespace towld {

inline constexpr std::string_view kIngestPath = "/ingest";

class IngestProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<IngestProtocol>(); }
  bool takes(std::string_view media_type) const override;
  std::string_view taken_types() const override { return "application/json or application/x-ndjson"; }
  bool read_one(HttpRequest& request, Draft& draft) override;
  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override;

 private:
  towl::JsonEntryReader reader_;
};

}  // namespace towld
