import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';
import { temporaryFolder } from './temporary.ts';
import { type Surroundings, World } from './world.ts';
import { type Answer, difference, isHandedOver, shownAnswer } from './world-answers.ts';
import type { Change } from './world-change.ts';
import { askScript, LibraryDoor, SavedCache, SavedCLIFiles } from './world-doors.ts';
import { furnish, type Scene } from './world-scenes.ts';

/** A door other than the library's. */
export interface ScriptDoor {
  readonly name: string;
  /** A shell with the path of the script. */
  readonly words: readonly string[];
}

/** Two worlds that differ in some things: the first fills the cache, the second is asked. */
export interface Pair {
  /** What makes it again. */
  readonly name: string;
  readonly scene: Scene;
  /** What happens to the first world; undefined where it cannot happen to this one. */
  readonly choose: (world: World) => readonly Change[] | undefined;
  readonly random: Random;
}

export interface Outcome {
  readonly pair: Pair;
  readonly changes: readonly Change[];
  readonly story: readonly string[];
  /** In the first world. */
  readonly first: Answer;
  /** In the second, by the mint that asks no cache. */
  readonly fresh: Answer;
  /** In the second, by door. */
  readonly cached: ReadonlyMap<string, Answer>;
  /** Whether the first question left a token on disk. */
  readonly stored: boolean;
  /** Doors that answered with the token of the first world. */
  readonly hits: ReadonlySet<string>;
  /** What a door says otherwise than the fresh mint. */
  readonly wrong: readonly { readonly door: string; readonly what: string }[];
}

/** A library in its own process, with what that process remembers. */
export const WARM = 'the library, once more';
export const LIBRARY = 'the library';

/** Asks at every door; undefined where the changes cannot happen to this world. */
export async function runPair(
  pair: Pair,
  surroundings: Surroundings,
  doors: readonly ScriptDoor[],
): Promise<Outcome | undefined> {
  const { scene, random, choose } = pair;
  const world = new World(temporaryFolder('world'), surroundings);
  try {
    scene.make(world, random);
    furnish(world, random);
    world.save();
    const changes = choose(world);
    if (changes === undefined) return undefined;
    for (const { prepare } of changes) prepare?.(world, random);
    return await ask(world, pair, changes, doors);
  } finally {
    rmSync(world.root, { recursive: true, force: true });
  }
}

async function ask(
  world: World,
  pair: Pair,
  changes: readonly Change[],
  doors: readonly ScriptDoor[],
): Promise<Outcome> {
  const story = describe(world);
  const process = new LibraryDoor(world, true);
  const first = await process.ask();
  const saved = new SavedCache(cacheOf(world), join(world.root, 'saved'));
  world.young = true;
  for (const change of changes) story.push(happen(change, world, pair.random));
  const files = new SavedCLIFiles(world);
  const cached = new Map<string, Answer>();
  for (const { name, words } of doors) {
    cached.set(name, await askScript(words, world));
    saved.restore();
    files.restore();
  }
  cached.set(LIBRARY, await new LibraryDoor(world, true).ask());
  files.restore();
  const server = world.has('served elsewhere');
  if (process.isOfTheWorld && !server) cached.set(WARM, await process.askAgain());
  files.restore();
  // The last of all: what is minted later ends later.
  const fresh = await new LibraryDoor(world, false).ask();
  files.restore();
  const hits = [...cached].filter(([, answer]) => isSameToken(answer, first)).map(([door]) => door);
  const wrong = [...cached].flatMap(([door, answer]) => {
    const isNew = !isSameToken(answer, first);
    const what = isNew && isHandedOver(answer, fresh) ? undefined : difference(answer, fresh);
    return what === undefined ? [] : [{ door, what }];
  });
  return { pair, changes, story, first, fresh, cached, stored: saved.hasToken, hits: new Set(hits), wrong };
}

/** Changes may get in each other's way: a file is gone before it is written over. */
function happen({ kind, change }: Change, world: World, random: Random): string {
  try {
    change(world, random);
    return `then: ${kind}`;
  } catch (error) {
    // A program such as cp has failed with a status, where a call of Node's has a code.
    const { code, status } = error as NodeJS.ErrnoException & { status?: number };
    const why = code ?? status;
    if (why === undefined) throw error;
    return `then: ${kind} (as far as possible: ${why})`;
  }
}

function cacheOf({ env, home }: World): string {
  return env.EKS_TOKEN_CACHE_DIR ?? join(home, '.kube/cache/eks-tokens');
}

/** Whether the second world has another token than the first, or only one of them has any. */
export function tellsApart({ first, fresh }: Outcome): boolean {
  return first.kind !== fresh.kind || difference(first, fresh) !== undefined || difference(fresh, first) !== undefined;
}

function isSameToken(one: Answer, other: Answer): boolean {
  return one.kind === 'token' && other.kind === 'token' && one.token === other.token;
}

/** What a person would be told of a world. Values that may be keys stay out. */
function describe({ env, args, keyEnv, root, credentialsPath, configPath }: World): string[] {
  const plain = (text: string) => text.replaceAll(root, '');
  const shown = Object.entries(env)
    .filter(([name]) => name !== 'PATH')
    .map(([name, value]) => `${name}=${/SECRET|TOKEN$/.test(name) ? '…' : JSON.stringify(plain(value))}`);
  const files = [credentialsPath, configPath].filter((path) => existsSync(path)).map(plain);
  return [
    `aws ${plain(args.join(' '))}`,
    ...keyEnv.map((name) => `--key-env ${name}`),
    shown.join(' '),
    files.join(', '),
  ];
}

/** A failed pair: the two worlds, and what each door says. */
export function report({ pair, story, first, fresh, cached, wrong }: Outcome): string {
  return [
    `${pair.name} (${pair.scene.name})`,
    ...story.map((line) => `    ${line}`),
    `  the first world: ${shownAnswer(first)}`,
    `  fresh in the second: ${shownAnswer(fresh)}`,
    ...[...cached].map(([door, answer]) => `  ${door}: ${shownAnswer(answer)}`),
    ...wrong.map(({ door, what }) => `  WRONG at ${door}: ${what}`),
  ].join('\n');
}
