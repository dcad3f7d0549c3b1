import type { Action } from '../../command-definition.js';
import { usage } from '../../errors/usage.js';

/** `slipway completion SHELL`. */
export const completion: Action = async ({ out }, input) => {
  const shell = input.argument('shell');
  const script = scripts[shell];
  if (script === undefined) throw usage(`"${shell}" is none of ${Object.keys(scripts).join(', ')}`);
  await out.result({ shell, script }, () => script.trimEnd());
};

/** Each asks the command itself, so that a new command or name is completed at once. */
const scripts: Readonly<Record<string, string>> = {
  bash: `# bash completion for slipway
_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = :files ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _slipway slipway
`,
  zsh: `#compdef slipway
_slipway() {
  local line
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'slipway' found
}
if [ "$funcstack[1]" = _slipway ]; then _slipway "$@"; else compdef _slipway slipway; fi
`,
  fish: `# fish completion for slipway
function __slipway_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test "$found" = ':files'
    __fish_complete_path (commandline -ct)
  else
    string join \\n -- $found
  end
end
complete -c slipway -f -a '(__slipway_complete)'
`,
};
