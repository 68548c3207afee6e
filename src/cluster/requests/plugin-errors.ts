import { commandFailure } from '../../aws/command/command-failure.ts';
import type { ExecCredential } from '../../aws/command/exec-credential.ts';
import { EXEC_API_GROUP } from '../../aws/command/exec-info.ts';
import type { PluginAnswer } from '../../aws/command/obtain-plugin-credential.ts';
import { EKSAuthError } from '../../errors.ts';
import { describeUser, type SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { APPLY } from '../../text/apply-words.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { command as commandLine, own, type Sentence, sentence } from '../../text/sentence.ts';

const VERSIONS = ['v1', 'v1beta1'].map((version) => `${EXEC_API_GROUP}/${version}`);

/**
 * How to call the command of a user.
 * @throws EKSAuthError INVALID_KUBECONFIG where kubectl refuses the stanza
 */
export function requireCallable({ user, place }: SelectedContext): {
  readonly apiVersion: string;
  readonly needsPerson: boolean;
} {
  const { apiVersion = '', interactiveMode } = user.plugin ?? {};
  const refuse = (what: Sentence, remedy: string): never => {
    throw new EKSAuthError('INVALID_KUBECONFIG', sentence`${describeUser(user.name, place)}: ${what}.`, { remedy });
  };
  if (!VERSIONS.includes(apiVersion)) {
    const what = apiVersion === '' ? own('exec has no apiVersion') : sentence`exec has the apiVersion ${apiVersion}`;
    refuse(what, `Set apiVersion to ${VERSIONS.join(' or ')}, whichever the command answers in.`);
  }
  if (interactiveMode === undefined && apiVersion === VERSIONS[0]) {
    refuse(own(`exec has no interactiveMode, which ${apiVersion} demands`), 'Set interactiveMode to IfAvailable.');
  }
  if (interactiveMode !== undefined && !['Never', 'IfAvailable', 'Always'].includes(interactiveMode)) {
    refuse(sentence`exec has the interactiveMode ${interactiveMode}`, 'Set it to Never, IfAvailable or Always.');
  }
  return { apiVersion, needsPerson: interactiveMode === 'Always' };
}

/**
 * The credential in an answer.
 * @throws EKSAuthError EXEC_FAILED, or what the stderr of the command tells
 */
export function answerOf({ context, user }: SelectedContext, command: string, answer: PluginAnswer): ExecCredential {
  if (answer.kind === 'credential') {
    const { token } = answer.credential;
    if (/^[\x21-\x7e]*$/.test(token)) return answer.credential;
    throw unusable(command, 'printed a token with characters that no HTTP header can hold.');
  }
  if (user.plugin?.interactiveMode === 'Always') {
    throw new EKSAuthError(
      'EXEC_FAILED',
      sentence`${command} has to ask a person (interactiveMode: Always), and a service has no terminal.`,
      {
        remedy: commandLine`Run \`${own(APPLY)} --context ${context.name}\` once, then \`kubectl --context ${context.name} get namespaces\` in a terminal: its credential is shared.`,
      },
    );
  }
  if (answer.problem !== undefined) throw unusable(command, answer.problem);
  throw commandFailure(command, `exited with status ${answer.status}`, answer.stderr, undefined);
}

/** The error for a command that could not be started. */
export function notStarted({ user }: SelectedContext, command: string, cause: unknown): EKSAuthError {
  const code = String(Object(cause).code ?? cause);
  const { installHint } = user.plugin ?? {};
  const missing = code === 'ENOENT';
  const message = missing
    ? sentence`${command}, which gets the credentials of user ${user.name}, was not found.`
    : sentence`${command} could not be started: ${own(code)}.`;
  const install = installHint === undefined ? undefined : sentence`${new ForeignText(installHint.trim())}`;
  const remedy = missing
    ? (install ?? 'Install it, or write its absolute path into the kubeconfig.')
    : 'Check that the file is executable by this user.';
  return new EKSAuthError('EXEC_FAILED', message, { remedy, cause });
}

function unusable(command: string, problem: string): EKSAuthError {
  return new EKSAuthError('EXEC_FAILED', sentence`${command} ${own(problem)}`, {
    remedy: 'Run the command by hand: it has to print one ExecCredential in JSON and nothing else.',
  });
}
