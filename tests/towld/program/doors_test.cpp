// The doors of a collector that others can reach: TLS, tokens, what is open and what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <set>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/tls_site.hpp"
#include "towl/store.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using towld::Scope;

/// Where the log says that `what` is.
std::string address_of(const Process& process, const std::string& what) {
  const std::string said = process.err();
  const auto at = said.find(what + " on ");
  if (at == std::string::npos) return "";
  const auto begin = at + what.size() + 4;
  return said.substr(begin, said.find('\n', begin) - begin);
}

/// What each call answers a client with this token. "" is none.
std::map<std::string, grpc::StatusCode> ask_everything(towl::v1::Towl::Stub& stub, const std::string& token) {
  std::map<std::string, grpc::StatusCode> answers;
  const auto call = [&](const std::string& name, const std::function<grpc::Status(grpc::ClientContext&)>& make) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    towl::rpc::add_token(token, context);
    answers[name] = make(context).error_code();
  };
  call("Append", [&](grpc::ClientContext& context) {
    const auto stream = stub.Append(&context);
    stream->Write(make_request({numbered_entry(0)}));
    stream->WritesDone();
    for (towl::v1::AppendResponse response; stream->Read(&response);) continue;
    return stream->Finish();
  });
  call("Push", [&](grpc::ClientContext& context) {
    const auto stream = stub.Push(&context);
    towl::v1::PushRequest request;
    request.mutable_start()->set_store("0123456789abcdef");
    stream->Write(request);
    stream->WritesDone();
    for (towl::v1::PushResponse response; stream->Read(&response);) continue;
    return stream->Finish();
  });
  call("ListFiles", [&](grpc::ClientContext& context) {
    towl::v1::ListFilesResponse response;
    return stub.ListFiles(&context, {}, &response);
  });
  call("Pull", [&](grpc::ClientContext& context) {
    towl::v1::PullRequest request;
    request.set_file_id(1);
    const auto stream = stub.Pull(&context, request);
    for (towl::v1::PullResponse response; stream->Read(&response);) continue;
    return stream->Finish();
  });
  call("Query", [&](grpc::ClientContext& context) {
    const auto stream = stub.Query(&context, {});
    for (towl::v1::QueryResponse response; stream->Read(&response);) continue;
    return stream->Finish();
  });
  call("Stats", [&](grpc::ClientContext& context) {
    towl::v1::StatsResponse response;
    return stub.Stats(&context, {}, &response);
  });
  call("GetConfig", [&](grpc::ClientContext& context) {
    towl::v1::GetConfigResponse response;
    return stub.GetConfig(&context, {}, &response);
  });
  call("Retain", [&](grpc::ClientContext& context) {
    towl::v1::RetainRequest request;
    request.set_dry_run(true);
    towl::v1::RetainResponse response;
    return stub.Retain(&context, request, &response);
  });
  return answers;
}

std::map<std::string, grpc::StatusCode> allowed(const std::set<std::string>& calls, grpc::StatusCode other) {
  std::map<std::string, grpc::StatusCode> answers;
  for (const char* call : {"Append", "Push", "ListFiles", "Pull", "Query", "Stats", "GetConfig", "Retain"}) {
    answers[call] = calls.contains(call) ? grpc::StatusCode::OK : other;
  }
  return answers;
}

class Doors : public testing::Test {
 protected:
  void start(const std::string& more = "") {
    collector_.emplace(site_ / "store", std::vector<std::string>{"--config", site_.configuration(more)});
    stub_ = site_.stub(collector_->address());
  }

  /// A request over TLS on a connection of its own; the whole answer.
  std::string https(const std::string& request) {
    HttpClient plain(address_of(collector_->process(), "HTTPS"));
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_load_verify_locations(context.get(), (site_ / "ca.pem").c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set1_host(ssl.get(), "localhost");
    SSL_set_fd(ssl.get(), plain.descriptor());
    EXPECT_EQ(SSL_connect(ssl.get()), 1);
    SSL_write(ssl.get(), request.data(), static_cast<int>(request.size()));
    std::string answer;
    char buffer[4096];
    for (int bytes = 0; (bytes = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(bytes));
    }
    return answer;
  }
  std::string https_get(const std::string& path, const std::string& header = "") {
    return https("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n");
  }

  /// The subject of the certificate that a new connection to `address` is shown.
  static std::string certificate_at(const std::string& address) {
    HttpClient plain(address);
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    constexpr unsigned char kHttp2[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof kHttp2);
    SSL_set_fd(ssl.get(), plain.descriptor());
    if (SSL_connect(ssl.get()) != 1) return "";
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl.get()), &X509_free);
    char name[256] = {};
    if (certificate) X509_NAME_oneline(X509_get_subject_name(certificate.get()), name, sizeof name);
    return name;
  }

  TlsSite site_;
  std::optional<Collector> collector_;
  std::unique_ptr<towl::v1::Towl::Stub> stub_;
};

