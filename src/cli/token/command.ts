import { formatExecCredential } from '../../aws/command/exec-credential.ts';
import { askedApiVersion } from '../../aws/command/exec-info.ts';
import type { EKSAuthConfig, ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { parseExecConfig, readExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { noCommand } from '../contexts/context-errors.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { type CredentialSource, obtainCredential } from '../identity/context-credential.ts';
import { readVariableNames } from '../variable-names.ts';

const options = {
  raw: { help: 'print the bare token, not an ExecCredential' },
  'key-env': {
    value: 'NAME',
    repeated: true,
    help: 'with a command: a variable that its token depends on (NAME or NAME,NAME)',
  },
  'external-id': { value: 'ID', help: 'with `aws eks get-token --role-arn`: what the role asks for' },
  'session-name': { value: 'NAME', help: 'with `aws eks get-token --role-arn`: the name of the role session' },
  'duration-seconds': { value: 'N', help: 'with `aws eks get-token --role-arn`: how long the role session lives' },
  tag: {
    value: 'Key=KEY,Value=TEXT',
    repeated: true,
    help: 'with `aws eks get-token --role-arn`: a tag of the role session',
  },
  'transitive-tag-key': { value: 'KEY', repeated: true, help: 'with --tag: further roles inherit the tag' },
  'in-process': { help: 'with a command: fail where its token cannot be made without running it' },
} as const satisfies Options;

/** The options that only a command after `--` takes. */
const OF_A_COMMAND = [
  'external-id',
  'session-name',
  'duration-seconds',
  'tag',
  'transitive-tag-key',
  'in-process',
] as const;

const BY_WORDS = 'Cluster, region and profile are plain words: `ekspress token CLUSTER REGION [PROFILE]`.';

/** `ekspress token`. */
export const token: Command = defineCommand({
  name: 'token',
  group: 'Tokens',
  summary: 'print a token for a cluster, from the shared cache or newly minted',
  usage: ['[CONTEXT]', 'CLUSTER REGION [PROFILE]', '-- COMMAND [ARGUMENT…]'],
  options,
  globals: ['kubeconfig', 'context'],
  instead: {
    ...Object.fromEntries(['cluster', 'cluster-name', 'name', 'region', 'profile'].map((name) => [name, BY_WORDS])),
    'role-arn':
      'Give the command of the role: `ekspress token -- aws eks get-token --cluster-name CLUSTER --role-arn ARN`.',
    output: 'It always prints JSON, an ExecCredential; --raw prints the bare token.',
  },
  program: true,
  choices: (words) => (words.length === 0 ? 'command-contexts' : []),
  about: [
    'Without a context: the current one. The token is printed as kubectl expects it from an exec plugin. A command is `aws eks get-token …`, or any other plugin of kubectl. The shared cache is used and filled, as the exec plugin does.',
  ],
  examples: [
    'ekspress token prod',
    'ekspress token dev us-east-1 acme',
    'curl -H "Authorization: Bearer $(ekspress token --raw)" …',
    'ekspress token -- aws eks get-token --cluster-name dev',
    'ekspress token -- kubelogin get-token --oidc-issuer-url=…',
  ],
  run,
});

async function run({ values, words, program = [] }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const keyEnv = readVariableNames(values['key-env']);
  const [command = '', ...args] = program;
  const named = [...terminal.options.contexts, ...words];
  const told = OF_A_COMMAND.find((name) => isGiven(values[name]));
  if (told !== undefined && program.length === 0) throw new UsageError(`--${told} needs a command after --.`);
  if (program.length > 0 && named.length > 0) {
    throw new UsageError('Give a context, a cluster and region, or a command after --, not several of them.');
  }
  if (words.length >= 2 && terminal.options.contexts.length > 0) {
    throw new UsageError('Give --context, or CLUSTER REGION [PROFILE], not both.');
  }
  const source =
    program.length > 0
      ? { stanza: { command, args }, config: configOfCommand({ command, args }, keyEnv, values), keyEnv }
      : words.length >= 2
        ? { config: parseExecConfig(namedStanza(words)) }
        : await commandOfContext(named, terminal);
  const credential = await obtainCredential(source, terminal, values['in-process'] ? 'eks-only' : 'allow');
  // The error messages of another plugin are already on stderr.
  if (typeof credential === 'number') return EXIT.failure;
  if (!values.raw) {
    const { apiVersion } = askedApiVersion(terminal.env.KUBERNETES_EXEC_INFO);
    terminal.out(`${formatExecCredential(apiVersion, credential)}\n`);
  } else if (credential.token === '') {
    throw new EKSAuthError('EXEC_FAILED', 'The command printed a client certificate, not a token.', {
      remedy: 'Leave out --raw.',
    });
  } else {
    terminal.out(`${credential.token}\n`);
  }
  return EXIT.ok;
}

/** The identity of the words after `--`, with what they cannot say of the role. @throws EKSAuthError */
function configOfCommand(
  stanza: ExecStanza,
  keyEnv: readonly string[],
  values: Line<typeof options>['values'],
): EKSAuthConfig | undefined {
  const { 'external-id': externalId, 'session-name': sessionName, 'duration-seconds': seconds } = values;
  if (seconds !== undefined && !/^\d+$/.test(seconds))
    throw new UsageError(`--duration-seconds takes a number, not ${shown(seconds)}.`);
  const durationSeconds = seconds === undefined ? undefined : Number(seconds);
  const { tag, 'transitive-tag-key': keys } = values;
  const tags = tag.length === 0 ? undefined : readSessionTags(tag);
  const transitiveTagKeys = keys.length === 0 ? undefined : keys;
  const role = { externalId, sessionName, durationSeconds, tags, transitiveTagKeys };
  const config = typed(() => readExecConfig(stanza, { keyEnv, ...role }));
  const told = OF_A_COMMAND.find((name) => isGiven(values[name]));
  if (config === undefined && told !== undefined)
    throw new UsageError(`--${told} is for commands that get tokens for EKS.`);
  return config;
}

/** Reads a command that stands in no kubeconfig. @throws EKSAuthError */
function typed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EKSAuthError) || !error.remedy.includes('in the kubeconfig')) throw error;
    throw new EKSAuthError(error.code, error.message, { remedy: 'Correct the command after --.', cause: error });
  }
}

