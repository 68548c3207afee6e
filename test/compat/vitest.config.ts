import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../../', import.meta.url));
const clientNode = 'node_modules/.cache/compat/node_modules/@kubernetes/client-node';

// The suites that stand on client-node, with another client-node: in the tests as in what src imports lazily.
const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^@kubernetes\/client-node$/, replacement: `${root}${clientNode}/dist/index.js` },
      { find: /^ekspress$/, replacement: `${root}src/index.ts` },
      { find: /^ekspress\/(mcp|metrics|testing)$/, replacement: `${root}src/$1/index.ts` },
    ],
  },
  test: {
    pool: 'forks',
    setupFiles: ['test/setup/guard.ts'],
    globalSetup: ['test/setup/run.ts', 'test/setup/build.ts', 'test/setup/api-server.ts'],
    include: [
      'test/compat/**/*.test.ts',
      'test/unit/{cluster,kubeconfig/read,metrics}/**/*.test.ts',
      'test/integration/cluster/**/*.test.ts',
      'test/e2e/heal.test.ts',
      'test/e2e/troubled-relay.test.ts',
      'test/package/typescript-examples.test.ts',
      'test/faults/troubled-relay.test.ts',
      'test/faults/api-proxies.test.ts',
      'test/faults/evil-server.test.ts',
      'test/integration/testing/client-node.test.ts',
      'test/integration/aws/token/token-manager.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

// biome-ignore lint/style/noDefaultExport: vitest reads it
export default config;
