import { formatExecCredential } from '../../aws/command/exec-credential.ts';
import { askedApiVersion } from '../../aws/command/exec-info.ts';
import {
  obtainPluginCredential,
  type PluginAnswer,
  type PluginRequest,
} from '../../aws/command/obtain-plugin-credential.ts';
import { parseExecConfig, readExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { obtainToken } from '../../aws/token/obtain-token.ts';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { hostFrom } from '../../host.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
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
  summary: 'print a token for a cluster, from the shared cache or newly minted',
  usage: ['CLUSTER REGION [PROFILE]', '-- COMMAND [ARGUMENT…]'],
  options,
  globals: [],
  program: true,
  choices: () => [],
  about: [
    'The token is printed as kubectl expects it from an exec plugin. A command is `aws eks get-token …`, or any other plugin of kubectl. The shared cache is used and filled, as the exec plugin does.',
  ],
  examples: [
    'ekspress token dev us-east-1',
    'ekspress token dev us-east-1 acme',
    'ekspress token -- aws eks get-token --cluster-name dev',
    'ekspress token -- kubelogin get-token --oidc-issuer-url=…',
  ],
  run,
});

async function run({ values, words, program = [] }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const keyEnv = readVariableNames(values['key-env']);
  const host = hostFrom({ env: terminal.env, logger: terminal.logger });
  const stanza = program.length > 0 ? wrappedStanza(words, program) : namedStanza(words);
  const cache = new TokenCache({ directory: cacheDirectory(terminal.env), now: host.now, logger: host.logger });
  const { signal } = terminal;
  const config = program.length > 0 ? readExecConfig(stanza, { keyEnv }) : parseExecConfig(stanza);
  if (config === undefined) {
    const [command = '', ...args] = program;
    return printAnswer(await askPlugin({ command, args, keyEnv, host, cache, signal }), values.raw, terminal);
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

function wrappedStanza(positionals: readonly string[], [command = '', ...args]: readonly string[]) {
  if (positionals.length > 0) throw new UsageError('Give a cluster and region, or a command after --, not both.');
  return { command, args };
}

function namedStanza([clusterName, region, profile, ...rest]: readonly string[]) {
  if (clusterName === undefined || region === undefined || rest.length > 0) {
    throw new UsageError('Expected CLUSTER REGION [PROFILE], or -- COMMAND.');
  }
  return stanzaForCluster({ clusterName, region, ...(profile !== undefined && { profile }) });
}
