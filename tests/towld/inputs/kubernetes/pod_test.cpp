// What an API server says about pods, read from any bytes; how many pods are known; how long files wait for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "inputs/kubernetes/pod_directory.hpp"
#include "inputs/kubernetes/watch/api_url.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Field>& fields) {
  std::vector<std::string> texts;
  for (const Field& field : fields) texts.push_back(field.name + "=" + field.value);
  return texts;
}

constexpr const char* kPage =
    R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"581","continue":"next==",)"
    R"("remainingItemCount":2},"items":[{"metadata":{"name":"web-1","namespace":"shop","uid":"u-1","resourceVersion":"7",)"
    R"("labels":{"app":"web","spec":"small","managedFields":"x"},"annotations":{"kubernetes.io/config.hash":"0f3a","note":"n"},)"
    R"("managedFields":[{"fieldsV1":{"f:metadata":{}}}],"ownerReferences":[{"kind":"ReplicaSet"}]}},)"
    R"({"metadata":{"name":"bare","namespace":"shop","uid":"u-2"}}, {"metadata":{"name":"no uid"}}, 7]})";

TEST(Pod, APartOfTheListIsRead) {
  const auto page = read_pod_page(kPage, {.annotations = {"note"}});
  ASSERT_TRUE(page) << page.error().to_string();
  EXPECT_EQ(page->version, "581");
  EXPECT_EQ(page->following, "next==");
  ASSERT_EQ(page->pods.size(), 2u);
  const Pod& pod = page->pods[0];
  EXPECT_EQ(pod.key.uid + " " + pod.key.name_space + " " + pod.key.name, "u-1 shop web-1");
  EXPECT_EQ(pod.config_hash, "0f3a");
  EXPECT_THAT(texts(pod.fields), ElementsAre("k8s.pod.label.app=web", "k8s.pod.label.managedFields=x",
                                             "k8s.pod.label.spec=small", "k8s.pod.annotation.note=n"));
  EXPECT_THAT(page->pods[1].fields, IsEmpty());
}

TEST(Pod, WholePodsWillDo) {
  const auto page = read_pod_page(
      R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a","namespace":"b","uid":"c",)"
      R"("labels":{"x":"y"}},"spec":{"nodeName":"n"},"status":{"phase":"Running"}}]})",
      {});
  ASSERT_TRUE(page) << page.error().to_string();
  ASSERT_EQ(page->pods.size(), 1u);
  EXPECT_THAT(texts(page->pods[0].fields), ElementsAre("k8s.pod.label.x=y"));
  const auto none = read_pod_page(R"({"metadata":{"resourceVersion":"1"},"items":null})", {});
  ASSERT_TRUE(none);
  EXPECT_THAT(none->pods, IsEmpty());
}

TEST(Pod, OnlyWhatIsNamedIsTaken) {
  const std::vector<std::string> patterns = {"app", "app.kubernetes.io/*"};
  EXPECT_TRUE(is_named(patterns, "app"));
  EXPECT_TRUE(is_named(patterns, "app.kubernetes.io/name"));
  EXPECT_FALSE(is_named(patterns, "apps"));
  EXPECT_FALSE(is_named({}, "app"));
  EXPECT_TRUE(is_named({"*"}, "anything"));
}

TEST(Pod, WhatIsTooLongIsLeftOut) {
  std::string labels;
  for (int i = 0; i < 100; ++i) {
    labels += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + "\":\"" + std::string(1000, 'x') + "\"";
  }
  const auto page = read_pod_page(R"({"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a","uid":"c",)"
                                  R"("annotations":{"big":")" +
                                      std::string(kMaxPodFieldBytes, 'x') + R"("},"labels":{)" + labels + "}}}]}",
                                  {.annotations = {"*"}});
  ASSERT_TRUE(page);
  std::size_t bytes = 0;
  for (const Field& field : page->pods[0].fields) bytes += field.name.size() + field.value.size();
  EXPECT_LE(bytes, kMaxPodBytes);
  EXPECT_GT(bytes, kMaxPodBytes / 2);
  EXPECT_THAT(texts(page->pods[0].fields), testing::Not(testing::Contains(HasSubstr("annotation"))));
}

TEST(Pod, EventsAreRead) {
  const auto changed = read_pod_event(
      R"({"type":"MODIFIED","object":{"metadata":{"name":"a","namespace":"b","uid":"c","resourceVersion":"9","labels":{"x":"y"}}}})",
      {});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->kind, PodEvent::Kind::changed);
  EXPECT_EQ(changed->version, "9");
  EXPECT_THAT(texts(changed->pod.fields), ElementsAre("k8s.pod.label.x=y"));
  const auto bookmark = read_pod_event(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"12746","creationTimestamp":null}}})",
      {});
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->kind, PodEvent::Kind::bookmark);
  EXPECT_EQ(bookmark->version, "12746");
  const auto error = read_pod_event(
      R"({"type":"ERROR","object":{"kind":"Status","message":"too old","reason":"Expired","code":410}})", {});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, PodEvent::Kind::error);
  EXPECT_EQ(error->code, 410);
  EXPECT_FALSE(read_pod_event(R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})", {}));
  EXPECT_FALSE(read_pod_event(R"({"type":"ADDED"})", {}));
}

