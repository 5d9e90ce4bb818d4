#include "inputs/kubernetes/pod.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "limits/limits.hpp"

namespace towld {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kConfigHash = "kubernetes.io/config.hash";

const Json* member(const Json& of, const char* name) {
  if (!of.is_object()) return nullptr;
  const auto found = of.find(name);
  return found == of.end() ? nullptr : &*found;
}

std::string text_of(const Json& of, const char* name) {
  const Json* const found = member(of, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

/// Parses without what is not needed, which is most of it: a pod's spec and status, and who manages its fields.
/// `depth`: of the members of a pod.
Json parse(std::string_view text, int depth) {
  const auto is_wanted = [depth](int at, Json::parse_event_t event, Json& parsed) {
    if (event != Json::parse_event_t::key) return true;
    const auto& name = parsed.get_ref<const std::string&>();
    if (at == depth) return name != "spec" && name != "status";
    return at != depth + 1 || (name != "managedFields" && name != "ownerReferences");
  };
  return Json::parse(text.begin(), text.end(), is_wanted, false);
}

/// Adds those that are named by `patterns`, up to `room` bytes, which it takes from.
void add_named(const Json& metadata, const char* member_name, const std::vector<std::string>& patterns,
               const std::string& prefix, std::size_t& room, std::vector<Field>& fields) {
  const Json* const values = member(metadata, member_name);
  if (values == nullptr || !values->is_object()) return;
  for (const auto& [name, value] : values->items()) {
    if (!value.is_string() || name.empty() || !is_named(patterns, name)) continue;
    const auto& text = value.get_ref<const std::string&>();
    const std::size_t bytes = prefix.size() + name.size() + text.size();
    if (bytes > kMaxPodFieldBytes || bytes > room) continue;
    room -= bytes;
    fields.push_back({prefix + name, text});
  }
}

Pod pod_of(const Json& object, const KubernetesConfig& config) {
  Pod pod;
  const Json* const metadata = member(object, "metadata");
  if (metadata == nullptr) return pod;
  pod.key = {text_of(*metadata, "uid"), text_of(*metadata, "namespace"), text_of(*metadata, "name")};
  if (const Json* const annotations = member(*metadata, "annotations")) {
    pod.config_hash = text_of(*annotations, std::string(kConfigHash).c_str());
  }
  std::size_t room = kMaxPodBytes;
  add_named(*metadata, "labels", config.labels, "k8s.pod.label.", room, pod.fields);
  add_named(*metadata, "annotations", config.annotations, "k8s.pod.annotation.", room, pod.fields);
  return pod;
}

bool is_whole(const PodKey& key) {
  constexpr std::size_t kLongestName = 253;  // of Kubernetes
  return !key.uid.empty() && key.uid.size() <= kLongestName && !key.name.empty() && key.name.size() <= kLongestName &&
         key.name_space.size() <= kLongestName;
}

std::string version_of(const Json& object) {
  const Json* const metadata = member(object, "metadata");
  return metadata == nullptr ? std::string() : text_of(*metadata, "resourceVersion");
}

towl::Error unreadable(std::string_view json) {
  return {towl::ErrorCode::invalid_argument,
          "the API server answers what is no list of pods: " + std::string(json.substr(0, kWebReasonBytes))};
}

}  // namespace

towl::Result<PodPage> read_pod_page(std::string_view json, const KubernetesConfig& config) {
  constexpr int kDepthOfMembers = 3;
  const Json answer = parse(json, kDepthOfMembers);
  const Json* const items = member(answer, "items");
  PodPage page;
  page.version = version_of(answer);
  if (page.version.empty() || (items != nullptr && !items->is_array() && !items->is_null())) {
    return towl::fail(unreadable(json));
  }
  page.following = text_of(*member(answer, "metadata"), "continue");
  if (items == nullptr || items->is_null()) return page;
  for (const Json& item : *items) {
    Pod pod = pod_of(item, config);
    if (is_whole(pod.key)) page.pods.push_back(std::move(pod));
  }
  return page;
}

towl::Result<PodEvent> read_pod_event(std::string_view json, const KubernetesConfig& config) {
  constexpr int kDepthOfMembers = 2;
  const Json told = parse(json, kDepthOfMembers);
  const std::string type = text_of(told, "type");
  const Json* const object = member(told, "object");
  if (type.empty() || object == nullptr) return towl::fail(unreadable(json));
  PodEvent event;
  event.version = version_of(*object);
  if (type == "ERROR") {
    event.kind = PodEvent::Kind::error;
    const Json* const code = member(*object, "code");
    event.code = code != nullptr && code->is_number_integer() ? code->get<int>() : 0;
    event.message = text_of(*object, "message");
  } else if (type == "ADDED" || type == "MODIFIED" || type == "DELETED") {
    event.pod = pod_of(*object, config);
    if (!is_whole(event.pod.key)) return towl::fail(unreadable(json));
    event.kind = type == "DELETED" ? PodEvent::Kind::removed : PodEvent::Kind::changed;
  }
  return event;
}

std::string refusal_of(std::string_view json) {
  const Json answer = Json::parse(json.begin(), json.end(), nullptr, false);
  return text_of(answer, "message").substr(0, kWebReasonBytes);
}

PodKey pod_of(const std::vector<Field>& path_fields) {
  PodKey key;
  for (const Field& field : path_fields) {
    if (field.name == "k8s.pod.uid") key.uid = field.value;
    if (field.name == "k8s.namespace.name") key.name_space = field.value;
    if (field.name == "k8s.pod.name") key.name = field.value;
  }
  return key;
}

}  // namespace towld
