import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { startHashingAWS } from '../support/hashing-aws.ts';
import { noteSkipped, optionalProgram } from '../support/optional-programs.ts';
import { seededRandom } from '../support/random.ts';
import { install } from '../support/script-shells.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ini, keysOf, type Surroundings, type World } from '../support/world.ts';
import { fileChanges } from '../support/world-file-changes.ts';
import { type Outcome, report, runPair } from '../support/world-pair.ts';
import { scenes } from '../support/world-scenes.ts';

// Two hosts that share a home, by namespaces of Linux.

const unshare = optionalProgram('unshare') ?? 'unshare';
const namespaces = spawnSync(unshare, ['--mount', '--uts', 'true']).status === 0;
if (!namespaces) noteSkipped('no namespaces');

let surroundings: Surroundings;
let script: string;

beforeAll(async () => {
  const authority = createCertificateAuthority('local AWS');
  const [one, two] = [await startHashingAWS('one', authority), await startHashingAWS('two', authority)];
  surroundings = { one, two, certificate: authority.certificate };
  ({ script } = install(temporaryFolder('script')));
});
afterAll(async () => {
  await surroundings.one.close();
  await surroundings.two.close();
});

/** Asks the script in a world of that scene on another host, for which `become` is run first. */
async function onAnotherHost(name: string, become: string, choose = (_: World) => []): Promise<Outcome> {
  const scene = scenes.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no scene ${name}`);
  const words = [unshare, '--mount', '--uts', '/bin/sh', '-c', `${become} && exec "$@"`, 'sh', '/bin/sh', script];
  const doors = [
    { name: 'this host', words: ['/bin/sh', script] },
    { name: 'another host', words },
  ];
  const pair = { name, scene, choose, random: seededRandom(1) };
  const outcome = await runPair(pair, surroundings, doors);
  if (outcome === undefined) throw new Error('the world was not asked');
  return outcome;
}

const RENAMED = 'echo elsewhere >/proc/sys/kernel/hostname';

describe.skipIf(!namespaces)('another host that shares the home', () => {
  it.each(['a container', 'an instance', 'a script called aws', 'credential_process'])(
    'does not get what belongs to this host: %s',
    async (name) => {
      const outcome = await onAnotherHost(name, RENAMED);
      expect(outcome.first.kind, report(outcome)).toBe('token');
      expect([...outcome.hits], report(outcome)).not.toContain('another host');
    },
  );

  it('gets the token of keys in a file', async () => {
    const outcome = await onAnotherHost('keys in the credentials file', RENAMED);
    expect([...outcome.hits], report(outcome)).toContain('another host');
  });
});

describe.skipIf(!namespaces)('another mount namespace with a folder of equal date', () => {
  it('does not get the token of this one', async () => {
    const [archive] = fileChanges.filter(({ kind }) => kind === 'folders of equal dates, renamed');
    const outcome = await onAnotherHost(
      'keys in the credentials file',
      'mount --bind "$HOME/.aws.second" "$HOME/.aws"',
      (world) => {
        archive?.prepare?.(world, seededRandom(1));
        // The second one has other keys.
        writeFileSync(join(world.home, '.aws.second/credentials'), ini({ default: keysOf('second') }));
        world.giveDate(join(world.home, '.aws.second/credentials'));
        world.giveDate(join(world.home, '.aws.second'));
        return [];
      },
    );
    expect([...outcome.hits], report(outcome)).not.toContain('another host');
  });
});
