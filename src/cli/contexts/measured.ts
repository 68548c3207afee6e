import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { ExecEnvironment } from '../../aws/stanza/exec-environment.ts';
import type { Environment } from '../../host.ts';
import { ekspressHome, refuseForeignHome } from '../../plugin/ekspress-home.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { isMapping } from '../../system/mapping.ts';
import { readText } from '../../system/read-file.ts';
import { replaceFile } from '../../system/replace-file.ts';

/** Whether the command of a stanza had its token at hand. Without ekspress it never has. */
export type Run = 'from the cache' | 'without the cache';

/** How long the commands of stanzas took on this machine, in seconds. */
export class Measured {
  readonly #seconds: Readonly<Record<string, unknown>>;

  private constructor(seconds: Readonly<Record<string, unknown>>) {
    this.#seconds = seconds;
  }

  static async read(env: Environment): Promise<Measured> {
    try {
      const content: unknown = JSON.parse(await readText(pathIn(env)));
      return new Measured(isMapping(content) && isMapping(content.seconds) ? content.seconds : {});
    } catch {
      // Nothing has been measured, or the file is broken: then nothing is shown.
      return new Measured({});
    }
  }

  secondsOf(stanza: ExecStanza, run: Run): number | undefined {
    const seconds = this.#seconds[keyOf(stanza, run)];
    return typeof seconds === 'number' && seconds >= 0 ? seconds : undefined;
  }

  /** Remembers for the next status. Where the file cannot be written, the figure is missing there. */
  static async remember(
    env: Environment,
    measured: readonly { readonly stanza: ExecStanza; readonly run: Run; readonly seconds: number }[],
  ): Promise<void> {
    if (measured.length === 0) return;
    const { folder } = ekspressHome(env);
    const seconds = { ...(await Measured.read(env)).#seconds };
    for (const one of measured) seconds[keyOf(one.stanza, one.run)] = one.seconds;
    try {
      await refuseForeignHome(ekspressHome(env));
      await makeFolder(folder);
      await replaceFile(pathIn(env), `${JSON.stringify({ seconds }, undefined, 2)}\n`, { mode: 0o600 });
    } catch {
      // A read-only home.
    }
  }
}

function pathIn(env: Environment): string {
  return join(ekspressHome(env).folder, 'measured.json');
}

/** The command may contain names of customers and the like, so the file has a digest of it only. */
function keyOf({ command, args, env }: ExecStanza, run: Run): string {
  const variables = env instanceof ExecEnvironment ? env : new ExecEnvironment(env ?? []);
  const words = [command, ...(args ?? []), variables.get('AWS_PROFILE') ?? ''];
  return `${run} ${createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)}`;
}
