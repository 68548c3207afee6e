import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { EKSAuthConfig, ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { type ExecConfigOptions, readExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { profileInForce } from '../../aws/stanza/profile-in-force.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { type AppliedRecord, readRecord } from '../../kubeconfig/edit/edit-records.ts';
import { hintsOf, isByHand, leadingWords } from '../../kubeconfig/edit/edit-stanza.ts';
import { type Wrapping, wrappingOf } from '../../kubeconfig/edit/other-tools.ts';
import type { PlainExecStanza } from '../../kubeconfig/read/exec-stanza.ts';
import { hasFixedCredentials } from '../../kubeconfig/read/select-context.ts';
import { type EkspressHome, ekspressHome } from '../../plugin/ekspress-home.ts';
import { scriptState } from '../../plugin/plugin-script.ts';
import { isPortable } from '../../plugin/portable-script.ts';
import { isWindowsPlugin } from '../../plugin/windows-files.ts';
import type { LoadedContext } from './load-contexts.ts';

/**
 * Whether a context uses ekspress.
 * `drifted`: it did, but its stanza was written again without ekspress; or it does, but the script is missing.
 * `other-command`: its user runs a program that is not known to get EKS tokens, for example a wrapper around `aws`.
 * `other`: its user has no command.
 */
export type ContextState = 'applied' | 'not-applied' | 'drifted' | 'wrapped' | 'other-command' | 'other' | 'invalid';

/** A context with all facts about it that are known without a request. */
export interface DescribedContext {
  readonly name: string;
  readonly current: boolean;
  readonly state: ContextState;
  /** The reason of the state, if it is not obvious. */
  readonly reason?: string | undefined;
  /** The kubeconfig that holds the user, as the list names it. */
  readonly file?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  /** The stanza as it is in the kubeconfig. */
  readonly exec?: PlainExecStanza | undefined;
  /** The original command, without ekspress. */
  readonly original?: ExecStanza | undefined;
  readonly portable: boolean;
  /** Variables that the user declared as part of its identity, also before it drifted. */
  readonly keyEnv?: readonly string[] | undefined;
  /** The key file of its encrypted entries, empty for the one in memory; also before it drifted. Undefined: they are plain. */
  readonly encrypt?: string | undefined;
  readonly wrapping?: Wrapping | undefined;
  readonly config?: EKSAuthConfig | undefined;
  /** The same of a program that runs `aws` with other credentials, and with a login of its own. */
  readonly behind?: EKSAuthConfig | undefined;
  /** The profile that makes the token, if the kubeconfig or the environment names it. */
  readonly profile?: string | undefined;
  readonly account?: string | undefined;
  /** The cluster in the command, else in the ARN that names the cluster of the kubeconfig. */
  readonly eksCluster?: string | undefined;
  readonly region?: string | undefined;
  readonly backup?: string | undefined;
  readonly problem?: EKSAuthError | undefined;
}

/** Describes the contexts. The record of each kubeconfig and the script are read once. */
export async function describeContexts(
  contexts: readonly LoadedContext[],
  env: Environment,
): Promise<readonly DescribedContext[]> {
  const home = ekspressHome(env);
  const places = new Set(contexts.flatMap(({ selected }) => (selected ? [selected.place] : [])));
  const records = new Map<string, AppliedRecord>();
  for (const place of places) records.set(place, await readRecord(home, await realpath(place).catch(() => place)));
  const script = await scriptState(home.script);
  const absent = await absentCommands(contexts);
  return contexts.map((context) => describe(context, { env, home, script, absent, records }));
}

/** Commands with a path that does not exist, for example the script of another home or machine. */
async function absentCommands(contexts: readonly LoadedContext[]): Promise<ReadonlySet<string>> {
  const commands = new Set(contexts.flatMap(({ selected }) => selected?.user.exec?.command ?? []));
  const absent = new Set<string>();
  for (const command of commands) {
    if (!isAbsolute(command) || leadingWords({ command, args: [] }) === undefined) continue;
    await access(command, constants.X_OK).catch(() => absent.add(command));
  }
  return absent;
}

/** Why a portable stanza of another machine uses nothing here. */
export const NOT_INSTALLED = 'not installed here: the original runs';

const OUTDATED =
  process.platform === 'win32'
    ? 'the plugin is outdated: `ekspress warm` renews it'
    : 'the script is outdated; the next miss updates it';

interface Surroundings {
  readonly env: Environment;
  readonly home: EkspressHome;
  readonly script: 'current' | 'outdated' | 'missing';
  readonly absent: ReadonlySet<string>;
  readonly records: ReadonlyMap<string, AppliedRecord>;
}

function describe({ name, current, selected, problem }: LoadedContext, around: Surroundings): DescribedContext {
  if (!selected) return { name, current, state: 'invalid', portable: false, reason: problem?.message, problem };
  const { user, cluster, place } = selected;
  const record = around.records.get(place);
  const account = accountOf([cluster.name, user.name, name]);
  const server = cluster.server;
  const named = clusterInARN(cluster.name);
  const base = { name, current, file: place, user: user.name, server, account, ...named, backup: record?.backup };
  const { exec } = user;
  if (!exec || hasFixedCredentials(user)) {
    return { ...base, state: 'other', portable: false, reason: exec ? 'a fixed token or password' : undefined };
  }
  const leading = leadingWords(toValue(exec));
  const wrapping = leading === undefined ? wrappingOf(exec, around.env) : undefined;
  const original = originalOf(exec, leading, wrapping);
  const portable = isPortable(exec);
  const hints = leading === undefined || portable ? undefined : hintsOf(exec.args);
  const declared = hints?.keyEnv ?? [];
  const remembered = leading === undefined ? record?.users[user.name] : undefined;
  const read = configOfStanza(original ?? exec, { keyEnv: declared, encrypt: hints?.encrypt });
  const config = hasOwnLogin(read) ? undefined : read;
  const known = {
    ...base,
    exec,
    original,
    wrapping,
    config,
    behind: config === read ? undefined : read,
    profile: config && profileInForce(config, around.env),
    eksCluster: read?.clusterName ?? read?.clusterId ?? named.eksCluster,
    region: read?.region ?? named.region,
    portable,
    keyEnv: remembered?.keyEnv ?? declared,
    encrypt: remembered?.encrypt ?? hints?.encrypt,
  };
  const found = { ...known, account: account ?? accountOf([read?.roleArn ?? '']) };
  if (leading !== undefined) return { ...found, ...stateOfOurs(found, exec, around) };
  if (wrapping) return { ...found, state: 'wrapped', reason: wrapping.tool };
  if (record?.users[user.name] !== undefined) {
    return { ...found, state: 'drifted', reason: `the kubeconfig says ${exec.command} again` };
  }
  return config ? { ...found, state: 'not-applied' } : { ...found, state: 'other-command', reason: programName(exec) };
}

function stateOfOurs(
  { portable }: { portable: boolean },
  { command, args }: PlainExecStanza,
  { home, script, absent }: Surroundings,
): Pick<DescribedContext, 'state' | 'reason'> {
  if (!portable && args.length === 0) return { state: 'drifted', reason: 'the original command is gone from args' };
  if (!portable && absent.has(command)) return { state: 'drifted', reason: `${command} is missing` };
  if (process.platform !== 'win32' && hintsOf(args).program !== undefined) {
    return { state: 'applied', reason: `on Windows, through ${command}` };
  }
  if (!portable && script === 'missing' && isWindowsPlugin(command)) {
    return { state: 'drifted', reason: `the files of ${command} are missing` };
  }
  if (!portable && command !== home.script) return { state: 'applied', reason: `through ${command}` };
  if (script === 'missing' && portable) return { state: 'applied', reason: NOT_INSTALLED };
  return {
    state: 'applied',
    reason: script === 'outdated' ? OUTDATED : undefined,
  };
}

function originalOf(
  exec: PlainExecStanza,
  leading: number | undefined,
  wrapping: Wrapping | undefined,
): ExecStanza | undefined {
  // In this case there is no original command.
  if (leading !== undefined && isByHand(toValue(exec))) return undefined;
  const words = wrapping?.original
    ? [wrapping.original.command, ...wrapping.original.args]
    : leading === undefined
      ? [exec.command, ...exec.args]
      : exec.args.slice(leading);
  const [command, ...args] = words.map(String);
  return command === undefined ? undefined : { command, args, env: exec.env };
}

function configOfStanza(
  stanza: ExecStanza,
  hints: Pick<ExecConfigOptions, 'keyEnv' | 'encrypt'>,
): EKSAuthConfig | undefined {
  try {
    return readExecConfig(stanza, hints);
  } catch {
    return undefined;
  }
}

/** A program that runs the AWS CLI with other credentials counts as another command. */
function hasOwnLogin(config: EKSAuthConfig | undefined): boolean {
  const runner = config?.command.through?.[0];
  return runner !== undefined && programName({ command: runner }) !== 'aws-vault';
}

/** The account in the first of these names that contains an ARN. */
function accountOf(names: readonly string[]): string | undefined {
  for (const name of names) {
    const account = /\barn:aws[\w-]*:(?:eks|iam|sts):[\w-]*:(\d{12}):/.exec(name)?.[1];
    if (account !== undefined) return account;
  }
  return undefined;
}

/** The cluster and region in the name that `aws eks update-kubeconfig` gives to a cluster. */
export function clusterInARN(name: string): { readonly eksCluster?: string; readonly region?: string } {
  const [, region, eksCluster] = /^arn:[^:]+:eks:([^:]+):\d{12}:cluster\/(.+)$/.exec(name) ?? [];
  return region === undefined || eksCluster === undefined ? {} : { region, eksCluster };
}

/** The name of the role that the command of a context assumes. */
export function roleName({ config, behind }: Pick<DescribedContext, 'config' | 'behind'>): string | undefined {
  const { roleArn } = config ?? behind ?? {};
  return roleArn?.slice(roleArn.lastIndexOf('/') + 1);
}

/** The words by which a person tells the credentials of a context: its profile, or that of aws-vault around it. */
export function profileWords({ profile, config }: Pick<DescribedContext, 'profile' | 'config'>): string {
  const [program = '', action, name = ''] = config?.command.through ?? [];
  const isVault = programName({ command: program }) === 'aws-vault' && action === 'exec' && !name.startsWith('-');
  return isVault && name !== '' ? `${name} (aws-vault)` : (profile ?? '');
}

function programName({ command }: { readonly command: string }): string {
  return command.slice(Math.max(command.lastIndexOf('/'), command.lastIndexOf('\\')) + 1);
}

function toValue({ command, args }: PlainExecStanza) {
  return { command, args };
}
