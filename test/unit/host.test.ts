import { describe, expect, it, vi } from 'vitest';
import { stderrLogger } from '../../src/host.ts';

const LONG = 'x'.repeat(100_000);

/** What one event writes on stderr. */
function written(...details: unknown[]): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  stderrLogger.debug('answered', ...details);
  const text = write.mock.calls.join('');
  write.mockRestore();
  return text;
}

describe('a line of the log', () => {
  it('has at most 500 characters of each text, wherever in the values it stands', () => {
    const cut = `${'x'.repeat(500)}…`;
    expect(written({ cluster: LONG, via: 'mint' })).toBe(`[DEBUG] answered {"cluster":"${cut}","via":"mint"}\n`);
    expect(written({ plan: { files: ['a', LONG] } })).toBe(`[DEBUG] answered {"plan":{"files":["a","${cut}"]}}\n`);
    expect(written(LONG)).toBe(`[DEBUG] answered ${cut}\n`);
  });

  it('stays one line, and shows a text of 500 characters whole', () => {
    expect(written('a\nb')).toBe('[DEBUG] answered a\\u{a}b\n');
    expect(written({ path: LONG.slice(0, 500) })).toContain(`"${LONG.slice(0, 500)}"`);
  });
});
