#include "completion/shell_scripts.hpp"

namespace towlctl {
namespace {

constexpr const char* kBash = R"sh(# bash completion of towlctl; made by `towlctl completion bash`
_towlctl() {
  local current=${COMP_WORDS[COMP_CWORD]} line
  [ "$current" != = ] || current=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames; mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
      :none) ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _towlctl towlctl
)sh";

constexpr const char* kZsh = R"sh(#compdef towlctl
# zsh completion of towlctl; made by `towlctl completion zsh`
_towlctl() {
  local -a described
  local line paths=:none
  while IFS= read -r line; do
    case $line in
      :files|:folders|:none) paths=$line ;;
      *) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#described} )) && _describe -V towlctl described
  case $paths in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = _towlctl ]; then _towlctl "$@"; else compdef _towlctl towlctl; fi
)sh";

constexpr const char* kFish = R"sh(# fish completion of towlctl; made by `towlctl completion fish`
function __towlctl_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path "$current"
      case :folders
        __fish_complete_directories "$current" ''
      case :none
      case '*'
        echo $line
    end
  end
end
complete -c towlctl -f -a '(__towlctl_complete)'
)sh";

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  return shells;
}

const char* completion_script(const std::string& shell) {
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : kBash;
}

std::string to_lines(const Completion& completion) {
  std::string lines;
  for (const Candidate& candidate : completion.candidates) lines += candidate.text + "\t" + candidate.help + "\n";
  switch (completion.paths) {
    case Completion::Paths::files:
      return lines + ":files\n";
    case Completion::Paths::folders:
      return lines + ":folders\n";
    case Completion::Paths::none:
      break;
  }
  return lines + ":none\n";
}

}  // namespace towlctl