// Any input is read or refused.
TEST(Pod, AnyBytesMayCome) {
  const std::string page = kPage;
  for (std::size_t cut = 0; cut < page.size(); ++cut) EXPECT_FALSE(read_pod_page(page.substr(0, cut), {})) << cut;
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 chance(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = page;
    for (int change = 0; change < 3; ++change) text[chance() % text.size()] = static_cast<char>(chance());
    if (const auto read = read_pod_page(text, {}); read) {
      EXPECT_LE(read->pods.size(), 3u);
    }
    static_cast<void>(read_pod_event(text, {}));
    static_cast<void>(refusal_of(text));
  }
  EXPECT_FALSE(read_pod_page(std::string(100'000, '['), {}));
  for (const char* wrong :
       {"", "null", "[]", "7", R"({"metadata":7})", R"({"metadata":{"resourceVersion":7},"items":[]})",
        R"({"metadata":{"resourceVersion":"7"},"items":{}})"}) {
    EXPECT_FALSE(read_pod_page(wrong, {})) << wrong;
  }
}

Pod pod(const std::string& uid, const std::string& name, const std::string& label) {
  return {{uid, "ns", name}, "", {{"k8s.pod.label.app", label}}};
}

TEST(PodDirectory, FindsByUidByHashAndByName) {
  PodDirectory pods;
  Pod of_node = pod("u-1", "etcd-node", "etcd");
  of_node.config_hash = "0f3a";
  EXPECT_TRUE(pods.put(of_node));
  EXPECT_TRUE(pods.put(pod("u-2", "web-0", "web")));
  EXPECT_EQ(pods.find({.uid = "0f3a"})->front().value, "etcd");
  EXPECT_EQ(pods.find({.uid = "u-2", .name_space = "other", .name = "other"})->front().value, "web");
  EXPECT_EQ(pods.find({.name_space = "ns", .name = "web-0"})->front().value, "web");
  EXPECT_EQ(pods.find({.name_space = "ns", .name = "web"}), nullptr);
  // Another pod of that name, as of a StatefulSet, is not the one that was there.
  EXPECT_EQ(pods.find({.uid = "u-3", .name_space = "ns", .name = "web-0"}), nullptr);
}

TEST(PodDirectory, WhatIsTheSameIsNotNew) {
  PodDirectory pods;
  pods.put(pod("u-1", "a", "x"));
  const auto generation = pods.generation();
  EXPECT_FALSE(pods.put(pod("u-1", "a", "x")));
  EXPECT_EQ(pods.generation(), generation);
  EXPECT_TRUE(pods.put(pod("u-1", "a", "y")));
  EXPECT_NE(pods.generation(), generation);
}

TEST(PodDirectory, ThoseThatAreGoneMakeRoom) {
  PodDirectory pods;
  for (std::size_t i = 0; i < kMaxPods; ++i) {
    EXPECT_TRUE(pods.put(pod("u" + std::to_string(i), "n" + std::to_string(i), "x")));
  }
  EXPECT_FALSE(pods.put(pod("one more", "m", "x")));
  EXPECT_EQ(pods.refused(), 1u);
  pods.begin_list();
  for (std::size_t i = 10; i < kMaxPods; ++i) pods.put(pod("u" + std::to_string(i), "n" + std::to_string(i), "x"));
  pods.end_list();
  EXPECT_NE(pods.find({.uid = "u3"}), nullptr) << "its files may still be read";
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(pods.put(pod("new" + std::to_string(i), "m" + std::to_string(i), "x")));
  EXPECT_FALSE(pods.put(pod("one more", "m", "x")));
  EXPECT_EQ(pods.find({.uid = "u3"}), nullptr);
  EXPECT_EQ(pods.size(), kMaxPods);
}

TEST(PodOfFile, WaitsForWhatIsToCome) {
  const auto begin = PodDirectory::Clock::now();
  PodDirectory pods(begin);
  pods.found();
  PodOfFile file({.uid = "u-1"});
  EXPECT_TRUE(file.waits(pods, 5s, begin + 1s));
  EXPECT_EQ(file.until(), begin + 6s);
  EXPECT_TRUE(file.waits(pods, 5s, begin + 5s));
  EXPECT_FALSE(file.waits(pods, 5s, begin + 6s)) << "it goes on without";
  EXPECT_EQ(file.fields(), nullptr);
  pods.put(pod("u-1", "a", "x"));
  EXPECT_FALSE(file.waits(pods, 5s, begin + 7s));
  EXPECT_EQ(file.fields()->front().value, "x");
  pods.put(pod("u-1", "a", "y"));
  EXPECT_FALSE(file.waits(pods, 5s, begin + 8s));
  EXPECT_EQ(file.fields()->front().value, "y");
}

// Each new file would wait in vain.
TEST(PodOfFile, DoesNotWaitForAServerThatWasSilentForLong) {
  const auto begin = PodDirectory::Clock::now();
  const PodDirectory pods(begin);
  PodOfFile early({.uid = "u-1"});
  EXPECT_TRUE(early.waits(pods, 5s, begin + 2s));
  EXPECT_EQ(early.until(), begin + 5s);
  PodOfFile late({.uid = "u-2"});
  EXPECT_FALSE(late.waits(pods, 5s, begin + 5s));
  PodOfFile none({.uid = "u-3"});
  EXPECT_FALSE(none.waits(pods, 0s, begin));
}

TEST(KubernetesConfig, TheServerIsNamedOrTheEnvironmentTells) {
  EXPECT_EQ(*api_url({.api = "https://10.0.0.1:6443/"}), "https://10.0.0.1:6443");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  const auto none = api_url({});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("this is no pod"));
  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  EXPECT_EQ(*api_url({}), "https://[fd00::1]:443");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
}

}  // namespace
}  // namespace towld
