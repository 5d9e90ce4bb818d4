#include "inputs/kubernetes/watch/pod_watch.hpp"

#include <utility>

#include "access/private_file.hpp"
#include "ingest/back_off.hpp"
#include "inputs/kubernetes/watch/api_url.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

constexpr int kGone = 410;

towl::web::ClientSecurity security_of(const KubernetesConfig& config) {
  towl::web::ClientSecurity security;
  security.ca = config.ca;
  security.skip_verify = config.skip_verify;
  return security;
}

/// What a list of metadata is asked for as; if the server does not know it, whole pods.
constexpr const char* kAccept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io, application/json";
constexpr const char* kAcceptOfWatch = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io, application/json";

towl::Error refused(long status, std::string_view body) {
  std::string message = "the API server answers " + std::to_string(status);
  if (const std::string why = refusal_of(body); !why.empty()) message += ": " + why;
  if (status == 401) message += "; is token_file the service account's?";
  if (status == 403) message += "; let the service account list and watch pods (deploy/kubernetes)";
  return {towl::ErrorCode::io, std::move(message)};
}

}  // namespace

towl::Result<std::unique_ptr<PodWatch>> PodWatch::start(const KubernetesConfig& config, const std::string& input,
                                                        std::function<void()> changed,
                                                        std::shared_ptr<spdlog::logger> log) {
  auto url = api_url(config);
  if (!url) return towl::fail(std::move(url.error()));
  auto watch = std::make_unique<PodWatch>(config, std::move(*url), input, std::move(changed), std::move(log));
  watch->thread_ = std::jthread([self = watch.get()] { self->run(); });
  return watch;
}

PodWatch::PodWatch(const KubernetesConfig& config, std::string url, std::string input, std::function<void()> changed,
                   std::shared_ptr<spdlog::logger> log)
    : config_(config),
      url_(std::move(url)),
      input_(std::move(input)),
      changed_(std::move(changed)),
      log_(std::move(log)) {}

PodWatch::~PodWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string PodWatch::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void PodWatch::run() {
  BackOff back_off(kFirstPodPause, kLongestPodPause);
  while (!stopping_) {
    if (version_.empty()) {
      if (auto listed = list(); !listed) {
        pods_->lost();
        fail(listed.error());
        pause(back_off.next());
        continue;
      }
    }
    const auto began = PodDirectory::Clock::now();
    const auto watched = watch();
    if (stopping_) return;
    // One that tells something, or lasts, is progress: one that ends at once is not.
    const bool is_progress = events_ > 0 || (is_answered_ && PodDirectory::Clock::now() - began > kLongestPodPause);
    if (is_progress) back_off.progressed();
    if (watched && is_progress) continue;
    if (!watched) {
      fail(watched.error());
      if (!is_answered_) {
        pods_->lost();
        version_.clear();
      }
    }
    pause(back_off.next());
  }
}

towl::Result<towl::web::Request> PodWatch::request(const std::string& query) const {
  towl::web::Request request;
  request.url =
      url_ + "/api/v1/pods?fieldSelector=" + towl::web::percent_encode("spec.nodeName=" + config_.node) + query;
  if (!config_.token_file.empty()) {
    const auto token = read_secret_file(config_.token_file);
    if (!token) return towl::fail(token.error());
    request.headers.emplace_back("Authorization", "Bearer " + *token);
  }
  return request;
}

