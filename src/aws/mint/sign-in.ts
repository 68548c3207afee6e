import { readFile } from 'node:fs/promises';
import { type Host, withEnvironment } from '../../host.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { mintContext } from '../context/mint-context.ts';
import type { CredentialSource } from '../plan/plan.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { decidePlan } from './decide-plan.ts';

/** Where the credentials of a configuration come from, and until when a person has signed in. */
export interface SignIn {
  /** In words: `environment`, `sso`, `assume-role from credentials-file`. */
  readonly source: string;
  /** Absent if the credentials need no login. */
  readonly sso?: { readonly profile: string; readonly expiresAt: Date | undefined };
}

/**
 * Reads off the AWS files where the credentials come from; runs no program and sends no request.
 * @returns undefined where only the original command knows
 * @throws EKSAuthError for files that no AWS tool can read
 */
export async function readSignIn(config: EKSAuthConfig, host: Host): Promise<SignIn | undefined> {
  if (config.command.tool !== 'aws' || config.command.through) return undefined;
  const own = withEnvironment(host, config.exec.env.toEnvironment());
  const source = await decidePlan(mintContext({ config, host: own, programs: false })).then(
    ({ plan }) => plan.source,
    (error: Error) => {
      if (error.name === 'EKSAuthError') throw error;
      return undefined;
    },
  );
  if (!source) return undefined;
  const sources = [...chain(source)];
  const sso = sources.find((one) => one.kind === 'sso');
  const words = sources.map(({ kind }) => kind).join(' from ');
  if (!sso) return { source: words };
  return { source: words, sso: { profile: sso.profile, expiresAt: await expiryOf(sso.tokenFile) } };
}

function* chain(source: CredentialSource): Generator<CredentialSource> {
  yield source;
  if (source.kind === 'assume-role') yield* chain(source.from);
}

async function expiryOf(tokenFile: string): Promise<Date | undefined> {
  try {
    return parseTimestamp(String(JSON.parse(await readFile(tokenFile, 'utf8')).expiresAt));
  } catch {
    return undefined;
  }
}
