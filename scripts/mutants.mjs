// npm run test:mutants [-- WORD...]: takes one mechanism after the other out of a scratch clone of HEAD, and runs the tests
// that should notice. A mutant is killed if they fail. WORDs choose the mutants whose names contain one of them.
// Exits with 1 if a mutant survives, or no longer fits the code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from '../test/mutants/mutants.mjs';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const clone = mkdtempSync(join(tmpdir(), 'ekspress-mutants-'));
const survivors = [];

try {
  run('git', ['clone', '--quiet', '--local', project, clone], project);
  symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'));
  for (const mutant of chosen) {
    const verdict = judge(mutant);
    if (verdict !== 'killed') survivors.push(mutant.name);
    process.stdout.write(`${verdict.padEnd(9)} ${mutant.name}\n`);
  }
} finally {
  rmSync(clone, { recursive: true, force: true });
}
process.stdout.write(`${chosen.length - survivors.length} killed, ${survivors.length} survived\n`);
process.exitCode = survivors.length > 0 || chosen.length === 0 ? 1 : 0;

/** @returns {'killed' | 'survived' | 'stale'} `stale`: the text to replace does not stand in the file exactly once */
function judge({ file, find, replace, tests }) {
  const path = join(clone, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) return 'stale';
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    if (file.endsWith('.template.sh')) run(process.execPath, ['scripts/render-exec.mjs'], clone);
    const { status } = spawnSync('npx', ['vitest', 'run', '--bail=1', '--reporter=dot', ...tests], {
      cwd: clone,
      stdio: 'ignore',
    });
    return status === 0 ? 'survived' : 'killed';
  } finally {
    writeFileSync(path, text);
    run('git', ['checkout', '--quiet', '--', 'bin'], clone);
  }
}

function run(program, args, cwd) {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
