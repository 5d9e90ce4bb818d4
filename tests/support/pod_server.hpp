// PodServer stands in for a Kubernetes API server: the pods of a node, listed in parts and watched, as a real server
// answers if only metadata is asked for. It is strict: it refuses what a real one would, and keeps it in complaints().
//
// What it does like a real one: versions that only grow, parts with tokens, events with their objects, bookmarks, 410
// for a version that is forgotten (as an answer, or as an ERROR event), connections that are cut in the middle of an event.
// Threads: any; it has one per connection.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/loopback_listener.hpp"

namespace towl::test {

class PodServer {
 public:
  PodServer(std::string node, std::string token) : node_(std::move(node)), token_(std::move(token)) {}
  PodServer(const PodServer&) = delete;
  PodServer& operator=(const PodServer&) = delete;
  ~PodServer() {
    {
      const std::lock_guard lock(mutex_);
      listener_.tell_to_stop();
    }
    changed_.notify_all();
    listener_.stop();
    EXPECT_TRUE(complaints_.empty()) << complaints_.front();
  }

  std::string url() const { return "http://" + listener_.address(); }

  /// `labels` and `annotations` as JSON objects.
  void put(const std::string& uid, const std::string& name_space, const std::string& name, const std::string& labels,
           const std::string& annotations = "{}") {
    const std::lock_guard lock(mutex_);
    const bool is_new = !pods_.contains(uid);
    pods_[uid] = R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":")" + name +
                 R"(","generateName":"web-7d5c-","namespace":")" + name_space + R"(","uid":")" + uid +
                 R"(","resourceVersion":")" + std::to_string(++version_) +
                 R"(","creationTimestamp":"2026-11-30T01:02:03Z","labels":)" + labels + R"(,"annotations":)" +
                 annotations +
                 R"(,"managedFields":[{"manager":"kubelet","operation":"Update","apiVersion":"v1","fieldsType":)"
                 R"("FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{"f:app":{}}}},"subresource":"status"}]}})";
    tell(is_new ? "ADDED" : "MODIFIED", pods_[uid]);
  }
  void remove(const std::string& uid) {
    const std::lock_guard lock(mutex_);
    ++version_;
    tell("DELETED", pods_[uid]);
    pods_.erase(uid);
  }
  void bookmark() {
    const std::lock_guard lock(mutex_);
    tell("BOOKMARK",
         R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":")" +
             std::to_string(++version_) + R"(","creationTimestamp":null}})");
  }
  /// Pods change without anybody hearing of it, as they do while a watch is cut.
  void tell_nobody(bool nobody) {
    const std::lock_guard lock(mutex_);
    nobody_ = nobody;
  }
  /// Forgets all versions so far: a client that asks from there gets 410; one that watches gets an event about it.
  void forget() {
    const std::lock_guard lock(mutex_);
    oldest_ = ++version_;
    events_.push_back({version_,
                       R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":)"
                       R"("Failure","message":"too old resource version","reason":"Expired","code":410}})"});
    changed_.notify_all();
  }
  /// Ends all connections, in the middle of an event.
  void cut() {
    const std::lock_guard lock(mutex_);
    ++cuts_;
    changed_.notify_all();
  }
  /// 0: answers again. -1: takes requests and never answers.
  void refuse(int status) {
    refused_with_ = status;
    cut();
  }
  void set_token(std::string token) {
    const std::lock_guard lock(mutex_);
    token_ = std::move(token);
  }
  void set_page(std::size_t pods) { page_ = pods; }

  int lists() const { return lists_; }
  int watches() const { return watches_; }
  int requests() const { return requests_; }

 private:
  struct Event {
    std::uint64_t version;
    std::string json;
  };

  void tell(const std::string& type, const std::string& object) {
    if (nobody_) return;
    events_.push_back({version_, R"({"type":")" + type + R"(","object":)" + object + "}"});
    changed_.notify_all();
  }

  static bool send_all(int fd, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
      const auto n = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  void serve(int fd) {
    std::string head;
    while (!listener_.stopping() && head.find("\r\n\r\n") == std::string::npos) {
      pollfd polled = {fd, POLLIN, 0};
      if (::poll(&polled, 1, 20) <= 0) continue;
      char buffer[4096];
      const auto n = ::recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      head.append(buffer, static_cast<std::size_t>(n));
    }
    if (head.find("\r\n\r\n") != std::string::npos) answer(fd, head);
    ::close(fd);
  }

  void complain(int fd, int status, const std::string& why, bool is_expected = false) {
    if (!is_expected) complaints_.push_back(why);
    send_status(fd, status, why);
  }
  static void send_status(int fd, int status, const std::string& why) {
    const std::string body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
                             why + R"(","code":)" + std::to_string(status) + "}";
    send_all(fd, "HTTP/1.1 " + std::to_string(status) +
                     " No\r\nContent-Type: application/json\r\nConnection: close\r\n" +
                     "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  /// Checks the query of a request: "" if it is as this server wants it, else what is wrong with it.
  static std::string read_query(const std::string& target, std::map<std::string, std::string>& query) {
    constexpr std::string_view kPath = "/api/v1/pods?";
    if (!target.starts_with(kPath)) return "no such path: " + target;
    for (std::size_t at = kPath.size(); at < target.size();) {
      const auto end = std::min(target.find('&', at), target.size());
      const auto equals = target.find('=', at);
      if (equals == std::string::npos || equals > end) return "no value: " + target;
      query[target.substr(at, equals - at)] = target.substr(equals + 1, end - equals - 1);
      at = end + 1;
    }
    for (const auto& [name, value] : query) {
      constexpr std::string_view kKnown[] = {
          "fieldSelector", "limit", "continue", "resourceVersion", "watch", "allowWatchBookmarks", "timeoutSeconds"};
      if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) return "not known: " + name;
    }
    if (query.contains("continue") && query.contains("resourceVersion")) {
      return "resourceVersion is not allowed with continue";
    }
    return "";
  }

  void answer(int fd, const std::string& head) {
    std::unique_lock lock(mutex_);
    ++requests_;
    const std::uint64_t cuts = cuts_;
    if (refused_with_ > 0) return complain(fd, refused_with_, "pods is forbidden", true);
    if (refused_with_ < 0) {
      changed_.wait(lock, [&] { return listener_.stopping() || cuts_ != cuts; });
      return;
    }
    const auto first_blank = head.find(' ');
    const std::string target = head.substr(first_blank + 1, head.find(' ', first_blank + 1) - first_blank - 1);
    if (!head.starts_with("GET ")) return complain(fd, 405, "only GET: " + head);
    if (head.find("\r\nAuthorization: Bearer " + token_ + "\r\n") == std::string::npos) {
      return complain(fd, 401, "Unauthorized", true);
    }
    std::map<std::string, std::string> query;
    if (const auto wrong = read_query(target, query); !wrong.empty()) return complain(fd, 400, wrong);
    if (query["fieldSelector"] != "spec.nodeName%3D" + node_) return complain(fd, 400, "another node: " + target);
    const bool is_watch = query["watch"] == "1";
    const std::string kind = is_watch ? "PartialObjectMetadata;" : "PartialObjectMetadataList;";
    if (head.find("\r\nAccept: application/json;as=" + kind + "v=v1;g=meta.k8s.io,") == std::string::npos) {
      return complain(fd, 406, "not acceptable: " + head);
    }
    if (is_watch) return watch(fd, query, cuts, lock);
    list(fd, query);
  }

  void list(int fd, const std::map<std::string, std::string>& query) {
    ++lists_;
    std::size_t from = 0;
    if (const auto token = query.find("continue"); token != query.end()) from = std::stoul(token->second);
    std::size_t limit = std::stoul(query.at("limit"));
    if (page_ > 0) limit = std::min<std::size_t>(limit, page_);
    std::string items;
    std::size_t at = 0;
    for (const auto& [uid, pod] : pods_) {
      if (at >= from && at < from + limit) items += (items.empty() ? "" : ",") + pod;
      ++at;
    }
    const std::string following =
        from + limit < pods_.size() ? R"(,"continue":")" + std::to_string(from + limit) + R"(","remainingItemCount":1)"
                                    : "";
    const std::string body =
        R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":")" +
        std::to_string(version_) + "\"" + following + R"(},"items":[)" + items + "]}";
    send_all(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void watch(int fd, const std::map<std::string, std::string>& query, std::uint64_t cuts,
             std::unique_lock<std::mutex>& lock) {
    const auto version = query.find("resourceVersion");
    if (version == query.end() || version->second.empty()) return complain(fd, 400, "a watch needs a version");
    std::uint64_t seen = std::stoull(version->second);
    if (seen < oldest_) return complain(fd, 410, "too old resource version", true);
    ++watches_;
    send_all(fd,
             "HTTP/1.1 200 OK\r\nContent-Type: application/json;stream=watch\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::size_t next = 0;
    while (!listener_.stopping()) {
      for (; next < events_.size(); ++next) {
        if (events_[next].version <= seen) continue;
        const std::string& json = events_[next].json;
        send_all(fd, hexadecimal(json.size() + 1) + "\r\n" + json + "\n\r\n");
        if (json.find(R"("ERROR")") != std::string::npos) {
          send_all(fd, "0\r\n\r\n");
          return;
        }
      }
      changed_.wait(lock, [&] { return listener_.stopping() || cuts_ != cuts || next < events_.size(); });
      if (cuts_ != cuts) {
        send_all(fd, "20\r\n{\"type\":\"MODIFIED\",\"obj");
        return;
      }
    }
  }

  static std::string hexadecimal(std::size_t value) {
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx", value);
    return digits;
  }

  const std::string node_;
  std::string token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> pods_;  // by UID
  std::vector<Event> events_;
  std::uint64_t version_ = 100;
  std::uint64_t oldest_ = 0;
  std::uint64_t cuts_ = 0;
  bool nobody_ = false;
  std::vector<std::string> complaints_;
  std::atomic<int> refused_with_ = 0;
  std::atomic<std::size_t> page_ = 0;
  std::atomic<int> lists_ = 0;
  std::atomic<int> watches_ = 0;
  std::atomic<int> requests_ = 0;
  LoopbackListener listener_{[this](int fd) { serve(fd); }};  // the last: it serves from its beginning
};

}  // namespace towl::test
