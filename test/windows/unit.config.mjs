import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** On Windows the home of an environment is USERPROFILE. Where a test writes HOME, that is meant. */
const home = {
  name: 'home-of-windows',
  enforce: 'pre',
  transform: (code, id) =>
    /[/\\]test[/\\](?:unit|support|setup)[/\\]/.test(id) && !code.includes('const HOME')
      ? code.replace(/(?<!\$\{)\bHOME(?=[\s?]*[:,}])|(?<=\.)HOME\b/g, 'USERPROFILE')
      : null,
};

export default defineConfig({
  plugins: [home],
  resolve: {
    alias: [
      { find: /^ekspress$/, replacement: source('src/index.ts') },
      { find: /^ekspress\/(mcp|metrics|testing|valkey)$/, replacement: `${source('src')}/$1/index.ts` },
    ],
  },
  test: {
    root: source('.'),
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    globalSetup: ['test/setup/run.ts'],
    setupFiles: ['test/windows/setup.ts', 'test/setup/guard.ts', 'test/setup/no-warnings.ts'],
    include: ['test/unit/**/*.test.ts'],
    // Rules for the sources are the same on every system.
    exclude: ['test/unit/architecture/**'],
    // Wine is slower, and sometimes does not start a program.
    testTimeout: 60_000,
    retry: 1,
  },
});
