import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { WebIdentitySource } from '../plan/plan.ts';
import { Undecidable } from '../undecidable.ts';
import { generatedSessionName, keep, stsAccess } from './assume-role.ts';
import { readCLICache } from './cli-cache.ts';
import type { CredentialContext } from './context.ts';
import type { Credentials } from './credentials.ts';
import { assumeRoleWithWebIdentity } from './sts-client.ts';

/** STS takes nothing shorter, and the CLI does not ask it to. */
const SHORTEST_TOKEN = 4;

/** IRSA and its kin: a token in a file, exchanged for the credentials of a role. */
export async function webIdentityRole(source: WebIdentitySource, context: CredentialContext): Promise<Credentials> {
  const cached = await readCLICache(source.cliCache, context);
  if (cached) return cached;
  const { roleArn, sessionName } = source;
  const token = await readToken(source.tokenFile, context);
  const input = {
    RoleArn: roleArn,
    RoleSessionName: sessionName ?? generatedSessionName(context.now()),
    WebIdentityToken: token,
  };
  const parts = ['web-identity', context.sts, roleArn, sessionName ?? 'generated', token];
  return context.memory.credentials.get(parts, context.now, async () =>
    keep(source.cliCache, await assumeRoleWithWebIdentity(stsAccess(context, context.plan.profile), input), context),
  );
}

async function readToken(tokenFile: string, { reading }: CredentialContext): Promise<string> {
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
