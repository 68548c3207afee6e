import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openSandbox } from '../support/example-sandbox.ts';
import { blocksIn } from '../support/pages.ts';

/** The commands of a workflow, in their order. */
function stepsOfWorkflow(): string[] {
  const [block] = blocksIn('yaml').filter(({ page }) => page === 'docs/guides/github-actions.md');
  const { jobs } = parse(block?.text ?? '') as { jobs: { deploy: { steps: { run?: string }[] } } };
  return jobs.deploy.steps.flatMap(({ run }) => run ?? []);
}

/** The commands of the image with kubectl, without those that remove what was copied. */
function stepsOfImage(): string[] {
  const [block] = blocksIn('dockerfile').filter(({ note }) => note === 'runs in a home');
  return [...(block?.text ?? '').matchAll(/^RUN (.*)$/gm)].map(([, run = '']) => run.replace(/ && rm \S+$/, ''));
}

describe.concurrent('the steps in the documentation', () => {
  it.each([
    ['the GitHub Actions page', stepsOfWorkflow],
    ['the Docker page', stepsOfImage],
  ])('work one after another: those of %s', async (_page, steps) => {
    await using sandbox = await openSandbox();
    expect(steps().length).toBeGreaterThan(1);
    for (const step of steps()) {
      const { status, output } = await sandbox.type(step);
      expect({ step, status, output }).toMatchObject({ status: 0 });
      expect(output).not.toMatch(/k8s-aws-v1\.\w/);
    }
  });
});
