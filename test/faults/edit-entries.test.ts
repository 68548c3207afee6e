import { describe, expect, it } from 'vitest';
import { edit, put, remove } from '../support/entry-changes.ts';
import { STYLES } from '../support/kubeconfig-styles.ts';

describe('an edit of whole entries', () => {
  it.each(STYLES)('adds three entries to a kubeconfig written as "$name" and takes them out again', ({ text }) => {
    const added = edit(text, put('one', 'two', 'three'));
    for (const line of text.split(/\r?\n/).slice(1)) expect(added).toContain(line.trim().replace(/,$/, ''));
    expect(edit(added, remove('two')).includes('https://two.example')).toBe(false);
    const back = edit(added, remove('one', 'two', 'three'));
    expect(back.trimEnd()).toBe(text.trimEnd());
  });
});
