import { kubeconfigPaths } from '../../kubeconfig/read/kubeconfig-paths.ts';
import { forLog } from '../../text/foreign-text.ts';
import { type Command, defineCommand, EXIT, type Terminal } from '../command.ts';
import {
  type Choices,
  type ContextChoices,
  GLOBAL_OPTIONS,
  globalOptions,
  type Options,
} from '../command-line/options.ts';
import { findCommand, valuesAmong, wordsAmong } from '../command-line/read-line.ts';
import { type DescribedContext, describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { readShell, SHELLS } from './read-shell.ts';

/** `ekspress completion`, for these commands. */
export function completionOf(loadCommands: () => Promise<readonly Command[]>): Command {
  return defineCommand({
    name: 'completion',
    group: 'Other',
    summary: 'let the shell complete commands, options and context names',
    usage: ['bash | zsh | fish'],
    options: {},
    globals: [],
    program: true,
    choices: () => SHELLS,
    about: [
      'zsh and fish show what each word means. For `kubectl ekspress`, kubectl asks the program kubectl_complete-ekspress, which is installed beside it.',
    ],
    examples: [
      'echo \'eval "$(ekspress completion bash)"\' >> ~/.bashrc',
      'echo \'eval "$(ekspress completion zsh)"\' >> ~/.zshrc',
      'ekspress completion fish > ~/.config/fish/completions/ekspress.fish',
    ],
    async run({ words, program = [] }, terminal) {
      const [shell] = words;
      if (shell === 'words' || shell === 'described' || shell === 'kubectl') {
        const found = await candidates(program, await loadCommands(), terminal);
        const line = ({ word, help }: Candidate) => (shell === 'words' || help === '' ? word : `${word}\t${help}`);
        terminal.out(found.map((one) => `${line(one)}\n`).join(''));
        // For `kubectl_complete-ekspress`: no files.
        if (shell === 'kubectl') terminal.out(':4\n');
      } else {
        terminal.out({ bash: BASH, zsh: ZSH, fish: FISH }[readShell('completion', words)]);
      }
      return EXIT.ok;
    },
  });
}

/** A completion, with its description. */
interface Candidate {
  readonly word: string;
  readonly help: string;
}

/** The completions for the last of these words, which are the line after `ekspress`. */
async function candidates(
  line: readonly string[],
  commands: readonly Command[],
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  const words = line.slice(0, -1);
  const current = line.at(-1) ?? '';
  const { name, rest } = findCommand(words);
  const command = commands.find((one) => one.name === name);
  const known: Options = command ? { ...command.options, ...globalOptions(command.globals) } : GLOBAL_OPTIONS;
  const before = words.at(-1) ?? '';
  const asked = Object.entries(known).find(
    ([long, { short }]) => before === `--${long}` || before === `-${short}`,
  )?.[1];
  const own = command?.choices?.([]);
  const offered = asked?.choices === 'contexts' && typeof own === 'string' ? own : asked?.choices;
  const found = asked?.value !== undefined ? (offered ?? []) : choicesFor(command, current, rest, known, commands);
  const given = new Set([...wordsAmong(rest, known), ...valuesAmong(rest, 'context')]);
  const all = (await wordsOf(found, rest, terminal)).filter(
    (word) => word.startsWith(current) && isOneWord(word) && !(isOfContexts(found) && given.has(word)),
  );
  const helps = new Map(Object.entries(known).map(([long, { help }]) => [`--${long}`, help]));
  if (command === undefined) for (const { name: other, summary } of commands) helps.set(other, summary);
  return all.map((word) => ({ word, help: helps.get(word) ?? '' }));
}

/** A name with a line break would be several completions, or another directive for kubectl; one with an escape sequence acts. */
function isOneWord(word: string): boolean {
  return forLog(word) === word;
}

function choicesFor(
  command: Command | undefined,
  current: string,
  rest: readonly string[],
  known: Options,
  commands: readonly Command[],
): Choices {
  if (current.startsWith('-')) return Object.keys(known).map((name) => `--${name}`);
  if (command === undefined) return commands.flatMap(({ name, group }) => (group === undefined ? [] : [name]));
  return command.choices?.(wordsAmong(rest, known)) ?? [];
}

async function wordsOf(choices: Choices, rest: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  if (choices === 'kubeconfigs') return kubeconfigPaths(terminal.env).paths;
  if (!isOfContexts(choices)) return choices;
  const kubeconfig = valuesAmong(rest, 'kubeconfig').at(-1);
  return contextNamesOf(choices, { ...terminal, options: { ...terminal.options, kubeconfig } });
}

function isOfContexts(choices: Choices): choices is ContextChoices {
  return typeof choices === 'string' && choices !== 'kubeconfigs';
}

/** Whether a context can be the object of a command that takes these. */
const FITS: Readonly<Record<ContextChoices, (context: DescribedContext) => boolean>> = {
  contexts: () => true,
  'command-contexts': ({ exec, state }) => exec !== undefined && state !== 'other',
  'eks-contexts': ({ config, behind }) => (config ?? behind) !== undefined,
  'applied-contexts': ({ state }) => state === 'applied' || state === 'drifted',
};

async function contextNamesOf(choices: ContextChoices, terminal: Terminal): Promise<string[]> {
  try {
    const { contexts } = await loadContexts(terminal);
    return (await describeContexts(contexts, terminal.env)).filter(FITS[choices]).map(({ name }) => name);
  } catch {
    // Errors must not appear while the shell completes a line.
    return [];
  }
}

/**
 * bash breaks words at colons, and ARNs contain colons. So the function reads the whole line and cuts the text before the
 * last colon from the completions. It does without mapfile, which the bash of macOS does not have.
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
  local -a found described
  local line
  found=("\${(@f)$(ekspress completion described -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n \${found[1]-} ]] || return
  for line in "\${found[@]}"; do
    if [[ $line == *$'\\t'* ]]; then
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      described+=("\${line//:/\\\\:}")
    fi
  done
  _describe ekspress described
}
compdef _ekspress ekspress
`;

const FISH = `function __ekspress_words
    set -l words (commandline -opc) (commandline -ct)
    ekspress completion described -- $words[2..-1] 2>/dev/null
end
complete -c ekspress -f -a '(__ekspress_words)'
`;
