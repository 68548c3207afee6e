// How requests to AWS are made: retries, proxies, certificates, session tags, and the arguments of aws-iam-authenticator.

import { unit } from './vitest-words.mjs';

const retries = ['--project', 'integration', 'test/integration/aws/credentials/retries.test.ts'];
const tags = ['--project', 'integration', 'test/integration/aws/token/assumed-role.test.ts'];
const network = ['--project', 'faults', 'test/faults/aws-network.test.ts'];
const stanza = unit('test/unit/aws/stanza/parse-exec-config.test.ts');
const authenticator = unit('test/unit/aws/mint/authenticator-vectors.test.ts');

/** @type {import('./mutants.mjs').mutants} */
export const awsSettings = [
  {
    name: 'retries: v1 has the attempts of v2',
    file: 'src/aws/plan/retry-settings.ts',
    find: "settings.version === 'v1' ? 'legacy' : 'standard'",
    replace: "settings.version === 'v1' ? 'standard' : 'standard'",
    tests: retries,
  },
  {
    name: 'retries: the legacy mode takes the codes of the standard mode for throttling',
    file: 'src/aws/http/retry-rules.ts',
    find: 'legacy: { codes: new Set(THROTTLING_LEGACY), statuses: new Set([429]) },',
    replace: 'legacy: { codes: new Set(THROTTLING_STANDARD), statuses: new Set([429]) },',
    tests: retries,
  },
  {
    name: 'retries: a status of 500 is final',
    file: 'src/aws/http/retry-rules.ts',
    find: "if (TRANSIENT[mode].statuses.has(status) || counts(TRANSIENT[mode].codes)) return 'transient';",
    replace: "if (counts(TRANSIENT[mode].codes)) return 'transient';",
    tests: retries,
  },
  {
    name: 'tags: they are not sent',
    file: 'src/aws/credentials/assume-role.ts',
    find: '...(tags === undefined ? {} : { Tags:',
    replace: '...(tags !== undefined ? {} : { Tags:',
    tests: tags,
  },
  {
    name: 'tags: transitive keys are not sent',
    file: 'src/aws/credentials/assume-role.ts',
    find: '...(transitiveTagKeys === undefined ? {} :',
    replace: '...(transitiveTagKeys !== undefined ? {} :',
    tests: tags,
  },
  {
    name: 'tags: they are not part of the key of an entry',
    file: 'src/aws/token/shared-entry.ts',
    find: '...(tags === undefined ? [] : [`tags=${JSON.stringify(Object.entries(tags))}`]),',
    replace: '',
    tests: tags,
  },
  {
    name: 'tags: another order is another identity',
    file: 'src/aws/stanza/session-tags.ts',
    find: 'Object.fromEntries(entries.sort(byKey))',
    replace: 'Object.fromEntries(entries)',
    tests: tags,
  },
  {
    name: 'proxies: NO_PROXY names the ends of words',
    file: 'src/aws/http/proxy.ts',
    find: 'own === name || own.endsWith(`.${name}`)',
    replace: 'own.endsWith(name)',
    tests: unit('test/unit/aws/http/http.test.ts'),
  },
  {
    name: 'proxies: what cannot be read is gone around',
    file: 'src/aws/http/proxy.ts',
    find: "if (proxy === undefined) throw new TransportError('proxy', 'the address of the proxy is not a plain URL');",
    replace: 'if (proxy === undefined) return undefined;',
    tests: network,
  },
  {
    name: 'proxies: a password ends at the first @',
    file: 'src/aws/http/proxy.ts',
    find: '(?:([^/?#]*)@)?(.*)$',
    replace: '(?:([^/?#@]*)@)?(.*)$',
    tests: network,
  },
  {
    name: 'certificates: a tilde is a folder of that name',
    file: 'src/aws/plan/http-settings.ts',
    find: 'expandUser(caBundle, settings.recorder.home())',
    replace: 'caBundle',
    tests: network,
  },
  {
    name: 'certificates: REQUESTS_CA_BUNDLE counts for nothing',
    file: 'src/aws/plan/http-settings.ts',
    find: " ?? settings.env('REQUESTS_CA_BUNDLE')",
    replace: '',
    tests: network,
  },
  {
    name: 'authenticator: -i= is an empty cluster',
    file: 'src/aws/stanza/authenticator-arguments.ts',
    find: "written.replace(/^=(?=.)/s, '')",
    replace: "written.replace(/^=/, '')",
    tests: stanza,
  },
  {
    name: 'authenticator: options in front of the command have no value',
    file: 'src/aws/stanza/authenticator-arguments.ts',
    find: "(argument.startsWith('--') || argument.length === 2)",
    replace: "argument === ''",
    tests: stanza,
  },
  {
    name: 'authenticator: words behind -- are options',
    file: 'src/aws/stanza/authenticator-arguments.ts',
    find: "    if (argument === '--') break;\n",
    replace: '',
    tests: stanza,
  },
  {
    name: 'authenticator: the cache is a matter of its own',
    file: 'src/aws/stanza/authenticator-arguments.ts',
    find: 'if (on) others.add(name);',
    replace: "if (on && name !== 'forward-session-name') others.add(name);",
    tests: authenticator,
  },
  {
    name: 'authenticator: AWS_REGION alone is a regional endpoint for every release',
    file: 'src/aws/mint/plan-authenticator.ts',
    find: 'return (await sdkOf(mint)) === 1 ? legacy : regional;',
    replace: 'return (await sdkOf(mint)) === 3 as number ? legacy : regional;',
    tests: authenticator,
  },
  {
    name: 'authenticator: a short name is asked for',
    file: 'src/aws/credentials/authenticator-role.ts',
    find: 'if (name.length < 2)',
    replace: 'if (name.length < 0)',
    tests: authenticator,
  },
];
