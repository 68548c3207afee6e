import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../support/pages.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, unknown>;
}
interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        'runs-on': string;
        'timeout-minutes': number;
        steps: Step[];
        permissions?: Record<string, string>;
        strategy?: { matrix: Record<string, unknown> };
      }
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

  it('may only read, except to prove where a release comes from', () => {
    for (const { file, permissions, jobs } of workflows) {
      expect(permissions, file).toEqual({ contents: 'read' });
      const more = Object.values(jobs).flatMap((job) =>
        Object.entries(job.permissions ?? {}).filter(([, right]) => right === 'write'),
      );
      expect(more, file).toEqual(file === 'release.yml' ? [['id-token', 'write']] : []);
    }
    expect(steps.some(({ run }) => /^npm publish .* --provenance /.test(run ?? ''))).toBe(true);
  });

  it('test on three systems, three versions of Node and both majors of client-node', () => {
    const { jobs } = workflows.find(({ file }) => file === 'ci.yml') as Workflow;
    expect(jobs.tests?.strategy?.matrix).toEqual({ os: ['ubuntu-latest', 'macos-latest'], node: [20, 22, 24] });
    expect(jobs.windows?.strategy?.matrix).toEqual({ node: [20, 22, 24] });
    const compat = JSON.parse(readFileSync(join(root, 'test', 'compat', 'package.json'), 'utf8')).dependencies;
    expect(jobs['client-node-2']?.strategy?.matrix).toEqual({
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
      node: [22, 24],
      'client-node': [compat['@kubernetes/client-node']],
    });
  });

  it.each(workflows.flatMap(({ file, jobs }) => Object.entries(jobs).map(([name, job]) => ({ file, name, job }))))(
    '$file: $name is a job that can run',
    ({ job }) => {
      expect(job).toMatchObject({ 'runs-on': expect.any(String), 'timeout-minutes': expect.any(Number) });
      expect(job.steps.filter(({ uses, run }) => (uses === undefined) === (run === undefined))).toEqual([]);
      const used = [...JSON.stringify(job).matchAll(/\$\{\{ matrix\.([\w-]+) \}\}/g)].map(([, name]) => name);
      expect(Object.keys(job.strategy?.matrix ?? {})).toEqual(expect.arrayContaining(used));
      // Installing builds dist.
      const runs = job.steps.flatMap(({ run }) => run ?? []);
      const needsDist = runs.findIndex((run) => /\bdist\/|on-local-eks/.test(run));
      if (needsDist >= 0) expect(runs.slice(0, needsDist)).toContain('npm ci --no-audit --no-fund');
      for (const run of runs) {
        for (const [path] of run.matchAll(/\btest\/[\w/-]+/g)) expect(existsSync(join(root, path)), path).toBe(true);
      }
    },
  );

  it('publish the very file that was packed before the checks, and run none of its scripts', () => {
    const { jobs } = workflows.find(({ file }) => file === 'release.yml') as Workflow;
    const runs = jobs.publish?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(runs).toEqual([
      'npm ci --no-audit --no-fund',
      'npm run check:release',
      'mkdir packed && npm pack --pack-destination packed',
      'npm run check',
      'npm test',
      'npm run check:package -- packed/*.tgz',
      'EKSPRESS_TARBALL=$(ls packed/*.tgz) npm run test:package',
      'npm publish ./packed/*.tgz --ignore-scripts --provenance --access public',
    ]);
    expect(Object.keys(scripts)).not.toContain('prepack');
  });
});
