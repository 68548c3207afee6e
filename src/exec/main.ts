import type { ExecStanza } from '../aws/eks-auth-config.ts';
import { askedApiVersion, formatExecCredential } from '../aws/exec-credential.ts';
import { obtainToken } from '../aws/obtain-token.ts';
import { parseExecConfig } from '../aws/parse-exec-config.ts';
import { cacheDirectory } from '../cache/directory.ts';
import { TokenCache } from '../cache/token-cache.ts';
import { EKSAuthError } from '../errors.ts';
import { type Environment, hostFrom } from '../host.ts';
import { debugLogger } from './debug-logger.ts';

// The exit statuses are a protocol with the script that started us.
const PRINTED = 0;
/** A failure that has been explained on stderr: final. Not 1: that is how Node ends when it cannot even load us. */
const FAILED = 77;
/** The original command has to answer. */
const CANNOT_DECIDE = 70;

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
    return PRINTED;
  } catch (error) {
    // A command line that we cannot read is the original's to complain about, in its own words.
    if (error instanceof EKSAuthError && error.code !== 'NOT_EKS' && error.code !== 'INVALID_CONFIG') {
      process.stderr.write(`ekspress: ${error.message}\nekspress: ${error.remedy}\n`);
      return FAILED;
    }
    logger.debug('cannot decide', error instanceof Error ? error.message : String(error));
    return CANNOT_DECIDE;
  }
}

function stanzaOf(words: readonly string[]): ExecStanza {
  const [command = '', ...args] = words;
  return { command, args };
}

/** The environment as the original command is to see it: the script set our own NODE_OPTIONS aside. */
function callersEnvironment(): Environment {
  const { EKSPRESS_NODE_OPTIONS: nodeOptions, NODE_OPTIONS: _ours, ...rest } = process.env;
  return nodeOptions === undefined ? rest : { ...rest, NODE_OPTIONS: nodeOptions };
}

process.exitCode = await main(process.argv.slice(2), callersEnvironment());
