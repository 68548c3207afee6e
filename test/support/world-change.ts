import type { Random } from './random.ts';
import type { World } from './world.ts';

/** Something that happens to a world between two questions. */
export interface Change {
  readonly kind: string;
  /** `yes`: where it fits, the token is another one or there is none. `no`: nothing that decides the token changes. */
  readonly relevant: 'yes' | 'no' | 'maybe';
  /** The scene in which it is tried by itself. */
  readonly scene: string;
  /** How often, with other choices each time. Default: once. */
  readonly times?: number;
  readonly fits?: (world: World) => boolean;
  /** What has to be there before the first question. */
  readonly prepare?: (world: World, random: Random) => void;
  readonly change: (world: World, random: Random) => void;
}

export const FILE_KEYS = 'keys in the credentials file';

/** Whether the keys of the default profile are those of the token. */
export const plainKeys = (world: World): boolean =>
  world.has('files') &&
  !['env keys', 'named', 'original', 'generations', 'process', 'login'].some((trait) => world.has(trait));
