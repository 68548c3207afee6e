import { isUtf8 } from 'node:buffer';
import { EKSAuthError } from '../../errors.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { runProgram } from '../../system/run-program.ts';
import { sentence } from '../../text/sentence.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { commandFailure } from '../command/command-failure.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { shellWords } from '../ini/shell-words.ts';
import { textOf } from '../plan/settings.ts';
import { Undecidable } from '../undecidable.ts';

/** `credential_process`: started without a shell, as botocore does, so `$HOME` and `|` have no special meaning. */
export async function processCredentials(profile: string, mint: PlannedMint): Promise<Credentials> {
  if (!mint.programs) throw new Undecidable(sentence`the profile ${profile} runs a program`);
  const section = mint.files.profiles.get(profile);
  const command = (section && textOf(section, 'credential_process')) ?? '';
  const words = shellWords(command);
  if (!words?.[0]) throw new Undecidable(`the credential_process of the profile "${profile}" is not a command`);
  const { memory, now, recorder, signal } = mint;
  recorder.lookUp(words[0]);
  // Another host may have another program behind the same name, or another login.
  recorder.bindToHost();
  mint.onProgram?.();
  // Only a run under way is shared: the program alone knows whose keys it hands out next.
  return memory.flights.do(['process', command, recorder.programEnvironment()], signal, async () => {
    const first = await run(profile, words, mint);
    // As in botocore, the program runs once more if its keys are about to end.
    const living = isEnding(first, now()) ? await run(profile, words, mint) : first;
    if (!haveExpired(living, now())) return living;
    throw new EKSAuthError(
      'SESSION_EXPIRED',
      `The credential_process of the profile "${profile}" hands out keys that have ended.`,
      {
        remedy: LOG_IN_THERE,
      },
    );
  });
}

/** The session is that of the program, of which the AWS CLI knows nothing. */
const LOG_IN_THERE = 'Log in again with the program that it runs.';

/** botocore's advisory window. */
const REFRESH_WINDOW_MS = 15 * 60 * 1000;

function isEnding({ expiresAt }: Credentials, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() - now.getTime() < REFRESH_WINDOW_MS;
}

function haveExpired({ expiresAt }: Credentials, now: Date): boolean {
  return expiresAt !== undefined && expiresAt < now;
}

async function run(profile: string, words: readonly string[], mint: PlannedMint): Promise<Credentials> {
  const name = `The credential_process of the profile "${profile}"`;
  const stdout = await credentialOutput(name, words, profile, mint);
  const answer = parse(name, stdout);
  // To Python, `true` is 1.
  if (answer.Version !== 1 && answer.Version !== true)
    throw unusable(name, 'does not answer in version 1 of the format');
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer;
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string')
    throw unusable(name, 'answers without keys');
  // The CLI signs with the text that Python makes of any other value, such as `5` or `True`. It accepts an empty text.
  if (typeof SessionToken !== 'string' && SessionToken !== undefined && SessionToken !== null)
    throw new Undecidable(`the credential_process of the profile "${profile}" names a session token that is not text`);
  if (![AccessKeyId, SecretAccessKey, SessionToken ?? ''].every(isWellFormed))
    throw new Undecidable(`the credential_process of the profile "${profile}" answers with half characters`);
  const expiresAt = typeof Expiration === 'string' ? parseTimestamp(Expiration) : undefined;
  if (Expiration !== undefined && Expiration !== null && !expiresAt) {
    throw new Undecidable(`the credential_process of the profile "${profile}" names an unreadable end`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(typeof SessionToken === 'string' ? { sessionToken: SessionToken } : {}),
    ...(expiresAt ? { expiresAt } : {}),
  };
}

async function credentialOutput(
  name: string,
  [command = '', ...args]: readonly string[],
  profile: string,
  { recorder, signal, terminal }: PlannedMint,
): Promise<Buffer> {
  const outcome = await runProgram({
    command,
    args,
    env: recorder.programEnvironment(),
    signal,
    ...(terminal && { stdin: 'terminal' }),
  });
  const failed = (ended: string | number, stderr: string): EKSAuthError => {
    const error = commandFailure(name, `ended with ${ended}`, stderr, profile);
    const { code, message } = error;
    return code === 'SESSION_EXPIRED' ? new EKSAuthError(code, message, { remedy: LOG_IN_THERE }) : error;
  };
  switch (outcome.kind) {
    case 'exited':
      if (outcome.status !== 0) throw failed(outcome.status, outcome.stderr);
      return outcome.stdout;
    case 'killed':
      throw failed(outcome.signal, outcome.stderr);
    case 'not-started':
      throw failed(outcome.error.code ?? outcome.error.name, `${command}: ${outcome.error.message}`);
    case 'too-much-output':
      throw unusable(name, 'prints more than 1 MiB');
    default:
      // The program did not fail. Its caller ended it.
      throw new EKSAuthError('TIMEOUT', `${name} was ended, because its caller has stopped waiting.`, {
        remedy: 'Try again, with more time.',
        cause: signal?.reason,
      });
  }
}

/** Reads the output as Python does, which accepts numbers that are not JSON. */
function parse(name: string, stdout: Buffer): Mapping {
  const text = stdout.toString('utf8');
  if (!isUtf8(stdout)) throw unusable(name, 'answers with text that is not UTF-8');
  try {
    const parsed: unknown = JSON.parse(text);
    if (isMapping(parsed)) return parsed;
  } catch {
    if (/\b(?:NaN|Infinity)\b/.test(text))
      throw new Undecidable(`${name} answers with numbers that JSON does not have`);
  }
  throw unusable(name, 'answers with text that is not JSON');
}

/** `true` for text without halves of surrogate pairs, which no UTF-8 can spell. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function unusable(name: string, problem: string): EKSAuthError {
  return new EKSAuthError('EXEC_FAILED', `${name} ${problem}.`, { remedy: 'Run it by hand to see what it prints.' });
}
