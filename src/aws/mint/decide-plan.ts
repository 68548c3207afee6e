import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { shown } from '../../text/nearest-names.ts';
import type { MintContext } from '../context/mint-context.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import { INISyntaxError, parseINI } from '../ini/raw-config-parser.ts';
import { readTextFile } from '../ini/read-text-file.ts';
import { makePlan, samePlan, samePrincipal } from '../plan/make-plan.ts';
import { refuseModels } from '../plan/models.ts';
import { awsFiles, expandUser, expandVariables } from '../plan/paths.ts';
import type { Plan } from '../plan/plan.ts';
import { refusePlugins } from '../plan/plugins.ts';
import { morePatient } from '../plan/retry-settings.ts';
import { installedCLI, newest, OLDEST } from '../program/cli-version.ts';
import type { InstalledCLI } from '../program/installed-cli.ts';
import { refuseWrapperScript } from '../program/wrapper-script.ts';
import { ArgumentsError } from '../stanza/argparse.ts';
import type { CLIVersion, GetTokenArguments } from '../stanza/get-token-arguments.ts';
import type { StanzaCommand } from '../stanza/stanza-command.ts';
import { Undecidable } from '../undecidable.ts';

export interface DecidedPlan {
  readonly plan: Plan;
  readonly files: AWSProfiles;
}

/**
 * Reads the AWS files and plans for both generations of the CLI, and for old releases, which know nothing of configured
 * endpoints and late partitions; where they disagree, the installed one decides.
 * @throws EKSAuthError, Undecidable
 */
export async function decidePlan(mint: MintContext): Promise<DecidedPlan> {
  const { config, recorder, memory, releases, signal } = mint;
  const { command } = config;
  if (config.cliVersion === undefined && !mint.ownKeys)
    refuseWrapperScript(command, recorder, memory.programs, mint.programs);
  const files = await readFiles(mint);
  const planFor = (cli: InstalledCLI) => attempt(() => planOne(cli, files, mint));
  if (config.cliVersion) return { plan: outcome(await planFor(newest(config.cliVersion))), files };
  const question = { args: command.args, files };
  const known = memory.plans.find(question, recorder);
  if (known) return { plan: known, files };
  const v1 = await planFor(newest('v1'));
  const v2 = await planFor(newest('v2'));
  // For an untrusted text, every release counts as one that knows the agents of containers.
  const old = await planFor({ ...OLDEST, modern: !mint.programs });
  if (sameOutcome(v1, v2, samePlan) && sameOutcome(old, v2, samePlan)) {
    const plan = { ...outcome(v2), retry: morePatient(outcome(v1).retry, outcome(v2).retry) };
    memory.plans.add(question, recorder, plan);
    return { plan, files };
  }
  const onlyCaches = sameOutcome(v1, v2, samePrincipal) && sameOutcome(old, v2, samePrincipal);
  if (!mint.programs) {
    if (onlyCaches) return { plan: outcome(v2), files };
    // A path in an untrusted text is not looked at. Where no `aws` is on PATH, v2 decides, as for any other caller.
    if (recorder.lookUp('aws') === undefined) return { plan: outcome(v2), files };
    throw new Undecidable('the versions of the AWS CLI disagree here, and it may not be asked');
  }
  if (!onlyCaches) mint.onVersion?.();
  const installed = await installedCLI({
    command: command.command,
    recorder,
    programs: memory.programs,
    notes: releases,
    onlyCaches,
    signal,
  });
  return { plan: outcome(await planFor(installed)), files };
}

async function planOne(cli: InstalledCLI, files: AWSProfiles, mint: MintContext): Promise<Plan> {
  const { config, recorder } = mint;
  const given = argumentsFor(config.command, cli.version);
  const cluster = await parameterText(given.clusterId || given.clusterName || '', recorder);
  const roleArn = given.roleArn === undefined ? {} : { roleArn: await parameterText(given.roleArn, recorder) };
  return makePlan({ arguments: { ...given, ...roleArn }, cluster, recorder, files, ...cli });
}

