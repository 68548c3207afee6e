import { parseArgs } from 'node:util';
import { askedApiVersion, formatExecCredential } from '../aws/exec-credential.ts';
import { obtainToken } from '../aws/obtain-token.ts';
import { parseExecConfig } from '../aws/parse-exec-config.ts';
import { stanzaForCluster } from '../aws/stanza.ts';
import { cacheDirectory } from '../cache/directory.ts';
import { TokenCache } from '../cache/token-cache.ts';
import { hostFrom } from '../host.ts';
import { type Command, EXIT, type Terminal, UsageError } from './command.ts';

const help = `ekspress token: print a token as kubectl expects it from an exec plugin

  ekspress token <cluster> <region> [profile]
  ekspress token -- aws eks get-token --cluster-name dev --region us-east-1

Options
  --raw       print the bare token instead of an ExecCredential

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
    options: { raw: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const wrapped = separator === -1 ? [] : words.slice(separator + 1);
  const host = hostFrom({ env: terminal.env, logger: terminal.logger });
  const config = parseExecConfig(wrapped.length > 0 ? wrappedStanza(positionals, wrapped) : namedStanza(positionals));
  const cache = new TokenCache({ directory: cacheDirectory(terminal.env), now: host.now, logger: host.logger });
  const { signal } = terminal;
  const obtained = await obtainToken({ config, host, cache, execPolicy: 'allow', stdio: 'terminal', signal });
  if (values.raw) {
    terminal.out(`${obtained.token}\n`);
  } else {
    const { apiVersion } = askedApiVersion(terminal.env.KUBERNETES_EXEC_INFO);
    terminal.out(`${formatExecCredential(apiVersion, obtained.token, obtained.expiresAt)}\n`);
  }
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