TEST_F(Doors, EachCallNeedsATokenThatAllowsIt) {
  const std::string ingest = site_.add_token({.name = "ingest", .scopes = {Scope::ingest}});
  const std::string read = site_.add_token({.name = "read", .scopes = {Scope::read}});
  const std::string admin = site_.add_token({.name = "admin", .scopes = {Scope::admin}});
  start();
  // Somebody has to be the first to store something.
  EXPECT_EQ(ask_everything(*stub_, admin)["Append"], grpc::StatusCode::OK);
  const std::set<std::string> reading = {"ListFiles", "Pull", "Query", "Stats"};
  EXPECT_EQ(ask_everything(*stub_, ingest), allowed({"Append", "Push"}, grpc::StatusCode::PERMISSION_DENIED));
  EXPECT_EQ(ask_everything(*stub_, read), allowed(reading, grpc::StatusCode::PERMISSION_DENIED));
  EXPECT_EQ(
      ask_everything(*stub_, admin),
      allowed({"Append", "Push", "ListFiles", "Pull", "Query", "Stats", "GetConfig", "Retain"}, grpc::StatusCode::OK));
  // No token and a bad one get the same answer.
  EXPECT_EQ(ask_everything(*stub_, ""), allowed({}, grpc::StatusCode::UNAUTHENTICATED));
  EXPECT_EQ(ask_everything(*stub_, *towld::make_token()), allowed({}, grpc::StatusCode::UNAUTHENTICATED));
  EXPECT_THAT(collector_->process().err(), Not(HasSubstr("towl_")));
  EXPECT_EQ(collector_->stop(), 0);
}

TEST_F(Doors, HttpNeedsATokenThatAllowsIt) {
  const std::string ingest = site_.add_token({.name = "ingest", .scopes = {Scope::ingest}});
  const std::string read = site_.add_token({.name = "read", .scopes = {Scope::read}});
  start();
  const auto status = [](const std::string& answer) { return answer.substr(0, 12); };
  const auto bearer = [](const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; };
  const auto post = [&](const std::string& header) {
    return https("POST /ingest HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 15\r\n" + header +
                 "\r\n{\"message\":\"a\"}");
  };
  EXPECT_EQ(status(post(bearer(ingest))), "HTTP/1.1 202");
  EXPECT_EQ(status(post("X-API-Key: " + ingest + "\r\n")), "HTTP/1.1 202");
  EXPECT_EQ(status(post(bearer(read))), "HTTP/1.1 403");
  EXPECT_EQ(status(post("")), "HTTP/1.1 401");
  EXPECT_EQ(status(post(bearer(*towld::make_token()))), "HTTP/1.1 401");
  for (const char* path :
       {"/query", "/query/histogram", "/query/patterns", "/entry/1:0", "/files", "/files/1", "/metrics"}) {
    EXPECT_EQ(status(https_get(path, bearer(read))), "HTTP/1.1 200") << path;
    EXPECT_EQ(status(https_get(path, bearer(ingest))), "HTTP/1.1 403") << path;
    EXPECT_EQ(status(https_get(path)), "HTTP/1.1 401") << path;
  }
  // No token and a bad one get the same answer, to the byte, except for the date.
  const auto body = [](const std::string& answer) { return answer.substr(answer.find("Content-Type")); };
  EXPECT_EQ(body(https_get("/files")), body(https_get("/files", bearer(*towld::make_token()))));
  EXPECT_THAT(https_get("/files"), HasSubstr("WWW-Authenticate: Bearer"));
  for (const char* path : {"/healthz", "/readyz"}) EXPECT_EQ(status(https_get(path)), "HTTP/1.1 200") << path;
  EXPECT_THAT(https_get("/metrics", bearer(read)), HasSubstr("towl_access_checks_total{decision=\"unknown\"}"));
}

