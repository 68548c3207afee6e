import { expect, it } from 'vitest';
import { callListener } from '../../../src/system/call-listener.ts';

function recorder() {
  const warnings: unknown[] = [];
  const logger = { debug() {}, info() {}, warn: (...said: unknown[]) => void warnings.push(said), error() {} };
  return { logger, warnings };
}

it.each([
  ['later', () => Promise.reject(new Error('no good'))],
  [
    'at once',
    () => {
      throw new Error('no good');
    },
  ],
])('The error that a listener throws %s goes to the logger alone', async (_, listener) => {
  const { logger, warnings } = recorder();
  callListener(logger, listener, { event: 'added' });
  await expect.poll(() => warnings).toEqual([['a listener failed', { event: 'added', error: 'no good' }]]);
});
