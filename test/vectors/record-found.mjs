// node test/vectors/record-found.mjs: asks the AWS CLIs of this machine (v1 and v2, clock frozen) what they do in the
// situations below, each of which once told us apart from them, and writes found-differences.json. No network.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const TIME = '2024-06-15T12:34:56Z';
const ROLE = 'arn:aws:iam::123456789012:role/r';
const PROCESS = '[default]\ncredential_process = /bin/sh ${HOME}/p\n';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'env/EXAMPLEKEY', AWS_SESSION_TOKEN: 'env+token' };
const CACHED_ROLE = `.aws/cli/cache/${createHash('sha1').update(`{"RoleArn": "${ROLE}"}`).digest('hex')}.json`;

/** A credential_process that prints this text, whatever it is. */
const prints = (text) => ({ files: { '.aws/config': PROCESS, p: 'cat "$HOME/answer"\n', answer: text } });
const answer = (more, keys = {}) =>
  prints(JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROC', SecretAccessKey: 'proc/EXAMPLEKEY', ...keys, ...more }));
const raw = (end) => prints(`{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"proc/EXAMPLEKEY"${end}}`);
/** The first run hands out AK1, the next AK2. */
const counts = (expiration) => ({
  files: {
    '.aws/config': PROCESS,
    p: `echo >> "$HOME/runs"; n=$(wc -l < "$HOME/runs")\nprintf '{"Version":1,"AccessKeyId":"AK%d","SecretAccessKey":"s","Expiration":"${expiration}"}' $n\n`,
  },
});
const cachedRole = (credentials) => ({
  files: {
    '.aws/config': `[default]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n`,
    [CACHED_ROLE]: JSON.stringify({
      Credentials: {
        AccessKeyId: 'ASIACACHED',
        SecretAccessKey: 'cache/EXAMPLEKEY',
        SessionToken: 'cached+token',
        Expiration: '2024-06-15T14:00:00Z',
        ...credentials,
      },
      AssumedRoleUser: { AssumedRoleId: 'AROA:s', Arn: 'arn:aws:sts::123456789012:assumed-role/r/s' },
    }),
  },
});
const ends = (at) => ({ env: { ...KEYS, AWS_CREDENTIAL_EXPIRATION: at } });

const CASES = {
  'process/session-token-empty': answer({ SessionToken: '' }),
  'process/session-token-null': answer({ SessionToken: null }),
  'process/session-token-number': answer({ SessionToken: 5 }),
  'process/session-token-true': answer({ SessionToken: true }),
  'process/session-token-list': answer({ SessionToken: ['a'] }),
  'process/version-true': answer({ Version: true }),
  'process/version-1.0': prints('{"Version":1.0,"AccessKeyId":"AKIDPROC","SecretAccessKey":"s"}'),
  'process/version-text': answer({ Version: '1' }),
  'process/nan': raw(',"Other":NaN'),
  'process/infinity': raw(',"Other":-Infinity'),
  'process/nan-and-nonsense': raw(',"Other":NaN,'),
  'process/byte-order-mark': prints('\ufeff{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"s"}'),
  'process/not-utf8': { files: { '.aws/config': PROCESS, p: 'printf \'{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"s","SessionToken":"\\377"}\'\n' } },
  'process/half-a-character': raw(',"SessionToken":"\\ud83d"'),
  'process/both-halves': raw(',"SessionToken":"\\ud83d\\ude00"'),
  'process/list': prints('[]'),
  'process/key-id-number': answer({}, { AccessKeyId: 5 }),
  'process/key-id-empty': answer({}, { AccessKeyId: '' }),
  'process/key-twice': prints('{"Version":1,"AccessKeyId":"AKIDONE","AccessKeyId":"AKIDTWO","SecretAccessKey":"s"}'),
  'process/ends-now': answer({ Expiration: TIME }),
  'process/ended': answer({ Expiration: '2024-06-15T12:34:55Z' }),
  'process/ends-soon-asked-twice': counts('2024-06-15T12:49:55Z'),
  'process/ends-in-15-minutes-asked-once': counts('2024-06-15T12:49:56Z'),
  'process/impossible-day': answer({ Expiration: '2027-02-30T00:00:00Z' }),
  'process/24-o-clock': answer({ Expiration: '2027-02-20T24:00:00Z' }),
  'process/no-zone': answer({ Expiration: '2027-02-20T00:00:00' }),
  'process/end-empty': answer({ Expiration: '' }),
  'process/end-null': answer({ Expiration: null }),
  'process/end-number': answer({ Expiration: 1900000000 }),
  'process/offset': answer({ Expiration: '2024-06-15T20:34:56+05:30' }),
  'environment/ends-now': ends(TIME),
  'environment/ended': ends('2024-06-15T12:34:55Z'),
  'environment/impossible-day': ends('2027-02-30T00:00:00Z'),
  'environment/31st-of-june': ends('2027-06-31T00:00:00Z'),
  'environment/24-o-clock': ends('2027-02-20T24:00:00Z'),
  'environment/60-seconds': ends('2027-02-20T23:59:60Z'),
  'environment/29th-of-february': ends('2028-02-29T00:00:00Z'),
  'cli-cache/session-token-empty': cachedRole({ SessionToken: '' }),
  'cli-cache/session-token-null': cachedRole({ SessionToken: null }),
  'cli-cache/session-token-number': cachedRole({ SessionToken: 5 }),
  'cli-cache/15-minutes-left': cachedRole({ Expiration: '2024-06-15T12:49:56UTC' }),
  'cli-cache/impossible-day': cachedRole({ Expiration: '2027-02-30T00:00:00Z' }),
  'cli-cache/24-o-clock': cachedRole({ Expiration: '2027-02-20T24:00:00Z' }),
};

/** One `aws` on PATH for each generation. */
function findCLIs() {
  const found = {};
  for (const folder of process.env.PATH.split(delimiter)) {
    const { stdout } = spawnSync(join(folder, 'aws'), ['--version'], { encoding: 'utf8' });
    const [release, major] = /aws-cli\/(\d+)\.\S+/.exec(stdout ?? '') ?? [];
    if (release) found[`v${major}`] ??= { path: join(folder, 'aws'), release };
  }
  return found;
}

function run({ path }, { env = {}, files = {} }) {
  const home = mkdtempSync(join(tmpdir(), 'ekspress-record-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text.replaceAll('${HOME}', home));
    }
    const { PATH, PYENV_ROOT, PYENV_VERSION } = process.env;
    const own = { PATH, HOME: home, TZ: 'UTC', LANG: 'C.UTF-8', AWS_EC2_METADATA_DISABLED: 'true', ...env };
    if (PYENV_ROOT) Object.assign(own, { PYENV_ROOT, ...(PYENV_VERSION && { PYENV_VERSION }) });
    const frozen = ['-f', TIME.replace('T', ' ').replace('Z', ''), path, 'eks', 'get-token', '--cluster-name', 'c'];
    const ran = spawnSync('faketime', [...frozen, '--region', 'us-west-2'], { env: own, encoding: 'utf8', input: '' });
    const execCredential = ran.status === 0 ? JSON.parse(ran.stdout) : null;
    const stderr = ran.stderr.replaceAll(home, '${HOME}').trim();
    const accessKeyId = execCredential && keyIdIn(execCredential.status.token);
    return { exitCode: ran.status, stderr: ran.status === 0 ? '' : stderr, execCredential, accessKeyId, requests: [] };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function keyIdIn(token) {
  const url = Buffer.from(token.split('.')[1], 'base64url').toString();
  return /X-Amz-Credential=([^%]*)%2F/.exec(url)?.[1];
}

const clis = findCLIs();
const cases = Object.entries(CASES).map(([id, { env = {}, files = {} }]) => ({
  id,
  argv: ['eks', 'get-token', '--cluster-name', 'c', '--region', 'us-west-2'],
  env: { AWS_EC2_METADATA_DISABLED: 'true', ...env },
  files,
  time: TIME,
  stub: {},
  v1: run(clis.v1, { env, files }),
  v2: run(clis.v2, { env, files }),
}));
const meta = { recordedWith: { v1: clis.v1.release, v2: clis.v2.release }, count: cases.length };
const text = `${JSON.stringify({ meta, cases }, null, 1)}\n`;
writeFileSync(new URL('found-differences.json', import.meta.url), text);
