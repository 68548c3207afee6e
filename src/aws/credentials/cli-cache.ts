import { dirname } from 'node:path';
import type { RecordedFile } from '../../recording/recording.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import type { Credentials } from '../context/credentials.ts';
import type { MintContext } from '../context/mint-context.ts';
import { notOfCLI, parseCLIFile } from './cli-file.ts';

/** The CLI takes its own cached credentials only while they live at least this long. */
const CLI_CACHE_MARGIN_MS = 15 * 60 * 1000;

/**
 * The credentials that the AWS CLI keeps in `path`, if they live long enough. The recording says until when.
 * @throws Undecidable for a file that the CLI would fail to read
 */
export async function readCLICache(
  path: string | undefined,
  { recorder, now }: MintContext,
): Promise<Credentials | undefined> {
  if (path === undefined) return undefined;
  const read = await recorder.readFile(path);
  if (read.state !== 'file') return undefined;
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentialsIn(path, read.bytes.toString('utf8'));
  const expiresAt = typeof Expiration === 'string' ? parseTimestamp(Expiration) : undefined;
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || !expiresAt) throw notOfCLI(path);
  if (typeof SessionToken !== 'string') throw notOfCLI(path);
  const goodUntil = new Date(expiresAt.getTime() - CLI_CACHE_MARGIN_MS);
  if (goodUntil < now()) return undefined;
  recorder.validUntil(goodUntil);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiresAt };
}

function credentialsIn(path: string, text: string): Mapping {
  const { Credentials } = parseCLIFile(path, text);
  return isMapping(Credentials) ? Credentials : {};
}

/**
 * Writes credentials to the file in which the AWS CLI looks for them, as the CLI itself does. The next `aws` command
 * and the next mint of any process then need no request. If the file cannot be written, that is not a failure. If entries are
 * encrypted, nothing is written: the files of the CLI are in clear.
 */
export async function writeCLICache(
  path: string | undefined,
  content: object,
  { recorder, logger, sealed }: MintContext,
): Promise<RecordedFile | undefined> {
  if (path === undefined || sealed) return undefined;
  try {
    await makeFolder(dirname(path));
    return await recorder.writeFile(path, JSON.stringify(content));
  } catch (error) {
    logger.debug('credentials not kept for the AWS CLI', { path, reason: (error as NodeJS.ErrnoException).code });
    return undefined;
  }
}
