// PodWatch keeps a PodDirectory as the API server has it: lists the pods of a node, then watches them.
//
// Asks:     for metadata alone (PartialObjectMetadata); servers that do not know that send whole pods, which work, too.
// Rights:   `list` and `watch` of pods, see deploy/kubernetes.
// Token:    read again for each request: service accounts' are replaced every hour.
// Bounded:  an answer or event that is larger than kMaxPodAnswerBytes is an error.
// Failure:  tried again after pauses that grow (BackOff). A watch that was cut goes on from where it was; after 410
//           (the server no longer knows that), or when the server did not answer at all, all are listed again.
// Threads:  its own, joined by the destructor; the calls below come from any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "inputs/kubernetes/kubernetes_config.hpp"
#include "inputs/kubernetes/pod_directory.hpp"
#include "inputs/kubernetes/pod_source.hpp"
#include "log/spdlog.hpp"
#include "towl/result.hpp"
#include "towl/web/http_client.hpp"

namespace towld {

class PodWatch final : public PodSource {
 public:
  /// `changed` is called on its thread when the directory has something new. Errors: those of api_url(); what is wrong
  /// with files or the server shows later.
  static towl::Result<std::unique_ptr<PodWatch>> start(const KubernetesConfig& config, const std::string& input,
                                                       std::function<void()> changed,
                                                       std::shared_ptr<spdlog::logger> log);

  /// For start() alone.
  PodWatch(const KubernetesConfig& config, std::string url, std::string input, std::function<void()> changed,
           std::shared_ptr<spdlog::logger> log);
  ~PodWatch() override;

  const std::shared_ptr<PodDirectory>& pods() const override { return pods_; }

  std::string error() const override;

  /// How often all were listed, since the start.
  std::uint64_t lists() const { return lists_; }

 private:
  void run();
  towl::Result<void> list();
  towl::Result<void> watch();
  bool take(std::string_view bytes);
  bool take_event(std::string_view line);
  towl::Result<towl::web::Request> request(const std::string& query) const;
  void fail(const towl::Error& error);
  void settled();
  void pause(std::chrono::milliseconds time);

  const KubernetesConfig config_;
  const std::string url_;
  const std::string input_;
  const std::function<void()> changed_;
  const std::shared_ptr<spdlog::logger> log_;
  const std::shared_ptr<PodDirectory> pods_ = std::make_shared<PodDirectory>();

  // Of the thread.
  std::string version_;  // the watch goes on from here; empty: list first
  bool is_old_ = false;  // the server may answer with what it has at hand, unless it said that this is too old
  std::string line_;     // of the watch, while it has no end
  bool is_answered_ = false;
  std::uint64_t events_ = 0;  // of this watch
  towl::Result<void> told_;   // by an event that ends the watch

  std::atomic<std::uint64_t> lists_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  std::string error_;
  std::jthread thread_;
};

}  // namespace towld
