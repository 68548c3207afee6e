import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import {
  formatProcessID,
  hasEnded,
  type ProcessID,
  parseProcessID,
  thisProcess,
} from '../../../src/system/process-id.ts';

it('A process that runs has not ended, and is read from four words as it was written', () => {
  const us = thisProcess();
  expect(us.pid).toBe(process.pid);
  expect(hasEnded(us)).toBe(false);
  expect(parseProcessID(formatProcessID(us))).toEqual(us);
});

it('A process that exited has ended', async () => {
  const child = spawn('true');
  const pid = child.pid ?? 0;
  await once(child, 'exit');
  expect(hasEnded({ ...thisProcess(), pid })).toBe(true);
});

const proc = thisProcess().startTime !== '-';
it.skipIf(!proc)('A later process of the same number is another one', () => {
  expect(hasEnded({ ...thisProcess(), startTime: '1' })).toBe(true);
});

it.each<[string, Partial<ProcessID>]>([
  ['another container', { pidNamespace: '1' }],
  ['another machine, or an earlier boot', { machine: 'elsewhere' }],
])('A process in %s is neither known as running nor as ended', (_, differs) => {
  expect(hasEnded({ ...thisProcess(), pid: 999_999_999, ...differs })).toBe(false);
});

it.each(['', '1', '1 2 3', 'x 2 3 4', '1 2 3 4 5', '1 2 3 4\n'])('The text %j names no process', (text) => {
  expect(parseProcessID(text)).toBeUndefined();
});
