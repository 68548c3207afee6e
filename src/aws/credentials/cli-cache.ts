import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../host.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import type { MintContext } from '../context/mint-context.ts';
import { notOfCLI, parseCLIFile } from './cli-file.ts';

/** The CLI takes its own cached credentials only while they live at least this long. */
const CLI_CACHE_MARGIN_MS = 15 * 60 * 1000;

/**
 * The credentials that the AWS CLI keeps in `path`, if they are still good. The file decides the identity only where
 * they are: so it is looked at, then declared as read, then read.
 * @throws Undecidable for a file that the CLI would stumble over
 */
export async function readCLICache(
  path: string | undefined,
  { now, reading }: MintContext,
): Promise<Credentials | undefined> {
  if (path === undefined || !(await readLiving(path, now()))) return undefined;
  await reading(path);
  return readLiving(path, now());
}

async function readLiving(path: string, now: Date): Promise<Credentials | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentialsIn(path, text);
  const expiresAt = typeof Expiration === 'string' ? parseTimestamp(Expiration) : undefined;
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || !expiresAt) throw notOfCLI(path);
  if (typeof SessionToken !== 'string') throw notOfCLI(path);
  if (expiresAt.getTime() - now.getTime() < CLI_CACHE_MARGIN_MS) return undefined;
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiresAt };
}

function credentialsIn(path: string, text: string): Mapping {
  const { Credentials } = parseCLIFile(path, text);
  return isMapping(Credentials) ? Credentials : {};
}

/**
 * Keeps credentials where the AWS CLI looks for them, as it does itself: the next `aws` command, and the next mint of
 * any process, then need no call. Failing to write is no failure.
 */
export async function writeCLICache(path: string | undefined, content: object, logger: Logger): Promise<void> {
  if (path === undefined) return;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, JSON.stringify(content), { mode: 0o600 });
  } catch (error) {
    logger.debug('credentials not kept for the AWS CLI', { path, reason: (error as NodeJS.ErrnoException).code });
  }
}
