import { kubeconfigPaths } from '../../kubeconfig/kubeconfig-paths.ts';
import { type Command, EXIT, type Terminal, UsageError } from '../command.ts';
import { loadContexts } from '../contexts/load-contexts.ts';

const help = `ekspress completion: let the shell complete commands, options and context names

  ekspress completion bash | zsh | fish

Examples
  echo 'eval "$(ekspress completion bash)"' >> ~/.bashrc
  echo 'eval "$(ekspress completion zsh)"' >> ~/.zshrc
  ekspress completion fish > ~/.config/fish/completions/ekspress.fish
`;

/** `ekspress completion`. */
export const completion: Command = {
  name: 'completion',
  summary: 'let the shell complete commands and context names',
  help,
  async run([shell, ...words], terminal) {
    if (shell === 'words')
      terminal.out((await candidates(words.slice(1), terminal)).map((word) => `${word}\n`).join(''));
    else if (shell === 'bash') terminal.out(BASH);
    else if (shell === 'zsh') terminal.out(ZSH);
    else if (shell === 'fish') terminal.out(FISH);
    else throw new UsageError('Expected a shell: completion bash, completion zsh or completion fish.');
    return EXIT.ok;
  },
};

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  status: ['--watch', '--check'],
  apply: ['--context', '--all', '--dry-run', '--yes', '--portable', '--key-env'],
  'apply-all': ['--dry-run', '--yes', '--portable', '--key-env'],
  revert: ['--context', '--all', '--dry-run', '--yes'],
  token: ['--raw', '--key-env'],
  warm: ['--watch'],
  doctor: ['--timeout'],
  cache: ['--profile', '--changed'],
  hook: [],
  completion: [],
  mcp: ['--root', '--trust-server', '--trust-kubeconfig'],
  demo: [],
};
const GLOBAL = ['--kubeconfig', '--output', '--debug', '--help', '--version'];
const SHELLS = ['bash', 'zsh', 'fish'];
const WITH_CONTEXTS = new Set(['status', 'apply', 'revert', 'warm', 'doctor']);

/** What may stand in place of the last of these words, which are the line after `ekspress`. */
async function candidates(line: readonly string[], terminal: Terminal): Promise<string[]> {
  const words = line.slice(0, -1);
  const current = line.at(-1) ?? '';
  const found = await allCandidates(words, current, terminal);
  return found.filter((word) => word.startsWith(current));
}

async function allCandidates(words: readonly string[], current: string, terminal: Terminal): Promise<string[]> {
  const previous = words.at(-1);
  if (previous === '-o' || previous === '--output') return ['table', 'json', 'yaml'];
  if (previous === '--context') return contextNamesOf(terminal);
  if (previous === '--kubeconfig') return [...kubeconfigPaths(terminal.env).paths];
  const command = words.find((word) => Object.hasOwn(OPTIONS, word));
  if (current.startsWith('-')) return [...(command ? (OPTIONS[command] ?? []) : []), ...GLOBAL];
  if (command === undefined) return Object.keys(OPTIONS);
  if (command === 'hook' || command === 'completion') return SHELLS;
  if (command === 'cache') {
    return words.includes('clear') ? contextNamesOf(terminal) : ['list', 'clear', 'gc', 'path'];
  }
  return WITH_CONTEXTS.has(command) ? contextNamesOf(terminal) : [];
}

async function contextNamesOf(terminal: Terminal): Promise<string[]> {
  try {
    return (await loadContexts(terminal)).contexts.map(({ name }) => name);
  } catch {
    // A shell that completes is no place for errors.
    return [];
  }
}

/**
 * bash breaks words at colons, which ARNs are full of: the line is taken as it is, and what stands before the last colon
 * is cut off again. Without mapfile, which the bash of macOS does not have.
 */
const BASH = `_ekspress() {
  local line=\${COMP_LINE:0:COMP_POINT} words current prefix='' word
  read -ra words <<<"$line"
  [[ $line == *' ' ]] && words+=('')
  current=\${words[\${#words[@]}-1]}
  [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && prefix=\${current%"\${current##*:}"}
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf '%q' "\${word#"$prefix"}")")
  done < <(ekspress completion words -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _ekspress ekspress
`;

const ZSH = `#compdef ekspress
_ekspress() {
  local -a found
  found=("\${(@f)$(ekspress completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n \${found[1]-} ]] && compadd -a found
}
compdef _ekspress ekspress
`;

const FISH = `function __ekspress_words
    set -l words (commandline -opc) (commandline -ct)
    ekspress completion words -- $words[2..-1] 2>/dev/null
end
complete -c ekspress -f -a '(__ekspress_words)'
`;
