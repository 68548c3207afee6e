import { EKSAuthError } from '../../errors.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { shareCredentials } from '../context/share-credentials.ts';
import { cliCacheFile } from '../plan/assume-role-source.ts';
import type { WebIdentitySource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { generatedSessionName, keepInCLICache } from './assume-role.ts';
import { readCLICache } from './cli-cache.ts';
import { assumeRoleWithWebIdentity } from './sts-client.ts';

/** The length of the shortest token that STS accepts. The CLI does not send a shorter one. */
const SHORTEST_TOKEN = 4;

/** IRSA and the like: a token in a file, exchanged for the credentials of a role. */
export async function webIdentityRole(source: WebIdentitySource, mint: PlannedMint): Promise<Credentials> {
  const { roleArn, sessionName } = source;
  // A release that names the cache file after the token reads the token first.
  const known = source.cliCache?.byToken ? await readToken(source.tokenFile, mint) : undefined;
  const cache = cacheFile(source, known);
  const cached = await readCLICache(cache, mint);
  if (cached) return cached;
  const token = known ?? (await readToken(source.tokenFile, mint));
  const input = {
    RoleArn: roleArn,
    RoleSessionName: sessionName ?? generatedSessionName(mint.now()),
    WebIdentityToken: token,
  };
  const parts = ['web-identity', mint.sts, roleArn, sessionName ?? 'generated', token];
  return shareCredentials(mint, parts, async () =>
    keepInCLICache(cache, await assumeRoleWithWebIdentity(mint, input), mint),
  );
}

function cacheFile({ cliCache, roleArn, sessionName }: WebIdentitySource, token?: string): string | undefined {
  if (cliCache === undefined) return undefined;
  const named = sessionName === undefined ? {} : { sessionName };
  return cliCacheFile(cliCache.home, { roleArn, ...named, ...(token !== undefined && { webIdentityToken: token }) });
}

async function readToken(path: string, { recorder }: PlannedMint): Promise<string> {
  const read = await recorder.readFile(path);
  if (read.state !== 'file') {
    throw new EKSAuthError('NO_CREDENTIALS', `The web identity token file ${path} cannot be read (${read.code}).`, {
      remedy: 'Mount the service account token there, or correct AWS_WEB_IDENTITY_TOKEN_FILE.',
    });
  }
  const token = read.bytes.toString('utf8');
  if (token.length < SHORTEST_TOKEN) throw new Undecidable(`${path} holds no token`);
  return token.replace(/\r\n?/g, '\n');
}
