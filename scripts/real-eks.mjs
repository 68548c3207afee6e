// node scripts/real-eks.mjs [CONTEXT]: the whole journey on your own cluster, with your own kubeconfig and logins. It works on
// a copy of the kubeconfig in a temporary home folder, which it removes, and changes nothing on the cluster. The report has no
// tokens and keys; accounts, names and addresses are replaced, so that it can be pasted into a bug report.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, release, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const [wanted] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'ekspress-real-'));
const kubeconfig = join(home, '.kube', 'config');
const env = { ...process.env, HOME: home, KUBECONFIG: kubeconfig, NO_COLOR: '1' };
/** What is replaced in the report, with what stands there. */
const hidden = new Map();
const steps = [];
let failed = false;

function run(program, args, own = env) {
  const began = performance.now();
  const { status, stdout = '', stderr = '', error } = spawnSync(program, args, { env: own, encoding: 'utf8' });
  return { status: error ? error.code : status, stdout, stderr, ms: Math.round(performance.now() - began) };
}

const ekspress = (...args) => run(process.execPath, [MAIN, ...args]);

function step(title, ok, text) {
  failed ||= !ok;
  steps.push(`## ${ok ? 'ok' : 'FAILED'}: ${title}\n\n${text.trim()}\n`);
}

function hide(text) {
  let shown = text;
  const longestFirst = [...hidden].sort(([a], [b]) => b.length - a.length);
  for (const [name, instead] of longestFirst) shown = shown.replaceAll(name, instead);
  return shown
    .replace(/k8s-aws-v1\.[\w-]+/g, 'TOKEN')
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{8,}/g, 'ACCESS-KEY')
    .replace(/\b\d{12}\b/g, '000000000000')
    .replace(/https:\/\/[\w.:-]+\.eks\.[\w.-]+/g, 'https://CLUSTER.eks')
    .replace(/(assumed-role\/)[^\s"]+/g, '$1ROLE/SESSION')
    .replace(/(:user\/)[^\s"]+/g, '$1USER');
}

try {
  mkdirSync(join(home, '.kube'));
  const own = homedir();
  for (const name of ['.aws', '.saml2aws', '.awsvault']) {
    if (existsSync(join(own, name))) symlinkSync(join(own, name), join(home, name));
  }
  const raw = run(
    'kubectl',
    ['config', 'view', '--raw', '--flatten', '--minify', ...(wanted ? ['--context', wanted] : [])],
    process.env,
  );
  if (raw.status !== 0) throw new Error(`kubectl cannot read the context: ${raw.stderr}`);
  writeFileSync(kubeconfig, raw.stdout, { mode: 0o600 });
  cpSync(kubeconfig, `${kubeconfig}.before`);
  const [context] = JSON.parse(ekspress('status', '-o', 'json').stdout).contexts;
  for (const [name, instead] of [
    [context.name, 'CONTEXT'],
    [context.cluster, 'CLUSTER'],
    [context.user, 'KUBE-USER'],
    [context.profile, 'PROFILE'],
    [home, 'HOME'],
    [own, 'OWN-HOME'],
    [userInfo().username, 'ME'],
  ]) {
    if (name && name.length > 2) hidden.set(name, instead);
  }
  step(
    'this machine',
    true,
    `node ${process.version}, ${process.platform} ${release()} ${process.arch}
${run('kubectl', ['version', '--client']).stdout}${run('aws', ['--version']).stdout}ekspress ${ekspress('version').stdout}`,
  );
  step(
    'status before',
    context.state === 'not-applied',
    JSON.stringify({ ...context, file: undefined, backup: undefined }, undefined, 1),
  );

  const original = run('kubectl', ['get', '--raw', '/version']);
  step(
    `kubectl with the original command: ${original.ms} ms`,
    original.status === 0,
    original.stdout || original.stderr,
  );
  const doctor = ekspress('doctor', '--compare');
  step('doctor --compare', doctor.status === 0, doctor.stdout + doctor.stderr);
  const who = ekspress('whoami');
  step('whoami', who.status === 0, who.stdout + who.stderr);
  const applied = ekspress('apply', '--all', '--yes', '--no-compare');
  step('apply', applied.status === 0, applied.stdout + applied.stderr);
  for (const what of ['first', 'second', 'third']) {
    const again = run('kubectl', ['get', '--raw', '/version'], { ...env, EKS_TOKEN_DEBUG: '1' });
    const why = again.stderr.match(/^\[DEBUG\] (hit|miss).*$/m)?.[0] ?? again.stderr;
    step(`kubectl through ekspress, ${what} call: ${again.ms} ms`, again.status === 0, why);
  }
  const reverted = ekspress('revert', '--all', '--yes');
  const same = readFileSync(kubeconfig, 'utf8') === readFileSync(`${kubeconfig}.before`, 'utf8');
  step('revert, byte for byte', reverted.status === 0 && same, reverted.stdout + reverted.stderr);
} catch (error) {
  step('the journey', false, String(error));
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(hide(`# ekspress on a real cluster\n\n${steps.join('\n')}`));
process.exitCode = failed ? 1 : 0;
