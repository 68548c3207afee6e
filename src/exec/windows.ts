import { spawnSync } from 'node:child_process';
import { existsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT_FAILED, EXIT_FAILED_FOR_NOW, MAX_ENTRY_BYTES, NODE_VARIABLES, SET_ASIDE } from '../cache/rules.ts';
import { type Environment, overlaid } from '../host.ts';
import { readHints } from '../plugin/plugin-hints.ts';
import { parseWindowsSettings, searchPath, type WindowsSettings } from '../plugin/windows-settings.ts';
import { readBytesSync } from '../system/read-file.ts';
import { APPLY } from '../text/apply-words.ts';
import { forLog } from '../text/foreign-text.ts';
import { setting } from '../text/setting.ts';
import { VERSION } from '../text/version.ts';
import { clockNow } from './asker.ts';
import { answerFromCache, type CacheMiss } from './from-cache.ts';
import { runOriginal } from './windows-original.ts';

// The exec plugin on Windows, where kubectl cannot start the script. `apply` puts this file, as ekspress-exec.cjs, beside a copy
// of Node, which a stanza starts with it. It needs no other file: it answers from the cache, else lets the package make a
// token, and where the package is gone or cannot decide, it runs the original command. Exit statuses and variables are those of
// the script (ekspress-exec.template.sh).

/** The most that the package prints: an ExecCredential with a client certificate. */
const MAX_OUTPUT = 16 * MAX_ENTRY_BYTES;
/** Variables that only this program may set for the package. */
const MESSAGES = ['SCRIPT', 'NEWER_THAN', 'GUESS', 'BACKGROUND', 'WAITED', 'PARENT'].map((name) => `EKSPRESS_${name}`);
const folder: string = dirname(__filename);

/** @returns the exit status */
function run(words: readonly string[], given: Environment): number {
  if (words[0] === '--version') {
    // What `apply` asks a new copy before it changes anything.
    writeSync(1, `${VERSION} ${process.version}\n`);
    return 0;
  }
  const { words: original, dashes } = readHints(words);
  if (original.length === 0) {
    tell(`There is no command behind the hints. \`${APPLY}\` writes one.`);
    return 2;
  }
  const background = given.EKSPRESS_BACKGROUND === '1';
  const unset = Object.fromEntries(MESSAGES.map((name) => [name, undefined]));
  const settings = readSettings();
  // Names of variables have no case; those of the copy are in upper case.
  const plain = overlaid(given, background ? {} : unset);
  const env = overlaid(plain, { PATH: searchPath(settings, plain.PATH) });
  const depth = ['', '1'].indexOf(env.EKSPRESS_DEPTH ?? '') + 1;
  if (depth === 0) {
    tell(`the command ${original[0]} leads back to ekspress-exec`);
    return 1;
  }
  if (depth === 1) {
    const miss = background ? { message: {} } : answerFromCache(words, overlaid(env, parentOf(env)), true);
    if (miss === undefined) return 0;
    const status = askPackage(words, { env, settings, miss, dashes });
    if (status !== undefined || background) return status ?? 1;
  }
  const around = { env: overlaid(env, { EKSPRESS_DEPTH: `${depth}` }), settings, folder };
  const ended = runOriginal(original, around);
  if (typeof ended === 'number') return ended;
  tell(ended);
  return 1;
}

/** Who asks, as far as Windows tells it without another program. A call by hand is not followed by a refusal. */
function parentOf({ KUBERNETES_EXEC_INFO }: Environment): Environment {
  return KUBERNETES_EXEC_INFO ? { EKSPRESS_PARENT: `${clockNow()} ${process.ppid}` } : {};
}

interface Question {
  readonly env: Environment;
  readonly settings: WindowsSettings;
  readonly miss: CacheMiss;
  /** Whether any plugin may stand behind the hints. */
  readonly dashes: boolean;
}

/** Lets the package make a token, in a process of its own. @returns undefined where the original command has to run */
function askPackage(words: readonly string[], { env, settings, miss, dashes }: Question): number | undefined {
  const main = join(settings.packageFolder, 'dist', 'exec', 'main.cjs');
  if (settings.packageFolder === '' || !existsSync(main)) return undefined;
  const own: Record<string, string | undefined> = overlaid(env, {
    ...miss.message,
    ...(env.EKSPRESS_BACKGROUND === '1' ? {} : parentOf(env)),
    EKSPRESS_SCRIPT: __filename,
    EKSPRESS_DEPTH: '1',
  });
  for (const name of NODE_VARIABLES) {
    if (own[name] === undefined) continue;
    own[SET_ASIDE + name] = own[name];
    delete own[name];
  }
  const { status, stdout } = spawnSync(process.execPath, [main, ...words], {
    env: own,
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    windowsHide: true,
  });
  const printed = (stdout ?? '').trim();
  if (status === 0 && printed !== '') {
    writeSync(1, `${printed}\n`);
    return 0;
  }
  if (status === EXIT_FAILED_FOR_NOW) {
    miss.serveAgain?.();
    return miss.serveAgain === undefined ? 1 : 0;
  }
  if (status === EXIT_FAILED) return dashes && /^\d{1,3}$/.test(printed) ? Number(printed) : 1;
  if (status === 130) return 130;
  if (setting(env, 'DEBUG') === '1')
    writeSync(2, `[DEBUG] Node ended with status ${status}: running the original command\n`);
  return undefined;
}

function readSettings(): WindowsSettings {
  try {
    return parseWindowsSettings(readBytesSync(join(folder, 'ekspress-exec.json')).toString('utf8'));
  } catch {
    return parseWindowsSettings('');
  }
}

function tell(text: string): void {
  writeSync(2, `ekspress-exec: ${forLog(text)}\n`);
}

process.exitCode = run(process.argv.slice(2), process.env);
