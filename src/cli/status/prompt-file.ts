import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { overlaid } from '../../host.ts';
import { ekspressHome, refuseForeignHome } from '../../plugin/ekspress-home.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { replaceFile } from '../../system/replace-file.ts';
import type { Terminal } from '../command.ts';
import { entryNamesOf } from '../contexts/entry-names.ts';
import { printable } from '../terminal/display-width.ts';
import type { Status, StatusLine } from './read-status.ts';

/** The file that the function of `ekspress hook --prompt` reads, in the folder of ekspress. */
export const PROMPT_FILE = 'prompt';
/** Its first line. The function leaves a file of another version alone. */
export const PROMPT_VERSION = 'ekspress prompt 1';

/**
 * Writes down what `status --short` has shown, so that the function of the prompt can show it again without a process: until
 * when it is true, and the files whose change ends it. Where the file cannot be written, each prompt runs `status --short`.
 */
export async function rememberPrompt(
  status: Status,
  line: StatusLine,
  { name, words }: { readonly name: string; readonly words: string },
  terminal: Terminal,
): Promise<void> {
  const { env } = terminal;
  const { context, token, login } = line;
  const own = overlaid(env, (context.config ?? context.behind)?.exec.env.toEnvironment() ?? {});
  const entries = entryNamesOf(context, env).map((name) => join(cacheDirectory(own), name));
  const alive =
    token?.state === 'valid' && context.state === 'applied' && login?.state !== 'ended' && login?.state !== 'none';
  const lines = [
    PROMPT_VERSION,
    `${env.KUBECONFIG ?? ''}|${env.AWS_PROFILE ?? ''}|${env.AWS_ACCESS_KEY_ID ?? ''}`,
    printable(name),
    alive ? secondsOf(token.expiresAt) : '',
    login?.state === 'valid' ? secondsOf(login.expiresAt) : '',
    alive ? '' : printable(words),
    ...status.files,
    ...(line.loginFile === undefined ? [] : [line.loginFile]),
    // The date of an entry is not that of its writing: one that is shown has to exist, and others end this by existing.
    ...(alive ? entries.filter((path) => existsSync(path)).map((path) => `@${path}`) : entries),
  ];
  if (lines.some((text) => text.includes('\n'))) return;
  const home = ekspressHome(env);
  try {
    await refuseForeignHome(home);
    await makeFolder(home.folder);
    await replaceFile(join(home.folder, PROMPT_FILE), `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A read-only home.
  }
}

function secondsOf(time: string | undefined): string {
  const seconds = Math.floor(Date.parse(time ?? '') / 1000);
  return Number.isFinite(seconds) ? String(seconds) : '';
}
