// Law 1: the cache is invisible. What a mint read is recorded, stored and compared; the newest AWS CLIs are agreed with.

import { unit } from './vitest-words.mjs';

const reader = ['--project', 'faults', 'test/integration/exec/hit-reader.test.ts'];
const newest = unit('test/unit/aws/mint/newest-clis.test.ts');
const decision = unit('test/unit/aws/mint/decision.test.ts');
const script = (titles) => ['--project', 'faults', 'test/integration/exec/hit-cases.test.ts', '-t', titles];
const pairs = (kinds) => ['--project', 'faults', 'test/faults/invisible-cache.test.ts', '-t', kinds];
const reads = ['--project', 'integration', 'test/integration/aws/token/recorded-reads.test.ts'];
const python = ['--project', 'integration', 'test/integration/aws/token/python-code.test.ts'];

const TEMPLATE = 'src/exec/ekspress-exec.template.sh';

/** @type {import('./mutants.mjs').mutants} */
export const invisibleCache = [
  {
    name: 'cache: a file whose date was given counts by its date alone',
    file: 'src/recording/look.ts',
    find: 'return one.ctimeNs === other.ctimeNs && one.size === other.size && one.inode === other.inode;',
    replace: 'return true;',
    tests: reader,
  },
  {
    name: 'cache: where a link leads does not count',
    file: 'src/recording/look.ts',
    find: 'one.target !== other.target || ',
    replace: '',
    tests: reader,
  },
  {
    name: 'cache: Node compares no proxies and bundles of certificates',
    file: 'src/cache/entry/outside.ts',
    find: 'if (network !== undefined && network !== outside.network)',
    replace: 'if (network === "never")',
    tests: reader,
  },
  {
    name: 'cache: Node compares no programs on PATH',
    file: 'src/cache/entry/outside.ts',
    find: 'if (outside.program(name) !== found)',
    replace: 'if (found === "never")',
    tests: reader,
  },
  {
    name: 'cache: Node compares no variables inside of paths',
    file: 'src/cache/entry/outside.ts',
    find: 'if (expandedWord(decoded, outside.variable(decoded)) !== word)',
    replace: 'if (word === "never")',
    tests: reader,
  },
  {
    name: 'cache: Node takes the entry of another host',
    file: 'src/cache/entry/check-entry.ts',
    find: 'if (entry.hostName !== hostName || entry.bootId !== bootId)',
    replace: 'if (hostName === "never" && bootId)',
    tests: reader,
  },
  {
    name: 'cache: Node takes the entry of another command',
    file: 'src/cache/entry/check-entry.ts',
    find: 'if (entry.command !== undefined && entry.command !== query.command)',
    replace: 'if (entry.command === "never")',
    tests: reader,
  },
  {
    name: 'cache: the user of a proxy, and the password, are written down',
    file: 'src/cache/identity/variable-words.ts',
    find: 'plainWord(scheme + rest)',
    replace: 'plainWord(value)',
    tests: reader,
  },
  {
    name: 'cache: a blank bundle of certificates is passed over',
    file: 'src/cache/identity/key.ts',
    find: "env[name]?.trim() === ''",
    replace: "env[name] === 'never'",
    tests: reader,
  },
  {
    name: 'cache: a token is told before KUBERNETES_EXEC_INFO is read',
    file: 'src/aws/token/shared-or-made.ts',
    find: "if (config.command.tool === 'aws') checkExecInfo(env.KUBERNETES_EXEC_INFO);",
    replace: '',
    tests: pairs('KUBERNETES_EXEC_INFO'),
  },
  {
    name: 'cache: the script compares no programs on PATH',
    file: TEMPLATE,
    find: `[ "\${ek_path%%=*}\${ek_found:+=}$ek_found" = "$ek_path" ] ||`,
    replace: 'true ||',
    tests: script('program'),
  },
  {
    name: 'cache: the script compares no proxies and bundles of certificates',
    file: TEMPLATE,
    find: '[ "$ek_network" = "$ek_path" ] ||',
    replace: 'true ||',
    tests: script('network'),
  },
  {
    name: 'cache: the script does not see where a link leads',
    file: TEMPLATE,
    find: '[ "$ek_path" -ef "$ek_target" ] ||',
    replace: 'true ||',
    tests: script('link'),
  },
  {
    name: 'cache: the script takes a link for the file that was there before',
    file: TEMPLATE,
    find: '[ ! -L "$ek_path" ] ||',
    replace: 'true ||',
    tests: script('link'),
  },
  {
    name: 'cache: the script takes a file that is newer than the mint',
    file: TEMPLATE,
    find: ' && [ ! "$ek_path" -nt "$ek_stamp+" ] ||',
    replace: ' ||',
    tests: script('source'),
  },
  {
    name: 'cache: the script bounds no numbers before it calculates',
    file: TEMPLATE,
    find: '10:10:[12345]:[123456789]:[123456789]:[12]*:[12]*)',
    replace: '*)',
    tests: ['--project', 'faults', 'test/faults/damaged-entries.test.ts', '-t', 'script'],
  },
  {
    name: 'recording: a file that was written meanwhile is recorded as it is now',
    file: 'src/recording/recorder.ts',
    find: 'if (!file || !isSameState(before, file)) return `${before.path} has changed meanwhile`;',
    replace: 'if (!file) return `${before.path} has changed meanwhile`;',
    tests: unit('test/unit/cache/sources.test.ts'),
  },
  {
    name: 'recording: a version manager is taken for the release that it started last',
    file: 'src/aws/program/cli-version.ts',
    find: 'if (shim) recorder.keepInMemory(`${path} starts the release that the working directory chooses`);',
    replace: '',
    tests: reads,
  },
  {
    name: 'recording: the release of an installed aws is asked again and again',
    file: 'src/aws/program/told-releases.ts',
    find: 'const asked = TOLD.get(key) ?? fromNotes(question);',
    replace: 'const asked = question.ask();',
    tests: reads,
  },
  {
    name: 'recording: what a variable in a path leads to is not recorded',
    file: 'src/recording/recorder.ts',
    find: 'else if (!COMPARED.has(name)) this.#expanded.set(name, value);',
    replace: '',
    tests: reads,
  },
  {
    name: 'newest: data of AWS in ~/.aws/models is passed over',
    file: 'src/aws/plan/models.ts',
    find: '      throw new Undecidable(`${path} may lead the AWS CLI elsewhere`);\n',
    replace: '',
    tests: newest,
  },
  {
    name: "newest: one web identity gets another one's session",
    file: 'src/aws/program/cli-version.ts',
    find: "cacheByToken: version === 'v1' && (minor > since.minor || (minor === since.minor && patch >= since.patch)),",
    replace: "cacheByToken: false && version === 'v1' && minor > since.minor + patch,",
    tests: newest,
  },
  {
    name: 'newest: the cache of v2 is read beside v1',
    file: 'src/aws/mint/decide-plan.ts',
    find: 'if (sameOutcome(v1, v2, samePlan) && sameOutcome(old, v2, samePlan)) {',
    replace: 'if (sameOutcome(v1, v2, samePrincipal) && sameOutcome(old, v2, samePrincipal)) {',
    tests: newest,
  },
  {
    name: 'newest: a cached role is used though its source is broken',
    file: 'src/aws/credentials/assume-role.ts',
    find: '  await askFirst(leafOf(source.from), keysOf);\n',
    replace: '',
    tests: newest,
  },
  {
    name: 'newest: v1 is taken to know aws login',
    file: 'src/aws/plan/make-plan.ts',
    find: 'const version = usesLogin(plan.source) ? plan.version : undefined;',
    replace: 'const version = undefined;',
    tests: newest,
  },
  {
    name: 'newest: retry_mode = legacy is taken for one of v2',
    file: 'src/aws/plan/unusual-settings.ts',
    find: 'v2: /^(?:standard|adaptive)$/',
    replace: 'v2: /^(?:legacy|standard|adaptive)$/',
    tests: newest,
  },
  {
    name: 'newest: an empty s3 is passed over',
    file: 'src/aws/plan/unusual-settings.ts',
    find: "if (s3 === '')",
    replace: "if (s3 === 'never')",
    tests: newest,
  },
  {
    name: 'newest: old releases are taken to know the Pod Identity agent',
    file: 'src/aws/plan/ambient-source.ts',
    find: 'if (!settings.modern && (file !== undefined || POD_IDENTITY_HOSTS.has(host)))',
    replace: 'if (false)',
    tests: decision,
  },
  {
    name: 'signer: a port in the address of STS is not objected to',
    file: 'src/aws/sign/server-rules.ts',
    find: "const host = /^https:\\/\\/([^/?#]*)/i.exec(url)?.[1] ?? '';",
    replace: 'const host = new URL(url).hostname;',
    tests: unit('test/unit/aws/sign/server-rules.test.ts'),
  },
  {
    name: 'signer: dual stack in an isolated partition is not objected to',
    file: 'src/aws/sign/server-rules.ts',
    find: 'WITHOUT_DUALSTACK.has(partitionOf(region).id)',
    replace: 'WITHOUT_DUALSTACK.has(partitionOf(region).suffix)',
    tests: unit('test/unit/aws/sign/server-rules.test.ts'),
  },
  {
    name: 'signer: a local cluster on an Outpost is called by its name',
    file: 'src/aws/mint/describe-cluster.ts',
    find: 'const named = local &&',
    replace: 'const named = !local &&',
    tests: unit('test/unit/cluster/registry/local-cluster.test.ts'),
  },
  {
    name: 'cache: PYTHONPATH decides nothing in the script',
    file: TEMPLATE,
    find: '    [ -z "@PROGRAM_VARIABLES@" ] ||',
    replace: '    true ||',
    tests: script('Python'),
  },
  {
    name: 'cache: PYTHONPATH decides nothing in Node',
    file: 'src/cache/entry/outside.ts',
    find: "return PROGRAM_VARIABLES.some(isNew) ? 'another variable of the program' : undefined;",
    replace: 'void isNew;\n  return PROGRAM_VARIABLES.length > 9 ? "" : undefined;',
    tests: python,
  },
  {
    name: 'cache: the modules of plugins of the AWS CLI are not recorded',
    file: 'src/aws/plan/plugins.ts',
    find: '      recorder.program(`${path}.py`);\n',
    replace: '',
    tests: python,
  },
];
