import { access, realpath, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../errors.ts';
import { editEntries } from '../../kubeconfig/edit/edit-entries.ts';
import { editFile, readEditableFile } from '../../kubeconfig/edit/edit-file.ts';
import { type EditableKubeconfig, readEditable } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import { readRecord } from '../../kubeconfig/edit/edit-records.ts';
import { reapplyUsers } from '../../kubeconfig/edit/reapply-users.ts';
import { formatYAML } from '../../kubeconfig/read/format-yaml.ts';
import { ekspressHome, refuseForeignHome, tilde } from '../../plugin/ekspress-home.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { APPLY_PORTABLE, WRITE_CONTEXTS } from '../../text/apply-words.ts';
import { usersOf } from '../apply/choose.ts';
import { install } from '../apply/install.ts';
import { callOf } from '../apply/our-call.ts';
import { unifiedDiffOfFile } from '../apply/unified-diff.ts';
import { applyWarnings } from '../apply/warnings.ts';
import { misreadWords, previewOption, refuseUnsafeWindows, requirePreview } from '../apply/windows-preview.ts';
import { type Command, defineCommand, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts, namedFiles } from '../contexts/load-contexts.ts';
import { askForYes } from '../terminal/ask.ts';
import { painter } from '../terminal/paint.ts';
import { equalContextFinder } from './equal-context.ts';
import { find } from './find.ts';
import { type ContextPlan, execOf, planContexts } from './plan-contexts.ts';
import { changesTable, failedParts, printWritten } from './show-written.ts';

const options = {
  profile: { value: 'NAME', repeated: true, help: 'a profile of the AWS files (NAME or NAME,NAME)' },
  'role-arn': {
    value: 'ARN',
    repeated: true,
    help: 'a role to assume in an account, with the profile (ARN or ARN,ARN)',
  },
  region: {
    value: 'REGION',
    repeated: true,
    help: 'default: that of the profile, or of the environment (REGION or REGION,REGION); the examples show how to name every region',
  },
  prune: { help: 'remove the contexts that this command has written and whose clusters are gone' },
  'dry-run': { help: 'show what would change, as a diff; write nothing' },
  yes: { short: 'y', help: 'do not ask; needed where there is no terminal' },
  preview: previewOption,
  endpoint: {
    value: 'HOST',
    repeated: true,
    help: 'a host name, with all below it, that clusters may have besides those of EKS',
  },
} as const satisfies Options;

/** `ekspress kubeconfig`. */
export const kubeconfig: Command = defineCommand({
  name: 'kubeconfig',
  group: 'kubectl through ekspress',
  summary: 'write contexts for the EKS clusters of your accounts',
  usage: ['[CLUSTER…]'],
  options,
  globals: ['kubeconfig', 'output'],
  instead: Object.fromEntries(
    ['cluster', 'cluster-name', 'name', 'context'].map((name) => [
      name,
      `Clusters are plain words: \`${WRITE_CONTEXTS} CLUSTER\`.`,
    ]),
  ),
  choices: () => [],
  about: [
    'Without a name: all clusters of the profiles or roles, in the regions. The contexts use ekspress from the start. They are named after their clusters, and by region, profile or account where two would have one name. No context of another origin is changed, and a name is not given to another cluster later.',
    'It lists and describes clusters in this process; `aws` need not be installed. A region or an account that cannot be read does not end the others, and removes nothing. `ekspress revert` gives a context its `aws eks get-token`.',
    `The contexts name the plugin in your home folder. A kubeconfig that others use, or that you take to another machine or home, should not: \`${APPLY_PORTABLE} --kubeconfig FILE\` writes the form that works there too.`,
  ],
  examples: [
    `${WRITE_CONTEXTS} --profile dev,prod --region us-east-1,eu-west-1`,
    `${WRITE_CONTEXTS} --region "$(aws ec2 describe-regions --query 'Regions[].RegionName' --output text)"`,
    `${WRITE_CONTEXTS} --prune --dry-run`,
    `${WRITE_CONTEXTS} --kubeconfig ./team.yaml --profile dev --yes`,
  ],
  run,
});

/** The content of a new kubeconfig, before contexts are added. */
const EMPTY = 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n';

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  requirePreview({ ...values, command: WRITE_CONTEXTS });
  const { env } = terminal;
  if (terminal.options.kubeconfig === '-')
    throw new UsageError('kubeconfig writes a file: name one with --kubeconfig.');
  const home = ekspressHome(env);
  const loaded = await loadContexts(terminal, true);
  const scopes = await find(
    {
      profiles: listed(values.profile),
      roles: listed(values['role-arn']),
      regions: listed(values.region),
      endpoints: listed(values.endpoint),
      names: words,
    },
    terminal,
  );
  const target = await targetOf(terminal);
  const record = await readRecord(home, await realpath(target).catch(() => target));
  const equal = equalContextFinder(terminal);
  const plan = await planContexts({
    scopes,
    loaded,
    target,
    recorded: record,
    prune: values.prune,
    findEqual: (found, candidates) => equal(parseExecConfig(execOf(found)), candidates),
  });
  const failures = failedParts(scopes);
  const found = new Set([...plan.added, ...plan.updated, ...plan.kept].map(({ name }) => name));
  const unknown = words.filter((name) => !found.has(name));
  if (unknown.length > 0 && failures.length === 0) throw notFound(unknown);
  const call = callOf(home, env, false);
  const edit = (before: EditableKubeconfig): string => {
    const text = editEntries(before, plan.changes);
    const users = [...plan.users.keys()].map((name) => ({ name }));
    return users.length === 0 ? text : reapplyUsers(readEditable(text, before.place), users, call);
  };
  const nothing = plan.added.length + plan.updated.length + plan.removed.length === 0;
  const regions = [...new Set(scopes.map(({ region }) => region))];
  const shown = { terminal, plan, failures, target, regions };
  if (nothing) return printWritten(shown);
  if (values['dry-run']) {
    const before = (await exists(target)) ? await readEditableFile(target) : readEditable(EMPTY, target);
    const paint = painter({ colour: terminal.screen.colour && terminal.options.output === 'table' });
    return printWritten({ ...shown, diff: unifiedDiffOfFile(before, readEditable(edit(before), target), paint) });
  }
  await refuseForeignHome(home);
  const unread = await refuseUnsafeWindows(home, env);
  for (const [user, exec] of plan.users) {
    const refused = misreadWords(user, exec, env);
    if (refused !== undefined) throw refused;
  }
  if (!values.yes) {
    terminal.err(changesTable(plan, terminal.errorScreen));
    if (!terminal.interactive) {
      throw new UsageError(
        `There is no terminal to ask on, so nothing was written to ${tilde(target, env)}: give --yes, or --dry-run for a diff.`,
      );
    }
    await askForYes(terminal, `Write this to ${tilde(target, env)}?`);
  }
  const script = await install(home, ['aws'], env);
  const made = await makeFile(target, plan);
  const { backup } = await editFile(target, edit, {
    home,
    now: () => new Date(),
    signal: terminal.signal,
    record: plan.record,
  });
  const after = await loadContexts(terminal, true);
  const added = new Set(plan.added.map(({ context }) => context));
  const described = await describeContexts(
    after.contexts.filter(({ name }) => added.has(name)),
    env,
  );
  const { logger } = terminal;
  const warnings = await applyWarnings(usersOf(described), script, {
    env,
    logger,
    home,
    portable: false,
    declared: false,
  });
  const notes = [...warnings, ...unread];
  const current = after.contexts.find((context) => context.current)?.name;
  return printWritten({ ...shown, notes, script, backup: made ? undefined : backup, choose: current === undefined });
}

