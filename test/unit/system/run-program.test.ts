import { getEventListeners } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { MAX_OUTPUT_BYTES, type ProgramRequest, runProgram } from '../../../src/system/run-program.ts';
import { isRunning } from '../../support/is-running.ts';
import { PATH } from '../../support/paths.ts';

const sh = (script: string, more: Partial<ProgramRequest> = {}) =>
  runProgram({ command: 'sh', args: ['-c', script], env: { PATH }, ...more });

const text = (outcome: object) => ('stdout' in outcome ? String(outcome.stdout) : outcome);

it('A program gets its words as they are, its own variables, and the end of its input at once', async () => {
  const args = ['-c', 'cat; echo "$1" "$NAME" ${HOME-none}', 'sh', 'a b;$(c)*'];
  const outcome = await runProgram({ command: 'sh', args, env: { PATH, NAME: 'value', HOME: undefined } });
  expect(outcome).toMatchObject({ kind: 'exited', status: 0, stderr: '' });
  expect(text(outcome)).toBe('a b;$(c)* value none\n');
});

it('Both streams of a failed program are handed over with its status', async () => {
  const outcome = await sh('echo out; echo err >&2; exit 3');
  expect(outcome).toMatchObject({ kind: 'exited', status: 3, stderr: 'err\n' });
  expect(text(outcome)).toBe('out\n');
});

it('A program that a signal ended is told from one that exited', async () => {
  expect(await sh('kill -SEGV $$')).toMatchObject({ kind: 'killed', signal: 'SIGSEGV' });
});

it.each([
  ['that does not exist', 'no-such-program', 'ENOENT'],
  ['that is a folder', tmpdir(), 'EACCES'],
  ['whose name holds a NUL', 'a\0b', 'ERR_INVALID_ARG_VALUE'],
])('A program %s is not started', async (_, command, code) => {
  const outcome = await runProgram({ command, args: [], env: { PATH } });
  expect(outcome).toMatchObject({ kind: 'not-started', error: { code } });
});

it('A command line that is too long for the system is not started', async () => {
  const outcome = await runProgram({ command: 'sh', args: ['x'.repeat(4_000_000)], env: { PATH } });
  expect(outcome).toMatchObject({ kind: 'not-started', error: { code: 'E2BIG' } });
});

const printBytes = (count: number) => `head -c ${count} /dev/zero | tr '\\0' x`;

it('Output is counted in bytes: 1 MiB is whole, one byte more is an error', async () => {
  const whole = await sh(printBytes(MAX_OUTPUT_BYTES));
  expect(whole).toMatchObject({ kind: 'exited' });
  expect('stdout' in whole && whole.stdout.length).toBe(MAX_OUTPUT_BYTES);
  expect(await sh(printBytes(MAX_OUTPUT_BYTES + 1))).toEqual({ kind: 'too-much-output' });
});

it('The end of a long stderr is kept, and the program is not stopped for it', async () => {
  const outcome = await sh(`head -c 3000000 /dev/zero | tr '\\0' x >&2; echo the reason >&2; echo answer`);
  expect(text(outcome)).toBe('answer\n');
  const stderr = 'stderr' in outcome ? outcome.stderr : '';
  expect(stderr.length).toBe(MAX_OUTPUT_BYTES);
  expect(stderr).toMatch(/xthe reason\n$/);
});

it.each(['too-much-output', 'timed-out', 'aborted'] as const)(
  'A program that has %s is killed with what it started',
  async (kind) => {
    const file = join(tmpdir(), `started-${kind}`);
    await writeFile(file, '');
    onTestFinished(() => rm(file));
    const controller = new AbortController();
    const script = `sleep 600 & echo $! >'${file}'; ${kind === 'too-much-output' ? 'yes' : 'wait'}`;
    const running = sh(script, {
      signal: controller.signal,
      ...(kind === 'timed-out' && { timeoutMs: 500 }),
    });
    await expect.poll(() => readFile(file, 'utf8'), { timeout: 10_000 }).toMatch(/\n/);
    if (kind === 'aborted') controller.abort();
    expect(await running).toEqual({ kind });
    const pid = Number(await readFile(file, 'utf8'));
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  },
);

it('A signal that has aborted starts nothing', async () => {
  expect(await sh('exit 0', { signal: AbortSignal.abort() })).toEqual({ kind: 'aborted' });
});

it('A signal that many programs were given has no listener left', async () => {
  const { signal } = new AbortController();
  await Promise.all([sh('true', { signal }), sh('exit 1', { signal }), sh('kill -9 $$', { signal })]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