towl::Result<void> PodWatch::list() {
  towl::web::HttpClient client(security_of(config_),
                               {.connect_time = kPodConnectTime, .max_answer_bytes = kMaxPodAnswerBytes});
  std::string following;
  std::string version;
  pods_->begin_list();
  bool any = false;
  do {
    std::string query = "&limit=" + std::to_string(kPodsOfPage);
    if (!following.empty()) {
      query += "&continue=" + towl::web::percent_encode(following);
    } else if (!is_old_) {
      // What the server has at hand will do: the watch goes on from there.
      query += "&resourceVersion=0";
    }
    auto asked = request(query);
    if (!asked) return towl::fail(std::move(asked.error()));
    asked->headers.emplace_back("Accept", kAccept);
    const auto answer = client.run(std::move(*asked), [this] { return stopping_.load(); });
    if (!answer) return towl::fail(answer.error());
    if (answer->status == kGone) is_old_ = true;
    if (answer->status != 200) return towl::fail(refused(answer->status, answer->body));
    auto page = read_pod_page(answer->body, config_);
    if (!page) return towl::fail(std::move(page.error()));
    for (Pod& pod : page->pods) any = pods_->put(std::move(pod)) || any;
    following = std::move(page->following);
    version = std::move(page->version);
  } while (!following.empty());
  pods_->end_list();
  pods_->found();
  version_ = std::move(version);
  is_old_ = false;
  ++lists_;
  const auto count = pods_->size();
  bool was_wrong = false;
  {
    const std::lock_guard lock(mutex_);
    was_wrong = !std::exchange(error_, {}).empty();
  }
  if (log_ && (was_wrong || lists_ == 1)) {
    log_->info("input {}: {} pods of node {} are known", input_, count, config_.node);
  }
  if (pods_->refused() > 0 && log_ && lists_ == 1) {
    log_->warn("input {}: more than {} pods: those that came last have no labels", input_, kMaxPods);
  }
  if (any) changed_();
  return {};
}

towl::Result<void> PodWatch::watch() {
  auto asked = request("&watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(kPodWatchTime.count()) +
                       "&resourceVersion=" + towl::web::percent_encode(version_));
  if (!asked) return towl::fail(std::move(asked.error()));
  asked->headers.emplace_back("Accept", kAcceptOfWatch);
  asked->take = [this](std::string_view bytes) { return take(bytes); };
  line_.clear();
  is_answered_ = false;
  events_ = 0;
  told_ = {};
  const auto patience = kPodWatchTime + kPodWatchTime / 8;
  towl::web::HttpClient client(security_of(config_), {.connect_time = kPodConnectTime,
                                                      .stall_time = patience,
                                                      .whole_time = patience,
                                                      .max_answer_bytes = kMaxPodAnswerBytes});
  const auto answer = client.run(std::move(*asked), [this] { return stopping_.load(); });
  if (!told_) return told_;
  if (!answer) return towl::fail(answer.error());
  if (answer->status == kGone) {
    version_.clear();
    is_old_ = true;
  }
  if (answer->status != 200) return towl::fail(refused(answer->status, answer->body));
  return {};
}

bool PodWatch::take(std::string_view bytes) {
  if (!std::exchange(is_answered_, true)) settled();
  for (;;) {
    const auto end = bytes.find('\n');
    if (line_.size() + std::min(end, bytes.size()) > kMaxPodAnswerBytes) {
      told_ = towl::fail(towl::ErrorCode::invalid_argument, "the API server tells of a pod that is too large");
      version_.clear();
      return false;
    }
    if (end == std::string_view::npos) {
      line_ += bytes;
      return true;
    }
    const bool is_in_pieces = !line_.empty();
    if (is_in_pieces) line_ += bytes.substr(0, end);
    const std::string_view line = is_in_pieces ? std::string_view(line_) : bytes.substr(0, end);
    if (!line.empty() && !take_event(line)) return false;
    line_.clear();
    bytes.remove_prefix(end + 1);
  }
}

/// False if the watch is of no use any more.
bool PodWatch::take_event(std::string_view line) {
  auto event = read_pod_event(line, config_);
  if (!event || event->kind == PodEvent::Kind::error) {
    // Whatever it is, a list finds out.
    version_.clear();
    is_old_ = event && event->code == kGone;
    told_ = event ? towl::fail(refused(event->code, "")) : towl::fail(std::move(event.error()));
    if (event && !event->message.empty()) {
      told_.error().message += ": " + event->message.substr(0, kWebReasonBytes);
    }
    return false;
  }
  ++events_;
  if (!event->version.empty()) version_ = event->version;
  if (event->kind == PodEvent::Kind::removed) pods_->remove(event->pod.key.uid);
  if (event->kind == PodEvent::Kind::changed && pods_->put(std::move(event->pod))) changed_();
  return true;
}

void PodWatch::settled() {
  const std::lock_guard lock(mutex_);
  error_.clear();
}

// Logged once for the same.
void PodWatch::fail(const towl::Error& error) {
  const std::string message = "kubernetes: " + error.to_string();
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = message != error_;
    error_ = message;
  }
  if (is_new && log_) log_->warn("input {}: {}", input_, message);
}

void PodWatch::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, time, [this] { return stopping_.load(); });
}

}  // namespace towld
