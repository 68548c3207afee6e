import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import type { WebIdentitySource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { generatedSessionName, keep } from './assume-role.ts';
import { readCLICache } from './cli-cache.ts';
import { assumeRoleWithWebIdentity } from './sts-client.ts';

/** STS takes nothing shorter, and the CLI does not ask it to. */
const SHORTEST_TOKEN = 4;

/** IRSA and its kin: a token in a file, exchanged for the credentials of a role. */
export async function webIdentityRole(source: WebIdentitySource, mint: PlannedMint): Promise<Credentials> {
  const cached = await readCLICache(source.cliCache, mint);
  if (cached) return cached;
  const { roleArn, sessionName } = source;
  const token = await readToken(source.tokenFile, mint);
  const input = {
    RoleArn: roleArn,
    RoleSessionName: sessionName ?? generatedSessionName(mint.now()),
    WebIdentityToken: token,
  };
  const parts = ['web-identity', mint.sts, roleArn, sessionName ?? 'generated', token];
  return mint.memory.credentials.get(parts, mint.now, async () =>
    keep(source.cliCache, await assumeRoleWithWebIdentity(mint, input), mint),
  );
}

async function readToken(tokenFile: string, { reading }: PlannedMint): Promise<string> {
  await reading(tokenFile);
  const path = resolve(tokenFile);
  const token = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new EKSAuthError('NO_CREDENTIALS', `The web identity token file ${path} cannot be read (${error.code}).`, {
      remedy: 'Mount the service account token there, or correct AWS_WEB_IDENTITY_TOKEN_FILE.',
      cause: error,
    });
  });
  if (token.length < SHORTEST_TOKEN) throw new Undecidable(`${path} holds no token`);
  return token.replace(/\r\n?/g, '\n');
}
