import { createHash, createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { FileRead } from '../../recording/observe.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { command } from '../../text/sentence.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { expandUser, expandVariables } from '../plan/paths.ts';
import { Undecidable } from '../undecidable.ts';
import { parseCLIFile } from './cli-file.ts';

/** With less than this left the CLI renews the session, with a key of its own that no other program should use. */
const RENEWAL_MARGIN_MS = 5 * 60 * 1000;

/** Within this time of the end a renewal that fails is an error of the CLI. */
const MANDATORY_MARGIN_MS = 10 * 60 * 1000;

/** What the CLI wants to find, whether or not it has to renew. */
const REQUIRED = ['refreshToken', 'dpopKey', 'clientId'] as const;

interface LoginFile {
  readonly refreshToken?: unknown;
  readonly dpopKey?: unknown;
  readonly clientId?: unknown;
  readonly accessToken?: {
    readonly accessKeyId?: unknown;
    readonly secretAccessKey?: unknown;
    readonly sessionToken?: unknown;
    readonly accountId?: unknown;
    readonly expiresAt?: unknown;
  };
}

/** `login_session`: the credentials that `aws login` left, while they live. */
export async function loginCredentials(profile: string, session: string, mint: PlannedMint): Promise<Credentials> {
  // v1 can do it only with an extension that is not always installed.
  if (mint.plan.version === 'v1') throw new Undecidable('v1 of the AWS CLI may know nothing of aws login');
  const { recorder, now } = mint;
  const path = loginFile(session, recorder);
  const file = parse(path, await recorder.readFile(path), profile);
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId } = file.accessToken ?? {};
  const ends = typeof expiresAt === 'string' ? parseTimestamp(expiresAt) : undefined;
  if (
    typeof accessKeyId !== 'string' ||
    typeof secretAccessKey !== 'string' ||
    typeof sessionToken !== 'string' ||
    !ends ||
    accountId === undefined ||
    REQUIRED.some((name) => file[name] === undefined)
  ) {
    throw new Undecidable(`${path} is not what the AWS CLI writes there`);
  }
  // With a key that it cannot read, the CLI cannot renew either.
  const margin = isPrivateKey(file.dpopKey) ? RENEWAL_MARGIN_MS : MANDATORY_MARGIN_MS;
  const renewedFrom = new Date(ends.getTime() - margin);
  recorder.validUntil(renewedFrom);
  if (renewedFrom <= now()) throw new Undecidable('the AWS CLI has to renew the login');
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt: ends };
}

/** Where `aws login` leaves its credentials. */
export function loginFile(session: string, recorder: Recorder): string {
  const folder = recorder.variable('AWS_LOGIN_CACHE_DIRECTORY');
  const home = recorder.home();
  const cache =
    folder === undefined ? join(home, '.aws', 'login', 'cache') : expandUser(expandVariables(folder, recorder), home);
  return join(cache, `${createHash('sha256').update(session).digest('hex')}.json`);
}

function isPrivateKey(pem: unknown): boolean {
  try {
    return typeof pem === 'string' && createPrivateKey(pem).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

function parse(path: string, read: FileRead, profile: string): LoginFile {
  if (read.state === 'file') return parseCLIFile(path, read.bytes.toString('utf8'));
  if (read.state === 'unreadable') throw new Undecidable(`${path} cannot be read (${read.code})`);
  const message = `There is no login for the profile "${profile}" (${path} does not exist).`;
  throw new EKSAuthError('SESSION_EXPIRED', message, { remedy: command`Log in: \`aws login --profile ${profile}\`.` });
}
