// towlctl restore: brings an archive's files into a local store.
#include <memory>

#include "arguments/options.hpp"
#include "commands/commands.hpp"
#include "commands/restore_archive.hpp"

namespace towlctl {

void add_restore(CLI::App& app, Session& session) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* command = app.add_subcommand("restore", "Bring the files of an archive into a local store");
  add_word(*command, "ARCHIVE", options->archive, "s3://BUCKET/PREFIX",
           "The archive, or one of its files: s3://BUCKET/PREFIX/ID.towl")
      ->required();
  add_word(*command, "--store", options->store, "DIR", "Folder to bring them to (default: $TOWL_STORE, the mirror)");
  command->footer(
      "A file that is there already, as long as the archive's, is left alone. Each one is compared with\n"
      "the SHA-256 that was taken when it was archived, and is in its place only if that fits.\n"
      "\n"
      "Where the archive is: $AWS_ENDPOINT_URL, $AWS_REGION; who may read it: $AWS_ACCESS_KEY_ID and\n"
      "$AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials.\n"
      "\n"
      "  towlctl restore s3://logs/web-1 --store ./web-1\n"
      "  towlctl grep -i timeout s3://logs/web-1      without bringing it here\n"
      "\n"
      "Exit codes: 0 done; 1 some files could not be restored; 2 usage or failure.");
  command->callback([options, &session] { session.exit_code = restore_archive(*options, session); });
}

}  // namespace towlctl
