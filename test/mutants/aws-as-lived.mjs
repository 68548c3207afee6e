// What happens around an identity: remembered failures, retries at a terminal, attempts, wrappers, the authenticator, remedies.

import { unit } from './vitest-words.mjs';

const remembered = ['--project', 'integration', 'test/integration/aws/token/remembered-failures.test.ts'];
const terminal = ['--project', 'faults', 'test/integration/exec/retry-at-terminal.test.ts'];
const retries = ['--project', 'integration', 'test/integration/aws/credentials/retries.test.ts'];
const stanza = unit('test/unit/aws/stanza/parse-exec-config.test.ts');
const words = unit('test/unit/text/shell-word.test.ts');

const TEMPLATE = 'src/exec/ekspress-exec.template.sh';

/** @type {import('./mutants.mjs').mutants} */
export const awsAsLived = [
  {
    name: 'lived: what another program says of its session is remembered',
    file: 'src/aws/token/shared-or-made.ts',
    find: "return !ranCommand && code !== 'EXEC_FAILED';",
    replace: "return ranCommand || code !== 'EXEC_DENIED';",
    tests: remembered,
  },
  {
    name: 'lived: a remembered failure has no cause',
    file: 'src/cache/entry/failure.ts',
    find: 'return `${code}: ${cause}${NEXT}${remedy}`;',
    replace: 'return `${code}: ${cause.slice(0, 0)}${remedy}`;',
    tests: remembered,
  },
  {
    name: 'lived: the script answers a retry at a terminal from memory',
    file: TEMPLATE,
    find: '  [ -t 0 ] || [ -t 2 ] || return 0\n',
    replace: '  return 0\n',
    tests: terminal,
  },
  {
    name: 'lived: the script makes an attempt for each question of kubectl',
    file: TEMPLATE,
    find: 'case "|$ek_askers|" in *"|$ek_parent|"*) return 0 ;; esac',
    replace: 'case "|$ek_askers|" in *"|never|"*) return 0 ;; esac',
    tests: terminal,
  },
  {
    name: 'lived: Node answers a retry at a terminal from memory',
    file: 'src/aws/token/failure-memory.ts',
    find: 'if (!atTerminal || ',
    replace: 'if (askers.length >= 0 || !atTerminal || ',
    tests: terminal,
  },
  {
    name: 'lived: Node makes an attempt for each question of kubectl',
    file: 'src/aws/token/failure-memory.ts',
    find: 'askers.includes(name)',
    replace: 'askers.includes(`not ${name}`)',
    tests: terminal,
  },
  {
    name: 'lived: the script that has waited takes what was made meanwhile for something of the future',
    file: TEMPLATE,
    find: '    ek_late=1\n',
    replace: '',
    tests: ['--project', 'faults', 'test/integration/exec/again.test.ts', '-t', "'dash'.*made while it waits"],
  },
  {
    name: 'lived: AWS_MAX_ATTEMPTS counts for nothing',
    file: 'src/aws/plan/retry-settings.ts',
    find: "settings.variable(['AWS_MAX_ATTEMPTS'], 'max_attempts')",
    replace: 'undefined',
    tests: retries,
  },
  {
    name: 'lived: the keys of an identity provider that were not retrieved are not asked for again',
    file: 'src/aws/http/retry-rules.ts',
    find: "return NO_VERIFICATION_KEY.test(response.body) ? 'transient' : undefined;",
    replace: 'return NO_VERIFICATION_KEY.test("") ? "transient" : undefined;',
    tests: retries,
  },
  {
    name: 'lived: each process renews a login',
    file: 'src/aws/credentials/session-lock.ts',
    find: "if ('found' in outcome) return { session: outcome.found };",
    replace: "if ('found' in outcome) return { session: await renew() };",
    tests: ['--project', 'faults', 'test/faults/login-fleet.test.ts'],
  },
  {
    name: 'lived: saml2aws exec is any program',
    file: 'src/aws/stanza/runners.ts',
    find: "  ['saml2aws', ['exec']],\n",
    replace: '',
    tests: stanza,
  },
  {
    name: 'lived: sh -c is not seen through',
    file: 'src/aws/stanza/runners.ts',
    find: "flag !== '-c' || more.length > 0",
    replace: "flag !== '-c' || more.length >= 0",
    tests: stanza,
  },
  {
    name: 'lived: the authenticator takes another session for its role',
    file: 'src/aws/credentials/authenticator-role.ts',
    find: 'const DURATION_SECONDS = 900;',
    replace: 'const DURATION_SECONDS = 3600;',
    tests: ['--project', 'unit', 'test/unit/aws/mint/authenticator-vectors.test.ts'],
  },
  {
    name: 'lived: a name with a tilde is expanded by the shell',
    file: 'src/text/shell-word.ts',
    find: '/^[A-Za-z0-9_./@:+-][A-Za-z0-9_./@:+,=-]*$/',
    replace: '/^[A-Za-z0-9_./@:+~-][A-Za-z0-9_./@:+,=-]*$/',
    tests: words,
  },
  {
    name: 'lived: a name with a hyphen is another option',
    file: 'src/text/shell-word.ts',
    find: "value.startsWith('-') ? '=' : ' '",
    replace: "value.startsWith('---') ? '=' : ' '",
    tests: words,
  },
  {
    name: 'lived: every partition has the FIPS names of aws',
    file: 'src/aws/endpoint/eks-endpoint.ts',
    find: "id === 'aws' ? 'fips.eks' : 'eks-fips'",
    replace: "id !== '' ? 'fips.eks' : 'eks-fips'",
    tests: unit('test/unit/aws/endpoint/eks-endpoint.test.ts'),
  },
  {
    name: 'lived: keys in the environment take precedence without a word',
    file: 'src/aws/mint/sign-in.ts',
    find: "source.kind === 'environment' && profile !== undefined",
    replace: "source.kind === 'process' && profile !== undefined",
    tests: ['--project', 'faults', 'test/integration/cli/commands.test.ts', '-t', 'take precedence'],
  },
];