/** The values of an option that may be given more than once, each with commas, or blanks as the AWS CLI prints lists. */
function listed(given: readonly string[]): readonly string[] {
  return [...new Set(given.flatMap((list) => list.split(/[\s,]+/)))].filter((part) => part !== '');
}

/** The file to which kubectl would write a new context: the first of the list that exists, else the last. */
async function targetOf(terminal: Terminal): Promise<string> {
  const { paths } = namedFiles(terminal);
  for (const path of paths) if (await exists(path)) return path;
  return paths.at(-1) ?? '';
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes the file if it does not exist. A single context becomes the current one. @returns whether it was made */
async function makeFile(path: string, { added }: ContextPlan): Promise<boolean> {
  if (await exists(path)) return false;
  const [only, ...others] = added;
  const current = only && others.length === 0 ? formatYAML({ 'current-context': only.context }) : '';
  try {
    await makeFolder(dirname(path));
    await writeFile(path, EMPTY.replace('users:', `${current}users:`), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new EKSAuthError('INVALID_KUBECONFIG', `${path} cannot be made (${code}).`, {
      remedy: 'Name another file with --kubeconfig.',
      cause: error,
    });
  }
}

function notFound(names: readonly string[]): EKSAuthError {
  const message = `There is no EKS cluster ${names.map((name) => JSON.stringify(name)).join(', ')} in these accounts and regions.`;
  return new EKSAuthError('CLUSTER_NOT_FOUND', message, {
    remedy: `Nothing was changed. See which there are: \`${WRITE_CONTEXTS} --dry-run\`, with --profile and --region.`,
  });
}
