import { formatExecCredential } from '../../aws/command/exec-credential.ts';
import { askedApiVersion } from '../../aws/command/exec-info.ts';
import {
  obtainPluginCredential,
  type PluginAnswer,
  type PluginRequest,
} from '../../aws/command/obtain-plugin-credential.ts';
import type { EKSAuthConfig, ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { ExecEnvironment } from '../../aws/stanza/exec-environment.ts';
import { parseExecConfig, readExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { obtainToken } from '../../aws/token/obtain-token.ts';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { hostFrom } from '../../host.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { noCommand } from '../contexts/context-errors.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { readVariableNames } from '../variable-names.ts';

const options = {
  raw: { help: 'print the bare token, not an ExecCredential' },
  'key-env': {
    value: 'NAME',
    repeated: true,
    help: 'with a command: a variable that its token depends on (NAME or NAME,NAME)',
  },
} as const satisfies Options;

/** `ekspress token`. */
export const token: Command = defineCommand({
  name: 'token',
  group: 'Tokens',
  summary: 'print a token for a cluster, from the shared cache or newly minted',
  usage: ['[CONTEXT]', 'CLUSTER REGION [PROFILE]', '-- COMMAND [ARGUMENT…]'],
  options,
  globals: ['kubeconfig', 'context'],
  program: true,
  choices: (words) => (words.length === 0 ? 'contexts' : []),
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
  if (program.length > 0 && named.length > 0) {
    throw new UsageError('Give a context, a cluster and region, or a command after --, not several of them.');
  }
  if (words.length >= 2 && terminal.options.contexts.length > 0) {
    throw new UsageError('Give --context, or CLUSTER REGION [PROFILE], not both.');
  }
  const asked =
    program.length > 0
      ? { stanza: { command, args }, config: readExecConfig({ command, args }, { keyEnv }), keyEnv }
      : words.length >= 2
        ? { config: parseExecConfig(namedStanza(words)) }
        : await commandOfContext(named, terminal);
  const variables = asked.config?.exec.env ?? asked.stanza?.env ?? [];
  const environment = variables instanceof ExecEnvironment ? variables : new ExecEnvironment(variables);
  const { env, logger, signal } = terminal;
  const host = hostFrom({ env: { ...env, ...environment.toEnvironment() }, logger });
  const cache = new TokenCache({ directory: cacheDirectory(host.env), now: host.now, logger });
  const { config, stanza } = asked;
  if (config === undefined) {
    const plugin = { command: stanza?.command ?? '', args: stanza?.args ?? [] };
    const answer = await askPlugin({ ...plugin, keyEnv: asked.keyEnv ?? [], host, cache, signal });
    return printAnswer(answer, values.raw, terminal);
  }
  const obtained = await obtainToken({ config, host, cache, execPolicy: 'allow', stdio: 'terminal', signal });
  if (values.raw) {
    terminal.out(`${obtained.token}\n`);
  } else {
    const { apiVersion } = askedApiVersion(terminal.env.KUBERNETES_EXEC_INFO);
    terminal.out(`${formatExecCredential(apiVersion, obtained)}\n`);
  }
  return EXIT.ok;
}

/** What a token is made from: a command for EKS tokens, or another plugin. */
interface Asked {
  readonly config?: EKSAuthConfig | undefined;
  readonly stanza?: ExecStanza | undefined;
  /** For another plugin: the variables that its output depends on. */
  readonly keyEnv?: readonly string[] | undefined;
}

/** The original command of the context with this name, or of the current one. @throws EKSAuthError */
async function commandOfContext(names: readonly string[], terminal: Terminal): Promise<Asked> {
  const [only, ...others] = pickOrCurrent(await loadContexts(terminal), names);
  if (only === undefined || others.length > 0) throw new UsageError('Give one context.');
  const [context] = await describeContexts([only], terminal.env);
  if (context?.problem) throw context.problem;
  const { config, original, keyEnv } = context ?? {};
  if (config !== undefined || original !== undefined) return { config, stanza: original, keyEnv };
  throw noCommand(only.name);
}

async function askPlugin(request: PluginRequest): Promise<PluginAnswer> {
  try {
    return await obtainPluginCredential(request);
  } catch (error) {
    request.signal?.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such program' : message;
    throw new EKSAuthError('EXEC_FAILED', `${request.command} could not be run: ${why}.`, {
      remedy: 'Check the name and PATH.',
      cause: error,
    });
  }
}

/** Prints the output of another plugin. Its own error messages are already on stderr. */
function printAnswer(answer: PluginAnswer, raw: boolean, { env, out }: Terminal): number {
  if (answer.kind === 'verbatim') {
    if (answer.status !== 0) return EXIT.failure;
    throw new EKSAuthError('EXEC_FAILED', 'The command printed no ExecCredential.', {
      remedy: 'Run it by hand: kubectl could not use what it prints either.',
    });
  }
  const { credential } = answer;
  if (!raw) {
    out(`${formatExecCredential(askedApiVersion(env.KUBERNETES_EXEC_INFO).apiVersion, credential)}\n`);
    return EXIT.ok;
  }
  if (credential.token === '') {
    throw new EKSAuthError('EXEC_FAILED', 'The command printed a client certificate, not a token.', {
      remedy: 'Leave out --raw.',
    });
  }
  out(`${credential.token}\n`);
  return EXIT.ok;
}

function namedStanza([clusterName, region, profile, ...rest]: readonly string[]) {
  if (clusterName === undefined || region === undefined || rest.length > 0) {
    throw new UsageError('Expected a context, CLUSTER REGION [PROFILE], or -- COMMAND.');
  }
  return stanzaForCluster({ clusterName, region, ...(profile !== undefined && { profile }) });
}
