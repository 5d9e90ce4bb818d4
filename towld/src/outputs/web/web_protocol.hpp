// WebProtocol is what one kind of server wants over HTTP: how an entry is written, what a request of many is, and what
// an answer says about each. WebSink does the rest; a protocol is pure, from values to values.
//
// Threads: one at a time.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "outputs/store_follower.hpp"
#include "towl/record/record_view.hpp"
#include "towl/web/http_client.hpp"

namespace towld {

/// An entry that is to be sent.
struct WebEntry {
  std::string text = {};
  /// Only neighbours of the same group are sent in one request, if the protocol groups requests.
  std::string group = {};
  std::string place = {};  ///< Its address.
  towl::Timestamp time = 0;
  towl::FileId file_id = 0;
  towl::Ordinal ordinal = 0;
};

enum class Fate {
  taken,    ///< It is there, now or since an earlier attempt.
  again,    ///< Not now: to be sent again.
  refused,  ///< For good, because of what it is.
};

/// What an answer says.
struct WebVerdict {
  /// Of all, if `each` is empty. `refused` for more than one: nobody knows which; they are sent again in halves.
  Fate all = Fate::taken;
  std::vector<Fate> each = {};  ///< Of each entry, or empty.
  std::string reason = {};      ///< Why not all are taken.
};

class WebProtocol {
 public:
  virtual ~WebProtocol() = default;

  /// Fills `text` and `group`.
  virtual void encode(const FollowedEntry& followed, const towl::RecordView& record, WebEntry& entry) = 0;

  /// Whether the two can be in one request, as neighbours.
  virtual bool goes_with(const WebEntry& before, const WebEntry& entry) const {
    static_cast<void>(before);
    static_cast<void>(entry);
    return true;
  }

  /// A request for these, one at least; the address and what proves who we are is added to it.
  virtual towl::web::Request request(std::span<const WebEntry> entries) = 0;

  /// What the answer to it means.
  virtual WebVerdict judge(const towl::web::Response& response, std::span<const WebEntry> entries) = 0;
};

/// What a status alone means: 2xx taken; 400, 413, 422 refused; all else to be tried again, what a configuration has to
/// mend (401, 403, 404 …) as well. The reason has the status and the beginning of the answer.
WebVerdict judge_status(const towl::web::Response& response);

}  // namespace towld
