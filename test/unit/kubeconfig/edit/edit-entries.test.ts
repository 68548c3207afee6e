import { describe, expect, it } from 'vitest';
import type { EntryChanges } from '../../../../src/kubeconfig/edit/edit-entries.ts';
import { readEditable } from '../../../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { edit, put, remove } from '../../../support/entry-changes.ts';

describe('an edit of whole entries', () => {
  it('writes the first entries into a file without lists, and leaves empty lists behind', () => {
    for (const text of [
      'apiVersion: v1\nkind: Config\n',
      'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n',
      'apiVersion: v1\nclusters: # none yet\ncontexts: null\nkind: Config\nusers: ~\n',
      'apiVersion: v1\r\nkind: Config\r\ncurrent-context: ""',
      '{"apiVersion": "v1", "kind": "Config"}',
      '{"clusters": [], "kind": "Config", "users": []}\n',
      '{}',
    ]) {
      const added = edit(text, put('one', 'two'));
      expect(readEditable(added, 'config').users.map(({ name }) => name)).toEqual(['one', 'two']);
      const back = edit(added, remove('one', 'two'));
      expect(readEditable(back, 'config').users).toEqual([]);
      expect(edit(back, put('three'))).toContain('https://three.example');
    }
  });

  it('replaces an entry in its place', () => {
    const before = edit('kind: Config # mine\n', put('one', 'two'));
    const changes: EntryChanges = {
      ...remove(),
      clusters: {
        ...remove().clusters,
        replace: new Map([['one', { cluster: { server: 'https://new.example' }, name: 'one' }]]),
      },
    };
    const after = edit(before, changes);
    expect(after).toBe(before.replace('https://one.example', 'https://new.example'));
  });

  it('is refused for a file beyond the limits of a kubeconfig, as reading is', () => {
    const keys = Array.from({ length: 10_001 }, (_, index) => `k${index}: 1`).join('\n');
    expect(() => readEditable(`kind: Config\n${keys}\n`, 'config')).toThrow('more than 10000 keys');
    expect(() => readEditable('...\n'.repeat(200_000), 'config')).toThrow('more than 1000 documents');
    expect(() => readEditable('kind: Config\nx: !!omap [a: 1]\n', 'config')).toThrow('!!omap');
  });

  it('adds no entry under a name that exists', () => {
    const before = edit('kind: Config\n', put('one'));
    expect(() => edit(before, put('one'))).toThrow('has an entry "one"');
  });

  it('writes names that YAML takes for other values as texts', () => {
    const names = [
      'y',
      'on',
      'null',
      '0b11',
      '1_000',
      '1e3',
      '0x1f',
      '007',
      '12:30',
      '2024-01-01',
      '~',
      'a: b',
      '- x',
      '#',
    ];
    expect(readEditable(edit('kind: Config\n', put(...names)), 'config').users.map(({ name }) => name)).toEqual(names);
  });
});
