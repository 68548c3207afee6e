import { parseArgs } from 'node:util';
import { formatExecCredential } from '../aws/exec-credential.ts';
import { askedApiVersion } from '../aws/exec-info.ts';
import { obtainPluginCredential, type PluginAnswer, type PluginRequest } from '../aws/obtain-plugin-credential.ts';
import { obtainToken } from '../aws/obtain-token.ts';
import { parseExecConfig, readExecConfig } from '../aws/parse-exec-config.ts';
import { stanzaForCluster } from '../aws/stanza.ts';
import { cacheDirectory } from '../cache/directory.ts';
import { TokenCache } from '../cache/token-cache.ts';
import { EKSAuthError } from '../errors.ts';
import { hostFrom } from '../host.ts';
import { type Command, EXIT, type Terminal, UsageError } from './command.ts';
import { readVariableNames } from './variable-names.ts';

const help = `ekspress token: print a token as kubectl expects it from an exec plugin

  ekspress token <cluster> <region> [profile]
  ekspress token -- aws eks get-token --cluster-name dev --region us-east-1
  ekspress token -- kubelogin get-token …      any other plugin of kubectl's too

Options
  --raw             print the bare token instead of an ExecCredential
  --key-env NAME    with a command: a variable that its token depends on (may be repeated; or NAME,NAME)

The shared cache is used and filled, exactly as the exec plugin does.

Examples
  ekspress token dev us-east-1
  ekspress token dev us-east-1 acme
  curl -H "Authorization: Bearer $(ekspress token --raw dev us-east-1)" …
`;

/** `ekspress token`. */
export const token: Command = {
  name: 'token',
  summary: 'print a token for a cluster, from the shared cache or newly minted',
  help,
  run,
};

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const separator = words.indexOf('--');
  const ours = separator === -1 ? words : words.slice(0, separator);
  const { values, positionals } = parseArgs({
    args: [...ours],
    options: {
      raw: { type: 'boolean', default: false },
      'key-env': { type: 'string', multiple: true, default: [] },
    },
    allowPositionals: true,
  });
  const wrapped = separator === -1 ? [] : words.slice(separator + 1);
  const keyEnv = readVariableNames(values['key-env']);
  const host = hostFrom({ env: terminal.env, logger: terminal.logger });
  const stanza = wrapped.length > 0 ? wrappedStanza(positionals, wrapped) : namedStanza(positionals);
  const cache = new TokenCache({ directory: cacheDirectory(terminal.env), now: host.now, logger: host.logger });
  const { signal } = terminal;
  const config = wrapped.length > 0 ? readExecConfig(stanza, { keyEnv }) : parseExecConfig(stanza);
  if (config === undefined) {
    const [command = '', ...args] = wrapped;
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

/** What another plugin has printed; what it says of its own failures stands on stderr already. */
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
    throw new EKSAuthError('EXEC_FAILED', 'The command printed a client certificate, no token.', {
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
    throw new UsageError('Expected <cluster> <region> [profile].');
  }
  return stanzaForCluster({ clusterName, region, ...(profile !== undefined && { profile }) });
}
