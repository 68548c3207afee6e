import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askTypeScript, prepare, TOKEN } from '../support/prepare-hit-case.ts';
import type { Random } from '../support/random.ts';
import { install } from '../support/script-shells.ts';
import type { Attack } from './attack.ts';

type World = Awaited<ReturnType<typeof prepare>>;

/** What is done to an entry or to what it depends on, or another question for it. */
const CHANGES: readonly ((world: World, random: Random) => Readonly<Record<string, string>>)[] = [
  ({ world: { entry } }) => {
    renameSync(entry, `${entry}.kept`);
    symlinkSync(`${entry}.kept`, entry);
    return {};
  },
  ({ world: { entry } }) => {
    rmSync(entry);
    mkdirSync(entry);
    return {};
  },
  ({ world: { entry } }, random) => cut(entry, (text) => text.slice(0, 100 + random.below(text.length - 200))),
  ({ world: { entry } }, random) => cut(entry, (text) => text.replace('k8s-aws-v1.', `k8s"aws${random.below(9)}`)),
  ({ world: { entry } }) => cut(entry, (text) => text.replace('"ExecCredential"', '"Other"')),
  ({ world: { entry } }, random) => cut(entry, (text) => text.replace(/dev/, `dev${random.below(100)}`)),
  ({ world: { entry } }, random) =>
    cut(entry, (text) => {
      // A longer life, in one of the two places where it stands.
      const later = new Date(Date.now() + (20 + random.below(600)) * 60_000).toISOString().replace(/\.\d+/, '');
      return text.replace(/"expirationTimestamp":"[^"]*"/, `"expirationTimestamp":"${later}"`);
    }),
  ({ world: { entry } }, random) =>
    cut(entry, (text) =>
      text.replace(/;(\d{10});(\d{10});/, (_, from, until) => `;${from};${Number(until) + 60 + random.below(9_999)};`),
    ),
  ({ world: { config } }, random) => {
    writeFileSync(config, `[default]\nregion = r${random.below(100)}\n`);
    return {};
  },
  ({ world: { credentials } }, random) => {
    writeFileSync(credentials, `[default]\naws_access_key_id = AKIA${random.below(1_000)}\n`);
    return {};
  },
  ({ world: { directory, config } }, random) => {
    // Other users may write to the folder: their stamps do not hide a change.
    chmodSync(directory, 0o777);
    rmSync(join(directory, 'stamps'), { recursive: true, force: true });
    mkdirSync(join(directory, 'stamps'));
    for (const name of ['-', '+']) writeFileSync(join(directory, 'stamps', name), '');
    writeFileSync(config, `[default]\nregion = r${random.below(100)}\n`);
    return {};
  },
  (_, random) => ({ AWS_ACCESS_KEY_ID: `AKIA${random.below(1_000)}`, AWS_SECRET_ACCESS_KEY: 'x' }),
  (_, random) => ({ AWS_PROFILE: `p${random.below(1_000)}` }),
  (_, random) => ({ AWS_SESSION_TOKEN: `t${random.below(1_000)}` }),
  (_, random) => ({ AWS_ROLE_ARN: `arn:aws:iam::111122223333:role/r${random.below(1_000)}` }),
  (_, random) => ({ AWS_CONFIG_FILE: `/nonexistent/${random.below(1_000)}` }),
  (_, random) => ({ AWS_ENDPOINT_URL_STS: `https://sts${random.below(1_000)}.example` }),
  (_, random) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1/${random.below(1_000)}` }),
  (_, random) => ({ AWS_CONTAINER_AUTHORIZATION_TOKEN: `t${random.below(1_000)}` }),
];

function cut(entry: string, change: (text: string) => string): Readonly<Record<string, string>> {
  writeFileSync(entry, change(readFileSync(entry, 'utf8')));
  return {};
}

/** Both readers leave a token alone whose entry was changed, or that is another identity's. */
export const CACHE: Attack = {
  kind: 'cache',
  async hold(random) {
    const prepared = await prepare({ title: '', verdict: 'miss', stored: {} });
    try {
      const before = await askTypeScript(prepared);
      if (!before.hit) return false;
      const { script } = install(prepared.world.root);
      const more = random.pick(CHANGES)(prepared, random);
      const env = { ...prepared.env, ...more };
      const read = await askTypeScript({ ...prepared, env });
      const { stdout } = spawnSync('/bin/sh', [script, ...prepared.words], { env, encoding: 'utf8' });
      return !read.hit && !stdout.includes(TOKEN);
    } finally {
      prepared.remove();
    }
  },
};
