// journal-upload: what systemd-journal-upload(8) sends: entries of a journal in the export format.
//
// They are stored as the input journald stores them, the host as the sender. The client goes on after its cursor once
// it is answered 2xx. A request may be a whole journal: its entries are stored as they arrive; if it is not answered, the
// client sends all of it again.
#include <array>
#include <charconv>
#include <utility>

#include "inputs/http/http_protocol.hpp"
#include "inputs/http/journal_upload/export_reader.hpp"

namespace towld {
namespace {

constexpr std::array<InputPath, 2> kPaths = {{{"/upload"}, {"/insert/journald/upload"}}};

/// Microseconds.
std::optional<towl::Timestamp> time_of(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  if (value < 0 || value > INT64_MAX / 1000) return std::nullopt;
  return value * 1000;
}

class JournalUploadProtocol final : public HttpProtocol {
 public:
  std::unique_ptr<HttpProtocol> another() const override { return std::make_unique<JournalUploadProtocol>(); }
  bool takes(std::string_view type) const override { return type == "application/vnd.fdo.journal"; }
  std::string_view taken_types() const override { return "application/vnd.fdo.journal"; }

  towl::Result<void> read(HttpRequest& request, HttpEntries& entries) override {
    ExportReader reader(request.body);
    for (;;) {
      const auto fields = reader.next();
      if (!fields) return entries.refuse(fields.error(), 1);
      if (*fields == nullptr) return {};
      fill(**fields, entries.draft());
      if (auto taken = entries.take(); !taken) return entries.refuse(taken.error(), 1);
    }
  }

  std::optional<std::size_t> whole_bytes(std::string_view body) const override { return whole_entries(body); }

  HttpResponse stored(const HttpCounts&) const override {
    return {.status = 202, .body = "OK.\n", .content_type = "text/plain"};
  }

 private:
  static void fill(const ExportReader::Fields& fields, Draft& draft) {
    draft.is_from_journal = true;
    draft.may_lack_message = true;
    std::optional<towl::Timestamp> source;
    std::optional<towl::Timestamp> received;
    for (const auto& [name, value] : fields) {
      if (name == field::kMessage) {
        draft.text.assign(value);
        draft.may_lack_message = false;
        continue;
      }
      if (name == field::kHost && !value.empty()) draft.sender.assign(value);
      if (name == field::kSourceTime) source = time_of(value);
      if (name == field::kReceived) received = time_of(value);
      draft.fields.push_back({std::string(name), std::string(value)});
    }
    draft.time = source ? source : received;
  }
};

std::unique_ptr<HttpProtocol> make() { return std::make_unique<JournalUploadProtocol>(); }

}  // namespace

extern const HttpProtocolType kJournalUploadProtocol = {"journal-upload", kPaths, make};

}  // namespace towld
