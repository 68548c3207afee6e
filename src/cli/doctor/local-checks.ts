import { constants } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { ownsDirectory } from '../../cache/directory/own-directory.ts';
import { openToOthers } from '../../cache/store/manage-entries.ts';
import type { Environment } from '../../host.ts';
import { allowingCommand, isAllowed, pluginPolicy } from '../../kubeconfig/read/kuberc.ts';
import { type EkspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { packageFolder, readScriptSettings, scriptState } from '../../plugin/plugin-script.ts';
import { isWindowsPlugin } from '../../plugin/windows-files.ts';
import { findProgram, isExecutable } from '../../system/find-program.ts';
import { APPLY_ALL } from '../../text/apply-words.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { checkEncryption } from './encryption-check.ts';
import { type Check, failure, ok, skipped, warning } from './finding.ts';
import { checkWindowsPath, checkWindowsPlugin, underPolicy } from './windows-checks.ts';

/** In milliseconds. A lock that is older than this was left by a killed process. */
const STALE_LOCK_MS = 60_000;
/** The PATH of programs that a desktop starts. */
const DESKTOP_PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

export interface LocalFacts {
  readonly env: Environment;
  readonly home: EkspressHome;
  readonly files: readonly string[];
  /** The original commands of the contexts. */
  readonly commands: readonly string[];
  /** Whether any context goes through the script. */
  readonly applied: boolean;
  /** The key files of contexts with encrypted entries, empty for the one in memory. */
  readonly keyFiles: readonly string[];
}

/** Checks that look at this machine only. */
export function localChecks(facts: LocalFacts): readonly Check[] {
  return [
    { check: 'script', title: 'plugin', run: () => checkScript(facts) },
    { check: 'cache', title: 'cache', run: () => checkCache(facts) },
    { check: 'encryption', title: 'encryption', run: () => checkEncryption(facts) },
    { check: 'locks', title: 'locks', run: () => checkLocks(facts) },
    { check: 'path', title: 'PATH', run: () => checkPath(facts) },
    { check: 'kuberc', title: 'kuberc', run: () => checkPolicy(facts) },
  ];
}

async function checkScript({ home, env, applied }: LocalFacts) {
  if (isWindowsPlugin(home.script)) return checkWindowsPlugin({ home, env, applied });
  const script = tilde(home.script, env);
  const state = await scriptState(home.script);
  if (state === 'missing') {
    return applied
      ? [failure(`${script} is missing, and contexts name it`, `Run \`${APPLY_ALL}\`.`)]
      : [skipped(`${script} is not installed: no context is applied`)];
  }
  if (!isExecutable(home.script))
    return [failure(`${script} is not executable`, `Run \`${shellCommand('makeExecutable', script)}\`.`)];
  const settings = await readScriptSettings(home.script);
  const findings = [
    state === 'outdated' ? warning(`${script} is outdated`, `Run \`${APPLY_ALL}\`.`) : ok(`${script} is current`),
  ];
  if (settings && !isExecutable(settings.node)) {
    findings.push(
      warning(`the Node that it knows is gone (${settings.node}); the one on PATH is used`, `Run \`${APPLY_ALL}\`.`),
    );
  }
  if (settings && settings.packageFolder !== packageFolder()) {
    findings.push(
      warning(
        `it belongs to another installation of ekspress (${settings.packageFolder})`,
        `Run \`${APPLY_ALL}\` to take it over.`,
      ),
    );
  }
  return findings;
}

async function checkCache({ env }: LocalFacts) {
  const directory = cacheDirectory(env);
  const shown = tilde(directory, env);
  const stats = await stat(directory).catch(() => undefined);
  if (!stats) return [ok(`${shown} does not exist yet; the first token makes it`)];
  if (!stats.isDirectory()) return [failure(`${shown} is not a directory`, 'Move it away.')];
  if (!(await ownsDirectory(directory))) {
    return [
      failure(
        `${shown} belongs to another user, so nothing is shared`,
        `Run \`${shellCommand('takeFolder', shown)}\`.`,
      ),
    ];
  }
  const writable = await access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return [failure(`${shown} cannot be written`, `Run \`${shellCommand('makeFolderPrivate', shown)}\`.`)];
  if (await openToOthers(directory))
    return [warning(`${shown} is open to other users`, `Run \`${shellCommand('makeFolderPrivate', shown)}\`.`)];
  // Windows has no modes: who may read the folder is not looked at.
  return [ok(`${shown} ${process.platform === 'win32' ? 'can be written' : 'is open to this user only'}`)];
}

async function checkLocks({ env, files }: LocalFacts) {
  const directory = cacheDirectory(env);
  const names = await readdir(directory).catch(() => []);
  const locks = [
    ...names.filter((name) => name.endsWith('.lock')).map((name) => join(directory, name)),
    ...files.map((file) => `${file}.lock`),
  ];
  const findings = [];
  for (const lock of locks) {
    const stats = await lstat(lock).catch(() => undefined);
    if (!stats || Date.now() - stats.mtimeMs < STALE_LOCK_MS) continue;
    const since = stats.mtime.toISOString().slice(0, 16);
    findings.push(
      warning(
        `${tilde(lock, env)} is left over, since ${since}`,
        `Run \`${shellCommand('removeFile', tilde(lock, env))}\`.`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('no lock is left over')];
}

async function checkPath({ commands, home, env }: LocalFacts) {
  if (isWindowsPlugin(home.script)) return checkWindowsPath(commands, { home, env });
  const known = (await readScriptSettings(home.script))?.commandFolders ?? [];
  const desktop = { PATH: [...known, ...DESKTOP_PATH].join(delimiter) };
  const findings = [];
  for (const command of new Set(commands)) {
    if (findProgram(command, desktop) !== undefined) continue;
    if (findProgram(command, env) === undefined) {
      findings.push(absent(command));
      continue;
    }
    findings.push(
      warning(
        `programs started from the desktop do not find ${command}`,
        `Run \`${APPLY_ALL}\` where it is on PATH: the script then knows its folder.`,
      ),
    );
  }
  if (findings.length > 0) return findings;
  return commands.length > 0
    ? [ok('original commands are found, from the desktop too')]
    : [skipped('no EKS command to look for')];
}

/** A program that kubectl could not run either. */
function absent(command: string): ReturnType<typeof warning> {
  const where = command.includes('/') ? 'does not exist' : 'is not installed, or not on PATH';
  if (/(^|\/)aws$/.test(command)) {
    return warning(
      `${command} ${where}. ekspress makes tokens without it, where the checks of sign-in and credentials are good`,
      'For logins (`aws sso login`), and for kubectl without ekspress, install the AWS CLI: https://aws.amazon.com/cli/.',
    );
  }
  if (/(^|\/)aws-iam-authenticator$/.test(command)) {
    return warning(
      `${command} ${where}. ekspress makes tokens without it, where the check of credentials is good`,
      'For kubectl without ekspress, install it, or correct PATH.',
    );
  }
  return warning(`${command} ${where}: its contexts get no new tokens`, 'Install it, or correct PATH.');
}

async function checkPolicy({ env, home }: LocalFacts) {
  const policy = await pluginPolicy(env);
  if (!policy) return [ok('kubectl has no policy about credential plugins')];
  const file = tilde(policy.file, env);
  if (policy.policy === 'unclear')
    return [
      warning(
        `${file} may hold a policy about credential plugins that ekspress cannot judge`,
        'Write it as one YAML document with each key once, without tags; credentialPluginPolicy is AllowAll, DenyAll or Allowlist.',
      ),
    ];
  if (isWindowsPlugin(home.script)) return [underPolicy(file)];
  if (isAllowed(policy, home.script, env)) return [ok(`${file} allows the script`)];
  if (policy.policy === 'DenyAll')
    return [failure(`${file} denies every credential plugin`, 'Set credentialPluginPolicy: Allowlist.')];
  const line = `Add to credentialPluginAllowlist: - ${policy.key}: ${home.script}`;
  const command = allowingCommand(policy, home.script);
  return [
    failure(
      `${file} does not allow the script`,
      command === undefined ? line : `Run \`${command}\`. Before kubectl 1.36: ${line}`,
    ),
  ];
}