function argumentsFor(command: StanzaCommand, version: CLIVersion): GetTokenArguments {
  const given = command.getTokenArguments(version);
  if (given === undefined) throw new Undecidable('this is not eks get-token');
  if (!(given instanceof ArgumentsError)) return given;
  throw new EKSAuthError(
    'INVALID_CONFIG',
    `The AWS CLI ${version} would not accept these arguments: ${given.message}.`,
    {
      remedy:
        'Correct the args in the kubeconfig, or write them again with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
      cause: given,
    },
  );
}

/** A value of the form `file://path` stands for what the file holds. */
async function parameterText(value: string, recorder: Recorder): Promise<string> {
  if (/^(?:fileb|https?):\/\//.test(value)) throw new Undecidable(`an argument is read from ${value.split(':')[0]}://`);
  if (!value.startsWith('file://')) return value;
  const named = value.slice('file://'.length);
  if (recorder.variable('AWS_CLI_FILE_ENCODING') !== undefined) throw new Undecidable('AWS_CLI_FILE_ENCODING is set');
  // A `~` that is written is expanded. A `~` in the value of a variable is not.
  const path = expandVariables(named.startsWith('~') ? expandUser(named, recorder.home()) : named, recorder);
  const text = await readTextFile(path, recorder);
  if (text !== undefined) return text.replace(/\r\n?/g, '\n');
  throw new EKSAuthError('INVALID_CONFIG', `The argument ${shown(value)} names a file that cannot be read.`, {
    remedy: `Make ${shown(path)}, or write the value itself.`,
  });
}

async function readFiles({ recorder, memory }: MintContext): Promise<AWSProfiles> {
  const { config, credentials, alias } = awsFiles(recorder);
  refuseAliases(await readTextFile(alias, recorder));
  await refuseModels(recorder);
  const configText = await readTextFile(config, recorder);
  const credentialsText = await readTextFile(credentials, recorder);
  try {
    const files = memory.profiles.read(configText, credentialsText);
    refusePlugins(files, recorder);
    return files;
  } catch (error) {
    if (!(error instanceof INISyntaxError)) throw error;
    const broken = configText !== undefined && isBroken(configText) ? config : credentials;
    throw new EKSAuthError('INVALID_CONFIG', `The AWS CLI cannot read ${broken}: ${error.message}.`, {
      remedy: `Correct ${broken}.`,
      cause: error,
    });
  }
}

/** Refuses aliases: with them a user can give the commands of the CLI another meaning. */
function refuseAliases(text: string | undefined): void {
  if (text === undefined) return;
  try {
    const sections = parseINI(text);
    if (!sections.get('toplevel')?.has('eks') && !sections.get('command eks')?.has('get-token')) return;
  } catch (error) {
    if (!(error instanceof INISyntaxError)) throw error;
  }
  throw new Undecidable('~/.aws/cli/alias may change what eks get-token does');
}

function isBroken(text: string): boolean {
  try {
    parseINI(text);
    return false;
  } catch {
    return true;
  }
}

type Outcome = { readonly plan: Plan } | { readonly error: EKSAuthError | Undecidable };

async function attempt(plan: () => Promise<Plan>): Promise<Outcome> {
  try {
    return { plan: await plan() };
  } catch (error) {
    if (error instanceof EKSAuthError || error instanceof Undecidable) return { error };
    throw error;
  }
}

function outcome(result: Outcome): Plan {
  if ('plan' in result) return result.plan;
  throw result.error;
}

function sameOutcome(one: Outcome, other: Outcome, same: typeof samePlan): boolean {
  if ('plan' in one && 'plan' in other) return same(one.plan, other.plan);
  if ('plan' in one || 'plan' in other) return false;
  if (one.error instanceof Undecidable || other.error instanceof Undecidable)
    return one.error.name === other.error.name;
  return one.error.code === other.error.code;
}
