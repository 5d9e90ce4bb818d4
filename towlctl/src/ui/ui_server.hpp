// The collector's page and its read endpoints over a mirror: /, /files, /query, /entry, /tail. Read only, and only for
// this host: a request with another host's name is refused (a web page can make its own name point here).
#pragma once

#include <memory>
#include <string>

#include "towl/result.hpp"
#include "ui/program.hpp"

namespace towlctl {

/// A server that runs until it is destroyed.
class UiServer {
 public:
  /// Errors: as RunUi.
  static towl::Result<std::unique_ptr<UiServer>> start(const UiOptions& options);

  UiServer();
  UiServer(const UiServer&) = delete;
  UiServer& operator=(const UiServer&) = delete;
  ~UiServer();

  /// "http://127.0.0.1:41234/"
  std::string url() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// RunUi.
towl::Result<int> run_ui(const UiOptions& options);

}  // namespace towlctl
