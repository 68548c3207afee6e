import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bearerOf } from './hashing-aws.ts';
import { keyOf, type World } from './world.ts';
import type { Change } from './world-change.ts';
import { sha1 } from './world-scenes.ts';

const has = (trait: string) => (world: World) => world.has(trait);

/** Sessions and logins, which the AWS CLI keeps in files, and what other services hand out. */
export const sessionChanges: readonly Change[] = [
  {
    kind: 'another role in the cache of the CLI',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: has('cached role'),
    change: (world) => {
      const folder = join(world.home, '.aws/cli/cache');
      for (const name of readdirSync(folder)) world.cliCache(join(folder, name), keyOf('another cached'));
    },
  },
  {
    kind: 'another role in the cache of the CLI, where the mint has written',
    relevant: 'yes',
    scene: 'a role of a profile',
    fits: (world) => world.has('role') && !world.has('cached role') && !world.args.includes('--role-arn'),
    change: (world) => {
      const folder = join(world.home, '.aws/cli/cache');
      for (const name of readdirSync(folder)) world.cliCache(join(folder, name), keyOf('another cached'));
    },
  },
  {
    kind: 'a role in the cache of the CLI, ended',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: has('cached role'),
    change: (world) => {
      const folder = join(world.home, '.aws/cli/cache');
      for (const name of readdirSync(folder)) world.cliCache(join(folder, name), keyOf('cached'), 60);
    },
  },
  {
    kind: 'the cache of the CLI, gone',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: has('cached role'),
    change: (world) => rmSync(join(world.home, '.aws/cli/cache'), { recursive: true }),
  },
  {
    kind: 'the login of another person',
    relevant: 'yes',
    scene: 'single sign-on',
    fits: has('sso'),
    change: (world) => {
      rmSync(join(world.home, '.aws/cli/cache'), { recursive: true, force: true });
      const [name = ''] = readdirSync(join(world.home, '.aws/sso/cache'));
      world.ssoLogin(name.replace('.json', ''), 'bob');
    },
  },
  {
    kind: 'aws sso logout',
    relevant: 'yes',
    scene: 'single sign-on',
    fits: has('sso'),
    change: (world) => {
      for (const name of ['cli', 'sso'])
        rmSync(join(world.home, '.aws', name, 'cache'), { recursive: true, force: true });
    },
  },
  {
    kind: 'another web identity',
    relevant: 'yes',
    scene: 'a web identity',
    fits: has('web identity'),
    change: (world) => {
      rmSync(join(world.home, '.aws/cli/cache'), { recursive: true, force: true });
      world.write(join(world.root, 'jwt'), bearerOf('pod-b'));
    },
  },
  {
    kind: 'another authorization of the container',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container file'),
    change: (world) => void world.write(join(world.root, 'authorization'), bearerOf('pod-b')),
  },
  {
    kind: 'a container service that hands out another role',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container'),
    prepare: (world) => {
      const name = `switched-${sha1(world.root)}`;
      world.set('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${world.surroundings.one.url}/container/${name}`);
      world.traits.add('served elsewhere');
    },
    change: (world) => world.surroundings.one.switchContainer(`switched-${sha1(world.root)}`, 'another'),
  },
  {
    kind: 'a mounted secret, switched by a link of its folder',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container file'),
    prepare: (world) => {
      for (const [folder, person] of [
        ['..1', 'pod-a'],
        ['..2', 'pod-b'],
      ] as const) {
        world.giveDate(world.write(join(world.root, 'mount', folder, 'token'), bearerOf(person)));
      }
      world.link(join(world.root, 'mount/..data'), '..1');
      world.link(join(world.root, 'mount/token'), '..data/token');
      world.set('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', join(world.root, 'mount/token'));
    },
    change: (world) => world.link(join(world.root, 'mount/..data'), '..2'),
  },
  {
    kind: 'another session of aws login',
    relevant: 'yes',
    scene: 'aws login',
    fits: has('login'),
    change: (world) => {
      const folder = join(world.home, '.aws/login/cache');
      const keys = { accessKeyId: keyOf('another login'), secretAccessKey: 'EXAMPLEKEY', sessionToken: 'EXAMPLEKEY' };
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const accessToken = { ...keys, accountId: '123456789012', expiresAt };
      const rest = { refreshToken: 'EXAMPLEKEY', clientId: 'c', dpopKey: 'EXAMPLEKEY' };
      for (const name of readdirSync(folder)) world.write(join(folder, name), JSON.stringify({ accessToken, ...rest }));
    },
  },
];
