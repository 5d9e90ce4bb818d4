// What a file's path says: named parts, and its origin in a cluster.
#include "inputs/file/path_fields.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_folder.hpp"

namespace towld {
namespace {

std::string shown(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields) text += field.name + "=" + field.value + " ";
  return text;
}

const std::string kId(64, 'a');

TEST(PathFields, PathsOfKubernetes) {
  EXPECT_EQ(shown(kubernetes_fields("/var/log/pods/kube-system_coredns-5d78c9869d-x_d2f3-1/coredns/12.log")),
            "k8s.namespace.name=kube-system k8s.pod.name=coredns-5d78c9869d-x k8s.pod.uid=d2f3-1 "
            "k8s.container.name=coredns k8s.container.restart_count=12 ");
  EXPECT_EQ(shown(kubernetes_fields("/host/var/log/pods/a_b_c/d/0.log.20240101-120000")),
            "k8s.namespace.name=a k8s.pod.name=b k8s.pod.uid=c k8s.container.name=d k8s.container.restart_count=0 ");
  EXPECT_EQ(shown(kubernetes_fields("/var/log/containers/web-1_shop_nginx-proxy-" + kId + ".log")),
            "k8s.namespace.name=shop k8s.pod.name=web-1 k8s.container.name=nginx-proxy container.id=" + kId + " ");
  for (const std::string path :
       {"/var/log/syslog", "/var/log/pods/a_b/c/0.log", "/var/log/pods/a_b_c/d/x.log", "/var/log/pods/a_b_c/0.log",
        "/var/log/containers/a_b_c.log", "", "/var/log/containers/a_b_c-123.log", "/pods/0.log"}) {
    EXPECT_EQ(shown(kubernetes_fields(path)), "") << path;
  }
}

TEST(PathFields, LinksAreFollowedAndNamedPartsBecomeFields) {
  const towl::test::TempFolder folder;
  const auto pod = folder.path() / "pods/a_b_c/d";
  std::filesystem::create_directories(pod);
  std::ofstream(pod / "0.log") << "x";
  std::filesystem::create_symlink(pod / "0.log", folder.path() / "link.log");
  const std::string path = (folder.path() / "link.log").string();
  const auto plain = PathFields::create("");
  ASSERT_TRUE(plain);
  EXPECT_EQ(
      shown((*plain)->of(path)),
      "LOG_FILE_PATH=" + path +
          " k8s.namespace.name=a k8s.pod.name=b k8s.pod.uid=c k8s.container.name=d k8s.container.restart_count=0 ");
  const auto named = PathFields::create("/(?P<app>[^/]+)/(?P<name>[^/]+)[.]log$|(?P<none>x)");
  ASSERT_TRUE(named);
  EXPECT_EQ(shown((*named)->of("/var/log/shop/web.log")), "LOG_FILE_PATH=/var/log/shop/web.log app=shop name=web ");
  EXPECT_FALSE(PathFields::create("("));
  EXPECT_FALSE(PathFields::create("no group"));
}

}  // namespace
}  // namespace towld
