import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EKSAuthError, TokenManager } from 'ekspress';
import { run } from './script-shells.ts';
import type { World } from './world.ts';
import { type Answer, readAnswer } from './world-answers.ts';

// The doors at which a world asks for its token: the built library, and the script.

const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const library: typeof import('ekspress') = await import(/* @vite-ignore */ built);

/** A person who asks the library, and goes on asking with the same process. */
export class LibraryDoor {
  readonly #env: Record<string, string> = {};
  readonly #world: World;
  readonly #manager: TokenManager | EKSAuthError;
  readonly #question: string;

  /** @param cache whether the shared cache is asked and filled */
  constructor(world: World, cache: boolean) {
    this.#world = world;
    this.#question = questionOf(world);
    this.#follow();
    try {
      const stanza = { command: world.command, args: world.args };
      const config = library.parseExecConfig(stanza, { keyEnv: world.keyEnv });
      this.#manager = new library.TokenManager(config, { env: this.#env, ...(!cache && { cache: false }) });
    } catch (error) {
      if (!(error instanceof library.EKSAuthError)) throw error;
      this.#manager = error;
    }
  }

  /** Whether the process can ask again, with its own environment changed. */
  get isOfTheWorld(): boolean {
    return this.#question === questionOf(this.#world);
  }

  ask(): Promise<Answer> {
    return this.#answer((manager) => manager.getValidToken());
  }

  /** Asks for a new token, with all that the process remembers. */
  askAgain(): Promise<Answer> {
    this.#follow();
    return this.#answer((manager) => manager.refreshToken());
  }

  /** Where the last token came from. */
  get source(): string | undefined {
    return 'status' in this.#manager ? this.#manager.status().source : undefined;
  }

  #follow(): void {
    for (const name of Object.keys(this.#env)) delete this.#env[name];
    Object.assign(this.#env, this.#world.env);
  }

  async #answer(get: (manager: TokenManager) => ReturnType<TokenManager['getValidToken']>): Promise<Answer> {
    const manager = this.#manager;
    if (manager instanceof library.EKSAuthError) return { kind: 'failure', code: manager.code };
    return inFolder(this.#world, async () => {
      try {
        const { token, expiresAt } = await get(manager as TokenManager);
        return readAnswer(token, expiresAt);
      } catch (error) {
        if (!(error instanceof library.EKSAuthError)) throw error;
        return { kind: 'failure', code: error.code };
      }
    });
  }
}

let folderIsFree: Promise<unknown> = Promise.resolve();

/** A process has one working directory: worlds in which it counts take turns. */
async function inFolder<T>(world: World, work: () => Promise<T>): Promise<T> {
  if (!world.has('working directory')) return work();
  const mine = folderIsFree.then(async () => {
    const before = process.cwd();
    process.chdir(world.cwd);
    try {
      return await work();
    } finally {
      process.chdir(before);
    }
  });
  folderIsFree = mine.catch(() => undefined);
  return mine;
}

function questionOf({ command, args, keyEnv, cwd }: World): string {
  return JSON.stringify([command, args, keyEnv, cwd]);
}

/** What the stand-in for Node prints. */
export const LEFT_TO_NODE = 'NODE WAS ASKED';

/** Asks the script. @param words a shell with the path of the script, and what stands before them */
export async function askScript(words: readonly string[], world: World): Promise<Answer> {
  const { env, cwd, keyEnv, command, args } = world;
  const hints = keyEnv.length > 0 ? ['--key-env', keyEnv.join(',')] : [];
  const { stdout, stderr, status } = await run([...words, ...hints, command, ...args], env, { cwd });
  if (stdout.startsWith(LEFT_TO_NODE)) return { kind: 'miss' };
  if (status !== 0) return { kind: 'failure', code: failureIn(stderr) };
  const { token, expirationTimestamp } = JSON.parse(stdout).status;
  return readAnswer(token, new Date(expirationTimestamp));
}

/** The code of a failure that the script has remembered or Node has told. */
function failureIn(stderr: string): string {
  return /^ekspress: ([A-Z_]+): /.exec(stderr)?.[1] ?? 'a failure';
}

/** The shared cache as the first question left it. Its files are replaced and never rewritten, so links hold them. */
export class SavedCache {
  readonly #folder: string;
  readonly #saved: string;

  constructor(folder: string, saved: string) {
    this.#folder = folder;
    this.#saved = saved;
    copyLinks(folder, saved);
  }

  /** Whether there is an entry with a token. */
  get hasToken(): boolean {
    return existsSync(this.#saved) && readdirSync(this.#saved).some((name) => name.endsWith('.json'));
  }

  restore(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    copyLinks(this.#saved, this.#folder);
  }
}

function copyLinks(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyLinks(source, target);
    else if (/\.asked\d$|\.busy$/.test(entry.name)) cpSync(source, target);
    else linkSync(source, target);
  }
}

/** What mints write beside the shared cache: the CLI's own caches and logins. Put back between two questions. */
export class SavedCLIFiles {
  readonly #folders: readonly string[];
  readonly #texts: ReadonlyMap<string, string>;

  constructor({ home }: World) {
    this.#folders = ['cli/cache', 'sso/cache', 'login/cache'].map((name) => join(home, '.aws', name));
    this.#texts = this.#read();
  }

  restore(): void {
    const now = this.#read();
    for (const path of now.keys()) if (!this.#texts.has(path)) rmSync(path);
    for (const [path, text] of this.#texts) {
      if (now.get(path) === text) continue;
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      writeFileSync(path, text, { mode: 0o600 });
    }
  }

  #read(): Map<string, string> {
    const files = this.#folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    return new Map(
      files
        .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
        .map((path) => [path, readFileSync(path, 'utf8')]),
    );
  }
}
