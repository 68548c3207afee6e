// One entry for each mechanism that the product rests on: the code without it, and the tests that have to notice.
// `find` stands in the file exactly once. `tests` are arguments of vitest.

const integration = (...files) => ['--project', 'integration', ...files];

/** @type {readonly { name: string, file: string, find: string, replace: string, tests: readonly string[] }[]} */
export const mutants = [
  {
    name: 'identity: a copy of a config counts as a config',
    file: 'src/aws/stanza/eks-auth-config.ts',
    find: 'if (isMade(config)) return config;',
    replace: 'return config as EKSAuthConfig;',
    tests: integration('test/integration/aws/token/one-identity.test.ts'),
  },
  {
    name: 'identity: cliVersion is not part of the cache key',
    file: 'src/aws/token/shared-entry.ts',
    find: '...(cliVersion !== undefined && { cliVersion }),',
    replace: '',
    tests: integration('test/integration/aws/token/one-identity.test.ts'),
  },
];