/** Tags in the spelling of `aws sts assume-role --tags`, in which a key may have an equals sign. @throws UsageError */
function readSessionTags(words: readonly string[]): Readonly<Record<string, string>> {
  const entries = words.map((word): [string, string] => {
    const [, key, value] = /^Key=([^,]*),Value=([^,]*)$/.exec(word) ?? [];
    if (key === undefined || value === undefined)
      throw new UsageError(`--tag wants Key=KEY,Value=TEXT, not ${shown(word)}.`);
    return [key, value];
  });
  const twice = entries.find(([key], index) => entries.findIndex(([other]) => other === key) !== index);
  if (twice) throw new UsageError(`--tag has the key ${shown(twice[0])} twice.`);
  return Object.fromEntries(entries);
}

function isGiven(value: string | boolean | readonly string[] | undefined): boolean {
  return typeof value === 'object' ? value.length > 0 : value !== undefined && value !== false;
}

/** The original command of the context with this name, or of the current one. @throws EKSAuthError */
async function commandOfContext(names: readonly string[], terminal: Terminal): Promise<CredentialSource> {
  const [only, ...others] = pickOrCurrent(await loadContexts(terminal), names);
  if (only === undefined || others.length > 0) throw new UsageError('Give one context.');
  const [context] = await describeContexts([only], terminal.env);
  if (context?.problem) throw context.problem;
  const { config = context?.behind, original, keyEnv, encrypt } = context ?? {};
  if (config !== undefined || original !== undefined) return { config, stanza: original, keyEnv, encrypt };
  throw noCommand(only.name);
}

function namedStanza([clusterName, region, profile, ...rest]: readonly string[]) {
  if (clusterName === undefined || region === undefined || rest.length > 0) {
    throw new UsageError('Expected a context, CLUSTER REGION [PROFILE], or -- COMMAND.');
  }
  return stanzaForCluster({ clusterName, region, ...(profile !== undefined && { profile }) });
}
