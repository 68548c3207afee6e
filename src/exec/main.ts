import { formatExecCredential } from '../aws/exec-credential.ts';
import { askedApiVersion } from '../aws/exec-info.ts';
import { obtainToken } from '../aws/obtain-token.ts';
import { parseExecConfig, readExecConfig } from '../aws/parse-exec-config.ts';
import { cacheDirectory } from '../cache/directory.ts';
import { EXIT_CANNOT_DECIDE, EXIT_FAILED, EXIT_NOT_RECOGNISED, NODE_VARIABLES, SET_ASIDE } from '../cache/rules.ts';
import { TokenCache } from '../cache/token-cache.ts';
import { EKSAuthError } from '../errors.ts';
import { type Environment, hostFrom } from '../host.ts';
import { type PluginHints, readHints } from '../kubeconfig/plugin-hints.ts';
import { answerOfPlugin } from './other-plugin.ts';

/** What the script tells us alone. */
interface Orders {
  /** Where the script lies, if it was installed: it is brought up to date after a miss. */
  readonly script: string | undefined;
  /** A token as old as this has been refused, or is to be replaced ahead of its end. */
  readonly newerThan: Date | undefined;
  /** Nobody waits for the answer: only what needs no person and no other program is done. */
  readonly background: boolean;
  /** The script has waited for another process as long as anybody should. */
  readonly waited: boolean;
}

/** The miss path of the exec plugin: the words of the original command in, one ExecCredential out. */
async function main(words: readonly string[], env: Environment, orders: Orders): Promise<number> {
  const host = hostFrom({ env });
  const { background, newerThan, waited } = orders;
  try {
    const hints = readHints(words);
    const stanza = stanzaOf(hints);
    const declared = { keyEnv: hints.keyEnv };
    const config = hints.dashes ? readExecConfig(stanza, declared) : parseExecConfig(stanza, declared);
    const cache = new TokenCache({
      directory: cacheDirectory(env),
      now: host.now,
      logger: host.logger,
      ...(waited && { waitMs: 0 }),
    });
    if (config === undefined) {
      if (background) return EXIT_CANNOT_DECIDE;
      const status = await answerOfPlugin({ ...stanza, keyEnv: hints.keyEnv, host, cache, newerThan });
      if (orders.script) await updateScript(orders.script);
      return status;
    }
    const manner = background
      ? ({ execPolicy: 'eks-only', stdio: 'captured' } as const)
      : ({ execPolicy: 'allow', stdio: 'terminal', failures: 'told' } as const);
    const { token, expiresAt } = await obtainToken({ config, host, cache, newerThan, ...manner });
    if (!background) answer(env.KUBERNETES_EXEC_INFO, token, expiresAt);
    if (orders.script) await updateScript(orders.script);
    return 0;
  } catch (error) {
    host.logger.debug('no token', { error: error instanceof Error ? error.message : String(error) });
    if (!(error instanceof EKSAuthError)) return EXIT_CANNOT_DECIDE;
    // A command line that we cannot read is the original's to complain about, in its own words.
    if (error.code === 'NOT_EKS' || error.code === 'INVALID_CONFIG') return EXIT_NOT_RECOGNISED;
    if (!background) process.stderr.write(`ekspress: ${error.message}\nekspress: ${error.remedy}\n`);
    return EXIT_FAILED;
  }
}

function answer(execInfo: string | undefined, token: string, expiresAt: Date): void {
  const { apiVersion, notice } = askedApiVersion(execInfo);
  if (notice !== undefined) process.stderr.write(`ekspress: ${notice}\n`);
  process.stdout.write(`${formatExecCredential(apiVersion, { token, expiresAt })}\n`);
}

async function updateScript(path: string): Promise<void> {
  const script = await import('../kubeconfig/plugin-script.ts');
  await script.updateScript(path);
}

/** The command line again, for those that read it from a kubeconfig. */
function stanzaOf({ words: [command = '', ...args] }: PluginHints) {
  return { command, args };
}

/** Takes apart what the original command is to see, and what the script says to us alone. */
function readEnvironment(): { env: Environment; orders: Orders } {
  const { EKSPRESS_SCRIPT, EKSPRESS_NEWER_THAN, EKSPRESS_BACKGROUND, EKSPRESS_WAITED, ...env } = process.env;
  for (const name of NODE_VARIABLES) {
    const aside = env[SET_ASIDE + name];
    delete env[SET_ASIDE + name];
    if (aside !== undefined) env[name] = aside;
  }
  const seconds = Number(EKSPRESS_NEWER_THAN ?? Number.NaN);
  return {
    env,
    orders: {
      script: EKSPRESS_SCRIPT,
      newerThan: Number.isFinite(seconds) ? new Date(seconds * 1000) : undefined,
      background: EKSPRESS_BACKGROUND === '1',
      waited: EKSPRESS_WAITED === '1',
    },
  };
}

const { env, orders } = readEnvironment();
process.exitCode = await main(process.argv.slice(2), env, orders);
