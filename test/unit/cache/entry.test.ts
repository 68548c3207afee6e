import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, formatEntry } from '../../../src/cache/entry/entry.ts';
import { parseEntry } from '../../../src/cache/entry/parse-entry.ts';
import { TOKEN_CHARACTERS } from '../../../src/cache/rules.ts';
import { hasGivenDate } from '../../../src/recording/look.ts';
import type { RecordedFile } from '../../../src/recording/recording.ts';
import { SEED } from '../../support/seed.ts';

/** A file that was dated by being written. */
function present(path: string, mtimeNs: bigint): RecordedFile {
  return { path, state: 'file', target: undefined, mtimeNs, ctimeNs: mtimeNs, size: 0n, inode: 0n, program: false };
}

function without(path: string, state: 'absent' | 'unreadable'): RecordedFile {
  return { ...present(path, 0n), state };
}

const entry: Entry = {
  identity: 'aws|dev|us-east-1||||HOME=/home/kim|',
  command: undefined,
  unattended: true,
  precision: 'whole',
  hostName: undefined,
  bootId: 'adcc9ec2-a6cf-492d-aa9a-cf1f4fc6d80f',
  uptimeMinted: 2064,
  minted: 1795314495,
  life: 840,
  network: undefined,
  expanded: [],
  lookUps: [{ name: 'aws', found: '/usr/bin/aws' }],
  files: [present('/home/kim/.aws/credentials', 1795310895430999000n), without('/home/kim/.aws/config', 'absent')],
  token: 'k8s-aws-v1.aHR0cHM6Ly9zdHM',
};

describe('an entry', () => {
  it('is one line, an ExecCredential with one more field', () => {
    expect(formatEntry(entry)).toBe(
      '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","ekspress":"' +
        '2;aws|dev|us-east-1||||HOME=/home/kim|;-;u;-;adcc9ec2-a6cf-492d-aa9a-cf1f4fc6d80f;2064;2904;1795314495;1795315335;840;' +
        '2026-11-22T02:42:15Z;?=aws=/usr/bin/aws;1795310895430999000=/home/kim/.aws/credentials;-=/home/kim/.aws/config",' +
        '"spec":{},"status":{"expirationTimestamp":"2026-11-22T02:42:15Z","token":"k8s-aws-v1.aHR0cHM6Ly9zdHM"}}\n',
    );
  });

  it('says "for Node only" as soon as one character had to be encoded', () => {
    const spaced = { ...entry, files: [without('/home/kim/a b', 'absent')] };
    expect(formatEntry(spaced)).toContain(';-;nu;-;');
    expect(formatEntry(spaced)).toContain('-=/home/kim/a%20b');
    expect(parseEntry(formatEntry(spaced))?.files[0]?.path).toBe('/home/kim/a b');
  });

  const word = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text !== '-');
  const path = word.map((text) => `/${text}`);
  const number = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n });
  const file = fc.oneof(
    fc.tuple(path, fc.constantFrom('absent' as const, 'unreadable' as const)).map((one) => without(...one)),
    fc.tuple(path, number).map((one) => present(...one)),
    fc
      .tuple(path, fc.bigInt({ min: 0n, max: 10n ** 10n }), number, number, number)
      .map(([at, seconds, ctimeNs, size, inode]) => {
        const given = present(at, seconds * 1_000_000_000n);
        return ctimeNs / 1_000_000_000n === seconds ? given : { ...given, ctimeNs, size, inode };
      }),
  );
  const entries = fc.record({
    identity: fc.constantFrom('aws|dev', 'aws|a%20b'),
    command: fc.option(word, { nil: undefined }),
    unattended: fc.boolean(),
    precision: fc.constantFrom('whole', 'fine', 'node'),
    hostName: fc.option(word, { nil: undefined }),
    bootId: fc.option(fc.uuid(), { nil: undefined }),
    uptimeMinted: fc.option(fc.integer({ min: 1, max: 10 ** 8 }), { nil: undefined }),
    minted: fc.integer({ min: 10 ** 9, max: 3 * 10 ** 9 - 1 }),
    life: fc.integer({ min: 1, max: 840 }),
    network: fc.constantFrom(undefined, '', 'https_proxy=http://proxy:3128|'),
    expanded: fc.constantFrom([], ['STAGE=prod', 'UNSET']),
    lookUps: fc.array(fc.record({ name: word, found: fc.option(path, { nil: undefined }) }), { maxLength: 2 }),
    files: fc.array(file, { maxLength: 4 }),
    token: fc.string({ minLength: 1, unit: fc.constantFrom(...TOKEN_CHARACTERS) }),
  });

  it('is read as it was written, whatever words it holds', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const read = parseEntry(formatEntry(written));
        expect(read).toEqual({
          ...written,
          precision:
            formatEntry(written).includes('%') || written.expanded.length > 0 || written.files.some(hasGivenDate)
              ? 'node'
              : written.precision,
        });
      }),
      { seed: SEED },
    );
  });

  it('stays what kubectl and jq accept, and stays one line', () => {
    fc.assert(
      fc.property(entries, (written) => {
        const text = formatEntry(written);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(JSON.parse(text)).toMatchObject({ kind: 'ExecCredential', status: { token: written.token } });
      }),
      { seed: SEED },
    );
  });

  it('is absent as soon as its end is missing', () => {
    const text = formatEntry(entry);
    for (let length = 0; length < text.length - 1; length += 1) {
      expect(parseEntry(text.slice(0, length))).toBeUndefined();
      expect(parseEntry(`${text.slice(0, length)}\n`)).toBeUndefined();
    }
    expect(parseEntry(text.trimEnd())).toBeUndefined();
  });
});
