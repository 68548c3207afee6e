import { formatExecCredential } from '../aws/command/exec-credential.ts';
import { askedApiVersion } from '../aws/command/exec-info.ts';
import { readExecConfig } from '../aws/stanza/parse-exec-config.ts';
import type { Caller } from '../aws/token/caller.ts';
import { obtainToken } from '../aws/token/obtain-token.ts';
import { cacheDirectory } from '../cache/directory/directory.ts';
import {
  EXIT_CANNOT_DECIDE,
  EXIT_FAILED,
  EXIT_FAILED_FOR_NOW,
  EXIT_NOT_RECOGNISED,
  NODE_VARIABLES,
  SET_ASIDE,
} from '../cache/rules.ts';
import { keysOfFile } from '../cache/sealed/cache-keys.ts';
import { TokenCache } from '../cache/store/token-cache.ts';
import { EKSAuthError } from '../errors.ts';
import { type Environment, hostFrom } from '../host.ts';
import { type PluginHints, readHints } from '../plugin/plugin-hints.ts';
import { isAtTerminal } from '../system/terminal.ts';
import { printPluginAnswer } from './other-plugin.ts';

/**
 * What the script tells Node in variables, which no other program sees. The head of the script's template describes the
 * protocol.
 */
interface ScriptMessage {
  /** Path of the script, if it was installed: it is brought up to date after a miss. */
  readonly script: string | undefined;
  /** A token minted at this time or earlier does not count: the server refused it, or it is due for renewal. */
  readonly newerThan: Date | undefined;
  /**
   * Whether the refusal of the older token is a guess. If no other token can be made, the script then prints the older
   * one again.
   */
  readonly guess: boolean;
  /** A renewal after the answer: it prints nothing, asks for nothing and runs no other program. */
  readonly background: boolean;
  /** The client that asks: process id, start time and name. Undefined where a retry cannot be told from the same command. */
  readonly asker: string | undefined;
  /** The script has waited for another process until its limit: Node does not wait again. */
  readonly waited: boolean;
}

/**
 * The miss path of the exec plugin: takes the words of the original command and prints one ExecCredential.
 * @returns the exit status, which the script reads
 */
async function main(words: readonly string[], given: Environment, message: ScriptMessage): Promise<number> {
  const host = hostFrom({ env: given });
  const { env } = host;
  const { background, newerThan, script, waited } = message;
  try {
    const hints = readHints(words);
    const stanza = stanzaOf(hints);
    const { keyEnv, encrypt } = hints;
    const config = readExecConfig(stanza, { keyEnv, encrypt });
    if (config === undefined && !hints.dashes) return EXIT_NOT_RECOGNISED;
    const cache = new TokenCache({
      directory: cacheDirectory(env),
      now: host.now,
      logger: host.logger,
      ...(waited && { waitMs: 0 }),
      ...(encrypt !== undefined && { keys: keysOfFile(encrypt, env) }),
    });
    if (config === undefined) {
      if (background) return EXIT_CANNOT_DECIDE;
      const status = await printPluginAnswer({ ...stanza, keyEnv, host, cache, newerThan });
      if (script) await updateScript(script);
      return status;
    }
    const options = background
      ? ({ execPolicy: 'eks-only', stdio: 'captured' } as const)
      : ({ execPolicy: 'allow', stdio: 'terminal', caller: callerOf(message, env) } as const);
    const { token, expiresAt } = await obtainToken({ config, host, cache, newerThan, ...options });
    if (!background) printAnswer(env.KUBERNETES_EXEC_INFO, token, expiresAt);
    if (script) await updateScript(script);
    return 0;
  } catch (error) {
    host.logger.debug('no token', { error: error instanceof Error ? error.message : String(error) });
    if (!(error instanceof EKSAuthError)) return EXIT_CANNOT_DECIDE;
    // The original command explains a command line that ekspress cannot read in its own words.
    if (error.code === 'INVALID_CONFIG') return EXIT_NOT_RECOGNISED;
    if (!background) process.stderr.write(`ekspress: ${error.code}: ${error.message}\nekspress: ${error.remedy}\n`);
    return message.guess && isForNow(error) ? EXIT_FAILED_FOR_NOW : EXIT_FAILED;
  }
}

/**
 * The client that asks, as the script names it. On Windows there is no script: the client is the parent of this process.
 */
function callerOf({ asker }: ScriptMessage, env: Environment): Caller {
  const parent = process.platform === 'win32' && env.KUBERNETES_EXEC_INFO ? `${process.ppid}` : undefined;
  return { name: asker ?? parent, atTerminal: isAtTerminal() };
}

/**
 * Whether the same call may succeed in a moment or after a login. Such a failure says nothing about the valid token.
 */
function isForNow({ code }: EKSAuthError): boolean {
  return code === 'NETWORK' || code === 'TIMEOUT' || code === 'SESSION_EXPIRED';
}

function printAnswer(execInfo: string | undefined, token: string, expiresAt: Date): void {
  const { apiVersion, notice } = askedApiVersion(execInfo);
  if (notice !== undefined) process.stderr.write(`ekspress: ${notice}\n`);
  process.stdout.write(`${formatExecCredential(apiVersion, { token, expiresAt })}\n`);
}

async function updateScript(path: string): Promise<void> {
  if (path.endsWith('.cjs')) {
    const windows = await import('../plugin/windows-install.ts');
    await windows.updateOnWindows(path);
    return;
  }
  const pluginScript = await import('../plugin/plugin-script.ts');
  await pluginScript.updateScript(path);
}

/** The command line in the form of a kubeconfig's exec stanza. */
function stanzaOf({ words: [command = '', ...args] }: PluginHints) {
  return { command, args };
}

/** Separates the variables of the original command, under their own names, from the message of the script. */
function readEnvironment(): { env: Environment; message: ScriptMessage } {
  const { EKSPRESS_SCRIPT, EKSPRESS_NEWER_THAN, EKSPRESS_GUESS, EKSPRESS_BACKGROUND, EKSPRESS_WAITED, ...others } =
    process.env;
  const { EKSPRESS_PARENT = '', ...env } = others;
  for (const name of NODE_VARIABLES) {
    const value = env[SET_ASIDE + name];
    delete env[SET_ASIDE + name];
    if (value !== undefined) env[name] = value;
  }
  const seconds = Number(EKSPRESS_NEWER_THAN ?? Number.NaN);
  return {
    env,
    message: {
      script: EKSPRESS_SCRIPT,
      newerThan: Number.isFinite(seconds) ? new Date(seconds * 1000) : undefined,
      guess: EKSPRESS_GUESS === '1',
      background: EKSPRESS_BACKGROUND === '1',
      asker: /^\d+ (\d.*)$/s.exec(EKSPRESS_PARENT)?.[1],
      waited: EKSPRESS_WAITED === '1',
    },
  };
}

const { env, message } = readEnvironment();

/** The exit status, once it is known. */
export const ended: Promise<number> = main(process.argv.slice(2), env, message).then((status) => {
  process.exitCode = status;
  return status;
});
