import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// The package's own doors lead to the sources here, not to what was built last.
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const resolve = {
  alias: [
    { find: /^ekspress$/, replacement: source('src/index.ts') },
    { find: /^ekspress\/(mcp|metrics|testing|valkey)$/, replacement: `${source('src')}/$1/index.ts` },
  ],
};

// A process for each file (they start programs and change process.env), with an empty HOME, a small PATH and without the
// AWS, Kubernetes and proxy variables of the person who runs the tests.
const isolated = { pool: 'forks' as const, setupFiles: ['test/setup/guard.ts', 'test/setup/no-warnings.ts'] };

// A worker keeps its modules for the next file, which is half of the time of a run; each file begins with the same variables.
const kept = { ...isolated, isolate: false };

// Journeys through many processes: each is long for what it adds to a quick run, so `npm run test:faults` has them.
const journeys = [
  'test/examples/**/*.test.ts',
  'test/integration/aws/{credentials/login-renewal,token/{fleet,fleet-affinity}}.test.ts',
  'test/integration/cli/{apply-revert,bad-input,commands,compare,declared,demo,drift,identity,kubeconfig-from-pipe}.test.ts',
  'test/integration/cli/{man-page,names,old-hint,picker,places,relative-command}.test.ts',
  'test/integration/cluster/{clients/informers,clients/pauses,follow/changed-kubeconfig,follow/changed-meanwhile}.test.ts',
  'test/integration/mcp/{hostile,stdio}.test.ts',
];

// Many cases of one rule, drawn or listed: a quick run has the rule's own tests.
const manyCases = [
  'test/unit/aws/{credentials/strange-answers,mint/secrecy}.test.ts',
  'test/unit/kubeconfig/edit/edit-random.test.ts',
  'test/unit/system/link-signals.test.ts',
  'test/integration/cluster/registry/two-accounts.test.ts',
];

const config: ViteUserConfig = defineConfig({
  test: {
    // Files wait for the programs that they start, so one more than there are cores keeps all of them busy.
    maxWorkers: '150%',
    globalSetup: ['test/setup/run.ts'],
    coverage: { include: ['src/**/*.ts'], exclude: ['src/cli/main.ts', 'src/exec/main.ts'] },
    projects: [
      {
        resolve,
        test: {
          ...kept,
          name: 'unit',
          include: ['test/{unit,docs}/**/*.test.ts'],
          exclude: manyCases,
          testTimeout: 20_000,
        },
      },
      {
        resolve,
        test: {
          ...kept,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [
            ...journeys,
            ...manyCases,
            'test/integration/exec/{again,hit-reader,miss,other-plugins,retry-at-terminal}.test.ts',
          ],
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // Kills, damage and full disks, many times over, and the journeys: too long for every `npm test`.
      {
        resolve,
        test: {
          ...isolated,
          name: 'faults',
          // The script under every shell: `npm test` tries this machine's `sh`.
          env: { EKSPRESS_TEST_SHELLS: 'every', EKSPRESS_TEST_PARTS: 'yes' },
          include: ['test/faults/**/*.test.ts', 'test/integration/exec/*.test.ts', ...journeys, ...manyCases],
          exclude: ['test/integration/exec/{lean,render}.test.ts'],
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          ...isolated,
          name: 'e2e',
          env: { EKSPRESS_TEST_PARTS: 'yes' },
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/setup/build.ts', 'test/setup/api-server.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      // The built programs under Node for Windows: `npm run test:windows` finds wine and Node.
      {
        resolve,
        test: {
          ...isolated,
          name: 'windows',
          env: { EKSPRESS_TEST_PARTS: 'yes' },
          include: ['test/windows/**/*.test.ts'],
          globalSetup: ['test/setup/build.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      // The built programs under Node of another machine: `npm run test:arm64` and `test:musl` find it.
      {
        resolve,
        test: {
          ...isolated,
          name: 'machines',
          env: { EKSPRESS_TEST_PARTS: 'yes' },
          include: ['test/machines/**/*.test.ts'],
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 400_000,
        },
      },
      // Not isolated: npm needs its own configuration to install what the tarball depends on.
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});

export default config;