TEST_F(Doors, ARevokedTokenEndsItsStreamsWithinASecond) {
  const std::string gone = site_.add_token({.name = "gone", .scopes = {Scope::ingest, Scope::read}});
  const std::string stays = site_.add_token({.name = "stays", .scopes = {Scope::read}});
  start();
  struct Follower {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<towl::v1::PullResponse>> stream;
  };
  const auto follow = [&](const std::string& token) {
    auto follower = std::make_unique<Follower>();
    towl::rpc::add_token(token, follower->context);
    towl::v1::PullRequest request;
    request.set_file_id(1);
    request.set_follow(true);
    follower->stream = stub_->Pull(&follower->context, request);
    towl::v1::PullResponse response;
    EXPECT_TRUE(follower->stream->Read(&response));
    return follower;
  };
  grpc::ClientContext append_context;
  towl::rpc::add_token(gone, append_context);
  const auto append_stream = stub_->Append(&append_context);
  ASSERT_TRUE(append_stream->Write(make_request({numbered_entry(0)})));
  towl::v1::AppendResponse stored;
  ASSERT_TRUE(append_stream->Read(&stored));
  const auto revoked = follow(gone);
  grpc::ClientContext query_context;
  towl::rpc::add_token(gone, query_context);
  towl::v1::QueryRequest question;
  question.set_follow(true);
  const auto query = stub_->Query(&query_context, question);
  towl::v1::QueryResponse found;
  ASSERT_TRUE(query->Read(&found));
  const auto other = follow(stays);
  const auto begin = std::chrono::steady_clock::now();
  site_.revoke("gone");
  for (towl::v1::PullResponse response; revoked->stream->Read(&response);) continue;
  EXPECT_EQ(revoked->stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_FALSE(append_stream->Read(&stored));
  EXPECT_EQ(append_stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  while (query->Read(&found)) continue;
  EXPECT_EQ(query->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("seconds", std::to_string(took.count()));
  EXPECT_EQ(ask_everything(*stub_, gone), allowed({}, grpc::StatusCode::UNAUTHENTICATED));
  EXPECT_EQ(ask_everything(*stub_, stays)["ListFiles"], grpc::StatusCode::OK);
  other->context.TryCancel();
  for (towl::v1::PullResponse response; other->stream->Read(&response);) continue;
  EXPECT_EQ(other->stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(Doors, CertificatesAreReplacedWithoutCuttingConnections) {
  const std::string token = site_.add_token({.name = "all", .scopes = {Scope::ingest, Scope::read}});
  start();
  const std::string http = address_of(collector_->process(), "HTTPS");
  EXPECT_THAT(certificate_at(collector_->address()), HasSubstr("CN=localhost"));
  grpc::ClientContext context;
  towl::rpc::add_token(token, context);
  const auto stream = stub_->Append(&context);
  ASSERT_TRUE(stream->Write(make_request({numbered_entry(0)})));
  towl::v1::AppendResponse response;
  ASSERT_TRUE(stream->Read(&response));
  // Only the files.
  site_.make_server_certificate("second");
  EXPECT_TRUE(eventually([&] { return certificate_at(http).find("CN=second") != std::string::npos; }));
  EXPECT_THAT(certificate_at(collector_->address()), HasSubstr("CN=second"));
  // And at once with SIGHUP.
  site_.make_server_certificate("third");
  collector_->process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return certificate_at(collector_->address()).find("CN=third") != std::string::npos; }));
  // A pair that does not fit changes nothing.
  site_.write("server.pem", "nonsense");
  EXPECT_TRUE(eventually(
      [&] { return collector_->process().err().find("the certificates are as before") != std::string::npos; }));
  EXPECT_THAT(certificate_at(collector_->address()), HasSubstr("CN=third"));
  EXPECT_THAT(certificate_at(http), HasSubstr("CN=third"));
  ASSERT_TRUE(stream->Write(make_request({numbered_entry(1)})));
  ASSERT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

// What testssl.sh looks for first.
TEST_F(Doors, OnlyCurrentTlsWithForwardSecrecyIsSpoken) {
  if (run({"openssl", "version"}).code != 0) GTEST_SKIP() << "there is no openssl(1)";
  site_.add_token({.name = "any", .scopes = {Scope::read}});
  start();
  const auto handshake = [&](const std::string& address, std::vector<std::string> options) {
    std::vector<std::string> line = {
        "openssl", "s_client", "-connect", address, "-CAfile", site_ / "ca.pem", "-verify_return_error", "-alpn", "h2"};
    line.insert(line.end(), options.begin(), options.end());
    const auto ran = run(line);
    return ran.code == 0 && ran.out.find("Cipher is (NONE)") == std::string::npos;
  };
  for (const std::string& address : {collector_->address(), address_of(collector_->process(), "HTTPS")}) {
    SCOPED_TRACE(address);
    EXPECT_TRUE(handshake(address, {"-tls1_3"}));
    EXPECT_TRUE(handshake(address, {"-tls1_2"}));
    EXPECT_TRUE(handshake(address, {"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"}));
    const std::string all = "ALL:@SECLEVEL=0";
    EXPECT_FALSE(handshake(address, {"-tls1_1", "-cipher", all}));
    EXPECT_FALSE(handshake(address, {"-tls1", "-cipher", all}));
    for (const char* weak : {"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                             "ADH-AES128-SHA256", "NULL-SHA256", "PSK-AES128-GCM-SHA256"}) {
      EXPECT_FALSE(handshake(address, {"-tls1_2", "-cipher", std::string(weak) + ":@SECLEVEL=0"})) << weak;
    }
  }
}

TEST_F(Doors, ClientsOfAnotherSiteAreRefusedWhereCertificatesAreAskedFor) {
  const std::string token = site_.add_token({.name = "all", .scopes = {Scope::read}});
  const auto client_ca = *towld::make_ca("clients");
  site_.write("clients.pem", client_ca.certificate);
  const auto make_client = [&](const std::string& name, const towld::MadeCertificate& ca) {
    const auto made = towld::make_server_certificate(ca, {name});
    site_.write(name + ".pem", made->certificate);
    site_.write(name + ".key", made->key);
  };
  make_client("stranger", *towld::make_ca("others"));
  site_.configuration();
  site_.write("mtls.yaml", "listen: { tls: { cert: \"" + (site_ / "server.pem").string() + "\", key: \"" +
                               (site_ / "server.key").string() + "\", client_ca: \"" +
                               (site_ / "clients.pem").string() + "\" } }\nauth: { tokens_file: \"" +
                               (site_ / "tokens").string() + "\" }\n");
  collector_.emplace(site_ / "store", std::vector<std::string>{"--config", site_ / "mtls.yaml"});
  const auto list = [&](const std::string& certificate) {
    towl::rpc::SecurityOptions options{.ca = site_ / "ca.pem"};
    if (!certificate.empty()) {
      options.cert = site_ / (certificate + ".pem");
      options.key = site_ / (certificate + ".key");
    }
    const auto security = towl::rpc::read_security(collector_->address(), options);
    EXPECT_TRUE(security);
    const auto stub = towl::v1::Towl::NewStub(towl::rpc::open_channel(collector_->address(), *security, {}));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    towl::rpc::add_token(token, context);
    towl::v1::ListFilesResponse response;
    return stub->ListFiles(&context, {}, &response).error_code();
  };
  EXPECT_EQ(list(""), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(list("stranger"), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Doors, ANarrowedTokenSeesItsFilesAlone) {
  // Files 1 and 3 have one title, 2 and 4 the other.
  for (const char* title : {"web", "secret", "web", "secret"}) {
    auto store = StoreWriter::open(site_ / "store", {.org = "acme", .title = title});
    ASSERT_TRUE(store) << store.error().to_string();
    const std::string text = std::string("this is ") + title;
    const EntryView view[] = {{"h", now(), LogFormat::text, text}};
    ASSERT_TRUE(store->append(view));
    ASSERT_TRUE(store->close());
  }
  const std::string web = site_.add_token({.name = "web", .scopes = {Scope::read}, .titles = {"web"}});
  const std::string other = site_.add_token({.name = "org", .scopes = {Scope::read}, .orgs = {"other"}});
  const std::string all = site_.add_token({.name = "all", .scopes = {Scope::read}});
  const std::string sender = site_.add_token({.name = "sender", .scopes = {Scope::ingest}, .titles = {"web"}});
  start("store: { org: acme, title: secret }\n");
  const auto titles = [&](const std::string& token) {
    grpc::ClientContext context;
    towl::rpc::add_token(token, context);
    towl::v1::ListFilesResponse response;
    EXPECT_TRUE(stub_->ListFiles(&context, {}, &response).ok());
    std::vector<std::string> listed;
    for (const auto& file : response.files()) listed.push_back(std::to_string(file.file_id()) + file.title());
    return listed;
  };
  EXPECT_THAT(titles(web), ElementsAre("1web", "3web"));
  EXPECT_THAT(titles(other), ElementsAre());
  EXPECT_EQ(titles(all).size(), 4u);
  const auto pull_of = [&](const std::string& token, std::uint64_t file) {
    grpc::ClientContext context;
    towl::rpc::add_token(token, context);
    towl::v1::PullRequest request;
    request.set_file_id(file);
    const auto stream = stub_->Pull(&context, request);
    std::string bytes;
    for (towl::v1::PullResponse response; stream->Read(&response);) bytes += response.SerializeAsString();
    return std::pair(stream->Finish(), bytes);
  };
  EXPECT_TRUE(pull_of(web, 1).first.ok());
  for (const std::uint64_t hidden : {2u, 4u}) {
    const auto [status, bytes] = pull_of(web, hidden);
    // As a file that retention has removed.
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(bytes, "");
    EXPECT_TRUE(pull_of(all, hidden).first.ok());
  }
  EXPECT_EQ(pull_of(web, 99).first.error_code(), grpc::StatusCode::NOT_FOUND);
  const auto found = [&](const std::string& token, std::uint64_t file, const std::string& cursor) {
    grpc::ClientContext context;
    towl::rpc::add_token(token, context);
    towl::v1::QueryRequest request;
    if (file != 0) request.add_files()->set_file_id(file);
    request.set_cursor(cursor);
    const auto stream = stub_->Query(&context, request);
    std::string texts;
    for (towl::v1::QueryResponse response; stream->Read(&response);) {
      for (const auto& entry : response.entries()) texts += entry.log_entry() + ";";
    }
    return std::pair(stream->Finish().error_code(), texts);
  };
  EXPECT_EQ(found(web, 0, ""), std::pair(grpc::StatusCode::OK, std::string("this is web;this is web;")));
  EXPECT_EQ(found(web, 0, "2:0"), std::pair(grpc::StatusCode::OK, std::string("this is web;")));
  EXPECT_EQ(found(web, 2, ""), std::pair(grpc::StatusCode::NOT_FOUND, std::string()));
  EXPECT_EQ(found(other, 0, ""), std::pair(grpc::StatusCode::OK, std::string()));
  EXPECT_EQ(found(all, 2, ""), std::pair(grpc::StatusCode::OK, std::string("this is secret;")));
  // Counters are of all files.
  const auto answers = ask_everything(*stub_, web);
  EXPECT_EQ(answers.at("Stats"), grpc::StatusCode::PERMISSION_DENIED);
  // What it sends would get another title than it may send.
  EXPECT_EQ(ask_everything(*stub_, sender).at("Append"), grpc::StatusCode::PERMISSION_DENIED);
  const std::string bearer = "Authorization: Bearer " + web + "\r\n";
  EXPECT_THAT(https_get("/files", bearer), Not(HasSubstr("secret")));
  EXPECT_THAT(https_get("/files/2", bearer), HasSubstr("404"));
  EXPECT_THAT(https_get("/query?limit=100", bearer), HasSubstr("this is web"));
  EXPECT_THAT(https_get("/query?limit=100", bearer), Not(HasSubstr("secret")));
  EXPECT_THAT(https_get("/query?limit=100&cursor=2:0", bearer), Not(HasSubstr("secret")));
  EXPECT_THAT(https_get("/metrics", bearer), HasSubstr("403"));
  // A tail goes on until its token is gone.
  std::jthread revoke([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    site_.revoke("web");
  });
  const std::string tail = https_get("/tail?after=begin", bearer);
  EXPECT_THAT(tail, HasSubstr("this is web"));
  EXPECT_THAT(tail, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace towl::test
