import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';
import { removeTemporaryFolders } from '../support/temporary.ts';

// Tests speak of environments that they set themselves. The person who runs them may have a profile, a session, a proxy,
// a kubeconfig or a umask; none of it decides a test. Each file of tests has its own home and temporary folder, and
// leaves the latter empty.
const decides =
  /^(AWS_|EKS_TOKEN_|K8S_TOKEN_|KUBE|BOTO_CONFIG$|NODE_EXTRA_CA_CERTS$|NODE_OPTIONS$|XDG_|(all|https?|no)_proxy$|BASH_ENV$|ENV$|CDPATH$)/i;

// A worker that keeps its modules for the next file keeps its variables too: each file begins with those of the first.
const shared = globalThis as { environmentOfTheRun?: NodeJS.ProcessEnv };
shared.environmentOfTheRun ??= { ...process.env };
for (const name of Object.keys(process.env)) if (!(name in shared.environmentOfTheRun)) delete process.env[name];
Object.assign(process.env, shared.environmentOfTheRun);

for (const name of Object.keys(process.env)) {
  if (decides.test(name)) delete process.env[name];
}
process.umask(0o022);
// The TypeScript compiler would keep one in the temporary folder.
process.env.NODE_DISABLE_COMPILE_CACHE = '1';

const { EKSPRESS_TEST_FOLDER = '', EKSPRESS_TEST_PATH = '' } = process.env;
const folder = mkdtempSync(join(EKSPRESS_TEST_FOLDER, 'f'));
const temporary = join(folder, 't');
process.env.HOME = join(folder, 'home');
process.env.TMPDIR = temporary;
// The suites of faults and of real parts are for machines that have those parts: the small PATH, then the person's.
const { EKSPRESS_TEST_OUTER_PATH = '', EKSPRESS_TEST_PARTS } = process.env;
process.env.PATH = EKSPRESS_TEST_PARTS
  ? [EKSPRESS_TEST_PATH, EKSPRESS_TEST_OUTER_PATH].join(delimiter)
  : EKSPRESS_TEST_PATH;
mkdirSync(process.env.HOME);
mkdirSync(temporary);

afterAll(() => {
  removeTemporaryFolders();
  const left = readdirSync(temporary);
  rmSync(folder, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`Left behind in the temporary folder: ${left.sort().join(', ')}`);
});
