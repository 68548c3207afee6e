import type { ExecStanza } from '../aws/eks-auth-config.ts';
import { askedApiVersion, formatExecCredential } from '../aws/exec-credential.ts';
import { obtainToken } from '../aws/obtain-token.ts';
import { parseExecConfig } from '../aws/parse-exec-config.ts';
import { cacheDirectory } from '../cache/directory.ts';
import { EXIT_CANNOT_DECIDE, EXIT_FAILED } from '../cache/rules.ts';
import { TokenCache } from '../cache/token-cache.ts';
import { EKSAuthError } from '../errors.ts';
import { type Environment, hostFrom } from '../host.ts';
import { debugLogger } from './debug-logger.ts';

/** The miss path of the exec plugin: the words of the original command in, one ExecCredential out. */
async function main(words: readonly string[], env: Environment): Promise<number> {
  const logger = debugLogger(env.EKS_TOKEN_DEBUG === '1', (line) => process.stderr.write(line));
  const host = hostFrom({ env, logger });
  try {
    const config = parseExecConfig(stanzaOf(words));
    const cache = new TokenCache({ directory: cacheDirectory(env), now: host.now, logger });
    const { token, expiresAt, via } = await obtainToken({
      config,
      host,
      cache,
      execPolicy: 'allow',
      stdio: 'terminal',
    });
    logger.debug('answered', { via, expiresAt: expiresAt.toISOString() });
    const { apiVersion, notice } = askedApiVersion(env.KUBERNETES_EXEC_INFO);
    if (notice !== undefined) process.stderr.write(`ekspress: ${notice}\n`);
    process.stdout.write(`${formatExecCredential(apiVersion, token, expiresAt)}\n`);
    await updateInstalledScript();
    return 0;
  } catch (error) {
    // A command line that we cannot read is the original's to complain about, in its own words.
    if (error instanceof EKSAuthError && error.code !== 'NOT_EKS' && error.code !== 'INVALID_CONFIG') {
      process.stderr.write(`ekspress: ${error.message}\nekspress: ${error.remedy}\n`);
      return EXIT_FAILED;
    }
    logger.debug('cannot decide', error instanceof Error ? error.message : String(error));
    return EXIT_CANNOT_DECIDE;
  }
}

function stanzaOf(words: readonly string[]): ExecStanza {
  const [command = '', ...args] = words;
  return { command, args };
}

/** An installed script says where it lies: whoever upgrades the package has the new one after the next miss. */
async function updateInstalledScript(): Promise<void> {
  const script = process.env.EKSPRESS_SCRIPT;
  if (!script) return;
  const { updateScript } = await import('../kubeconfig/plugin-script.ts');
  await updateScript(script);
}

/** The environment as the original command is to see it: without what the script says to us alone. */
function callersEnvironment(): Environment {
  const { EKSPRESS_NODE_OPTIONS, EKSPRESS_SCRIPT: _script, NODE_OPTIONS: _ours, ...theirs } = process.env;
  return EKSPRESS_NODE_OPTIONS === undefined ? theirs : { ...theirs, NODE_OPTIONS: EKSPRESS_NODE_OPTIONS };
}

process.exitCode = await main(process.argv.slice(2), callersEnvironment());
