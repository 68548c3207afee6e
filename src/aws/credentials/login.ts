import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { command, own, type Sentence, sentence } from '../../text/sentence.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { expandUser, expandVariables } from '../plan/paths.ts';
import type { LoginSource } from '../plan/plan.ts';
import { readDPoPKey } from '../sign/dpop-proof.ts';
import { Undecidable } from '../undecidable.ts';
import { parseCLIFile } from './cli-file.ts';
import { type LoginRenewal, renewalFacts, renewLogin } from './login-renewal.ts';
import { renewAlone } from './session-lock.ts';

/** The CLI renews a session that has less than this left. */
const RENEWAL_MARGIN_MS = 5 * 60 * 1000;
/**
 * The margin for a login whose key cannot be read. With less than this left, the CLI fails if it cannot renew the
 * session.
 */
const MANDATORY_MARGIN_MS = 10 * 60 * 1000;

/** The fields that the CLI requires, whether or not it has to renew the session. */
const REQUIRED = ['refreshToken', 'dpopKey', 'clientId'] as const;

/** The file that `aws login` wrote. */
interface LoginFile {
  readonly content: Mapping;
  readonly credentials: Required<Credentials>;
  /** From this time on the CLI renews the login. */
  readonly renewedFrom: Date;
}

/**
 * `login_session`: the credentials that `aws login` wrote. With less than five minutes left they are renewed first,
 * under a lock that all our processes respect: Sign-In may accept each refresh token only once.
 * @throws EKSAuthError `SESSION_EXPIRED`
 */
export async function loginCredentials(source: LoginSource, mint: PlannedMint): Promise<Credentials> {
  const { recorder, now, memory, signal } = mint;
  const path = loginFile(source.session, recorder);
  // v1 of the AWS CLI can use a login only with an extension that is not always installed.
  if (mint.plan.version === 'v1') throw new Undecidable('v1 of the AWS CLI may know nothing of aws login', path);
  const found = await readLogin(path, source, mint);
  if (isFresh(found, now())) return living(found, mint);
  const renewal = { path, region: regionOf(found, mint), read: () => readLogin(path, source, mint) };
  renewalFacts(renewal, found.content, source);
  const outcome = await memory.flights.do(['login', path, source.signIn], signal, () =>
    renewAlone<LoginRenewal>(path, {
      renew: async () => (isFresh(await renewal.read(), now()) ? {} : renewLogin(renewal, source, mint)),
      renewed: async () => (isFresh(await renewal.read(), now()) ? {} : undefined),
      signal,
    }),
  );
  const login = await renewal.read();
  if (isFresh(login, now())) return living(login, mint);
  if (typeof outcome === 'object' && outcome.session.unsaved) return outcome.session.unsaved;
  // The old keys still live, so they are used. The CLI would fail here, because its renewal fails.
  if (login.credentials.expiresAt > now()) return login.credentials;
  if (outcome === 'busy') throw new Undecidable('another process is renewing the login and does not finish');
  const stuck = outcome === 'trouble' ? `, and cannot be renewed here: nothing can be written to ${dirname(path)}` : '';
  const refused = typeof outcome === 'object' ? outcome.session.refused : undefined;
  if (refused instanceof EKSAuthError) throw refused;
  throw loginEnded(source, login, sentence`${own(stuck)}${refused ?? own('')}`);
}

function loginEnded({ profile }: LoginSource, { credentials }: LoginFile, why: Sentence): EKSAuthError {
  const ended = own(credentials.expiresAt.toISOString());
  return new EKSAuthError('SESSION_EXPIRED', sentence`The login of the profile ${profile} ended at ${ended}${why}.`, {
    remedy: command`Log in again: \`aws login --profile ${profile}\`.`,
  });
}

const isFresh = ({ renewedFrom }: LoginFile, now: Date): boolean => renewedFrom > now;

function living({ credentials, renewedFrom }: LoginFile, { recorder }: PlannedMint): Credentials {
  recorder.validUntil(renewedFrom);
  return credentials;
}

/** Newer releases of the CLI write down where the login was made; else it is the region of the profile in force. */
function regionOf({ content }: LoginFile, { plan }: PlannedMint): string | undefined {
  if (typeof content.signInRegion === 'string') return content.signInRegion;
  return 'name' in plan.region ? plan.region.name : undefined;
}

/** Where `aws login` leaves its credentials. */
export function loginFile(session: string, recorder: Recorder): string {
  const folder = recorder.variable('AWS_LOGIN_CACHE_DIRECTORY');
  const home = recorder.home();
  const cache =
    folder === undefined ? join(home, '.aws', 'login', 'cache') : expandUser(expandVariables(folder, recorder), home);
  return join(cache, `${createHash('sha256').update(session).digest('hex')}.json`);
}

/** Reads the file again. Only the last read is recorded: after a renewal it is still the same login. */
async function readLogin(path: string, { profile }: LoginSource, { recorder }: PlannedMint): Promise<LoginFile> {
  const read = await recorder.readFile(path, { again: true });
  if (read.state === 'unreadable') throw new Undecidable(`${path} cannot be read (${read.code})`);
  if (read.state !== 'file') {
    const message = `There is no login for the profile "${profile}" (${path} does not exist).`;
    throw new EKSAuthError('SESSION_EXPIRED', message, {
      remedy: command`Log in: \`aws login --profile ${profile}\`.`,
    });
  }
  const content = parseCLIFile(path, read.bytes.toString('utf8'));
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt, accountId } = isMapping(content.accessToken)
    ? content.accessToken
    : ({} as Mapping);
  const ends = typeof expiresAt === 'string' ? parseTimestamp(expiresAt) : undefined;
  if (
    typeof accessKeyId !== 'string' ||
    typeof secretAccessKey !== 'string' ||
    typeof sessionToken !== 'string' ||
    !ends ||
    accountId === undefined ||
    REQUIRED.some((name) => content[name] === undefined)
  ) {
    throw new Undecidable(`${path} is not what the AWS CLI writes there`);
  }
  const margin = readDPoPKey(content.dpopKey) ? RENEWAL_MARGIN_MS : MANDATORY_MARGIN_MS;
  return {
    content,
    credentials: { accessKeyId, secretAccessKey, sessionToken, expiresAt: ends },
    renewedFrom: new Date(ends.getTime() - margin),
  };
}
