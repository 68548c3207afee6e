import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './pages.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { steps: Step[]; permissions?: Record<string, string>; strategy?: { matrix: Record<string, unknown> } }
    >
  >;
}

const folder = join(root, '.github', 'workflows');
const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const workflows = texts.map(({ name, text }) => ({ file: name, ...(parse(text) as Workflow) }));
const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('the workflows', () => {
  it('pin every action to a commit, with its version beside it', () => {
    const uses = texts.flatMap(({ text }) => text.match(/uses: .*/g) ?? []);
    expect(uses.length).toBeGreaterThan(5);
    expect(uses.filter((line) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it('run scripts that exist', () => {
    const commands = steps.flatMap(({ run = '' }) => run.split('\n'));
    const named = commands.flatMap((line) => [...line.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(commands).toContain('.ci/run');
    expect(existsSync(join(root, '.ci', 'run'))).toBe(true);
  });

  it('may do nothing but read, except to prove where a release comes from', () => {
    for (const { file, permissions, jobs } of workflows) {
      expect(permissions, file).toEqual({ contents: 'read' });
      const more = Object.values(jobs).flatMap((job) =>
        Object.entries(job.permissions ?? {}).filter(([, right]) => right === 'write'),
      );
      expect(more, file).toEqual(file === 'release.yml' ? [['id-token', 'write']] : []);
    }
    expect(steps.some(({ run }) => run === 'npm publish --provenance --access public')).toBe(true);
  });

  it('test on three systems, three versions of Node and both majors of client-node', () => {
    const { jobs } = workflows.find(({ file }) => file === 'ci.yml') as Workflow;
    const matrix = jobs.tests?.strategy?.matrix;
    expect(matrix).toMatchObject({
      os: ['ubuntu-latest', 'macos-latest'],
      node: [20, 22, 24],
      'client-node': ['1.4.0'],
    });
    expect(JSON.stringify(matrix?.include)).toContain('"client-node":"2.');
    expect(jobs.windows?.strategy?.matrix).toEqual({ node: [20, 22, 24] });
  });
});
