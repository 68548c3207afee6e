import { inspect } from 'node:util';
import { EKSAuthError, type EKSAuthErrorCode } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { KnownWords } from '../../src/mcp/known-words.ts';
import { describeFailure } from '../../src/mcp/tool-failure.ts';

/** Another copy of the module, as a second installation or a bundle has it. */
async function otherCopy(): Promise<typeof EKSAuthError> {
  const path = '../../src/errors.ts?copy';
  const { EKSAuthError: Copy } = (await import(/* @vite-ignore */ path)) as { EKSAuthError: typeof EKSAuthError };
  expect(Copy).not.toBe(EKSAuthError);
  return Copy;
}

describe('An error of ekspress', () => {
  it('has a remedy where JavaScript made it without details', () => {
    for (const details of [undefined, null, {}] as never[]) {
      const error = new EKSAuthError('NETWORK', 'No answer.', details);
      expect([error.message, error.remedy]).toEqual([
        'No answer.',
        'Look up NETWORK in the troubleshooting guide of ekspress.',
      ]);
    }
  });

  it('is an instance of the class in every copy of the package, and nothing else is', async () => {
    const Copy = await otherCopy();
    const theirs = new Copy('NETWORK', 'No answer.', { remedy: 'Try again.' });
    const ours = new EKSAuthError('NETWORK', 'No answer.', { remedy: 'Try again.', cause: theirs });
    class Own extends EKSAuthError {}
    const own = new Own('NETWORK', 'No answer.', { remedy: 'Try again.' });
    for (const error of [theirs, ours, own]) {
      expect([error instanceof EKSAuthError, error instanceof Copy, error instanceof Error]).toEqual([
        true,
        true,
        true,
      ]);
    }
    expect([own instanceof Own, ours instanceof Own, theirs instanceof Own]).toEqual([true, false, false]);
    for (const other of [
      new Error('NETWORK'),
      { ...ours, name: 'EKSAuthError' },
      JSON.parse(JSON.stringify(ours)),
      null,
    ]) {
      expect(other instanceof EKSAuthError).toBe(false);
    }
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    expect(describeFailure(theirs, silent, new KnownWords())).toMatchObject({ code: 'NETWORK' });
  });

  it('shows code, remedy and the chain of its causes in a log, and code, message and remedy in JSON', () => {
    const cause = new Error('connect ECONNREFUSED', { cause: new Error('the first') });
    const code: EKSAuthErrorCode = 'NETWORK';
    const error = new EKSAuthError(code, 'No answer.', { remedy: 'Try again.', cause });
    const shown = inspect(error);
    for (const part of ["code: 'NETWORK'", "remedy: 'Try again.'", 'connect ECONNREFUSED', 'the first']) {
      expect(shown).toContain(part);
    }
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: { name: 'EKSAuthError', code: 'NETWORK', message: 'No answer.', remedy: 'Try again.' },
    });
  });
});
