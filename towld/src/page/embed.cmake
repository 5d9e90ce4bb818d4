# Writes OUTPUT, the source that holds the page: cmake -D PAGE=page.html.gz -D POLICY=policy.txt -D OUTPUT=… -P embed.cmake
file(READ ${PAGE} bytes HEX)
string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
# Lines of 64 bytes; a literal ends at each, so that no escape runs on into the next one.
string(REGEX REPLACE "(................................................................................................................................................................................................................................................................)" "\\1\"\n    \"" bytes "${bytes}")
file(SHA256 ${PAGE} page_hash)
file(SHA256 ${POLICY} policy_hash)
string(SHA256 tag "${page_hash}${policy_hash}")
string(SUBSTRING ${tag} 0 32 tag)
file(READ ${POLICY} policy)
string(STRIP "${policy}" policy)
file(SIZE ${PAGE} size)
file(WRITE ${OUTPUT} "// Written by embed.cmake.
#include \"page/page_bytes.hpp\"

namespace towld {
namespace {
constexpr char kBytes[] =
    \"${bytes}\";
static_assert(sizeof kBytes == ${size} + 1);
}  // namespace

std::string_view page_bytes() { return {kBytes, sizeof kBytes - 1}; }

std::string_view page_policy() { return R\"(${policy})\"; }

std::string_view page_tag() { return \"\\\"${tag}\\\"\"; }

}  // namespace towld
")
