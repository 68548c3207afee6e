// Measures whole processes. Compared commands run in turns, so that a busy moment affects all of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export const hasHyperfine = spawnSync('hyperfine', ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * Median milliseconds of each command, for short processes. Node's spawn is too inaccurate for them, so hyperfine
 * without a shell is used, else a loop in sh. Commands are lists of words without blanks or quotes. `runs` has the
 * number of runs of each command per round.
 */
export function shortProcesses(commands, { env, rounds = 7, runs }) {
  const once = hasHyperfine ? byHyperfine : byShellLoop;
  const times = commands.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    commands.forEach((words, index) => {
      times[index].push(once(words, { env, runs: runs[index] }));
    });
  }
  return times.map(median);
}

function byHyperfine(words, { env, runs }) {
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-bench-'));
  try {
    const report = join(folder, 'report.json');
    const options = [
      '-N',
      '--style=none',
      `--warmup=${Math.min(5, runs)}`,
      `--runs=${runs}`,
      `--export-json=${report}`,
    ];
    execFileSync('hyperfine', [...options, words.join(' ')], { env, stdio: 'ignore' });
    return JSON.parse(readFileSync(report, 'utf8')).results[0].median * 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function byShellLoop(words, { env, runs }) {
  const loop = `i=0; while [ $i -lt ${runs} ]; do "$@" >/dev/null; i=$((i+1)); done`;
  const began = process.hrtime.bigint();
  execFileSync('/bin/sh', ['-c', loop, 'sh', ...words], { env, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - began) / 1e6 / runs;
}

/**
 * Median milliseconds of each command, for processes of ten milliseconds and more. `before` is called before each run.
 */
export function longProcesses(commands, { env, runs = 15, before = () => undefined }) {
  const times = commands.map(() => []);
  for (let run = 0; run <= runs; run += 1) {
    commands.forEach(([command, ...args], index) => {
      before();
      const began = process.hrtime.bigint();
      const { status } = spawnSync(command, args, { env, stdio: 'ignore' });
      if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
      // The first run warms the caches of the file system.
      if (run > 0) times[index].push(Number(process.hrtime.bigint() - began) / 1e6);
    });
  }
  return times.map(median);
}
