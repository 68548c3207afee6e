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
  {
    name: 'other plugins: each request runs the command',
    file: 'src/cluster/requests/plugin-identity.ts',
    find: "this.#flights.do('credential', undefined, () => this.#obtain()),",
    replace: 'this.#obtain(),',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: a refused credential is taken from the cache again',
    file: 'src/cluster/requests/plugin-identity.ts',
    find: 'refused !== undefined &&',
    replace: 'false &&',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: a certificate is kept after its end',
    file: 'src/aws/command/obtain-plugin-credential.ts',
    find: '= endOf(printed);',
    replace: '= printed;',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: credentials go out over plain http',
    file: 'src/cluster/requests/reuse-connections.ts',
    find: 'identity instanceof PluginIdentity && used.route.origin.secure ?',
    replace: 'identity instanceof PluginIdentity ?',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
];
