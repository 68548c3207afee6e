import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { realKubectls } from '../support/kubectl.ts';
import { NOTHING, REFUSED, TEXTS } from '../support/plain-scalars.ts';

const kubectl = realKubectls().at(-1);
const home = mkdtempSync(join(tmpdir(), 'ekspress-scalars-'));
afterAll(() => rmSync(home, { recursive: true }));

/** The arguments as kubectl reads them; undefined where it refuses the file. */
function argumentsOf(...scalars: readonly string[]): readonly string[] | undefined {
  const file = join(home, 'config');
  const list = scalars.map((scalar) => `          - ${scalar}\n`).join('');
  const exec = `{apiVersion: client.authentication.k8s.io/v1beta1, command: aws}`;
  writeFileSync(
    file,
    `apiVersion: v1\nkind: Config\nusers:\n  - name: a\n    user:\n      exec:\n        <<: ${exec}\n        args:\n${list}`,
  );
  const { status, stdout } = spawnSync(kubectl ?? '', ['config', 'view', '--raw', '-o', 'json', '--kubeconfig', file], {
    encoding: 'utf8',
    env: { HOME: home },
  });
  return status === 0 ? JSON.parse(stdout).users[0].user.exec.args : undefined;
}

it.skipIf(!kubectl)('The table of values without quotes is what kubectl reads', () => {
  expect(argumentsOf(...TEXTS)).toEqual(TEXTS);
  expect(argumentsOf(...NOTHING)).toEqual(NOTHING.map(() => ''));
  expect(REFUSED.filter((scalar) => argumentsOf(scalar) !== undefined)).toEqual([]);
});

it.skipIf(!kubectl)('The line breaks that kubeconfigs may not have begin a line for kubectl', () => {
  for (const odd of ['\r', '\u0085', '\u2028', '\u2029']) {
    expect(argumentsOf(`one # a comment${odd}          - two`)).toEqual(['one', 'two']);
  }
});
