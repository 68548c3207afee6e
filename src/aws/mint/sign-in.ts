import { type Host, withEnvironment } from '../../host.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { isMapping } from '../../system/mapping.ts';
import { readText } from '../../system/read-file.ts';
import { parseTimestamp } from '../../text/timestamp.ts';
import { mintContext } from '../context/mint-context.ts';
import { loginFile } from '../credentials/login.ts';
import type { CredentialSource } from '../plan/plan.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { decidePlan } from './decide-plan.ts';

/** Where the credentials of a configuration come from, and until when a person has logged in. */
export interface SignIn {
  /** In words: `environment`, `sso`, `assume-role from credentials-file`. */
  readonly source: string;
  /** Absent if the credentials need no login. */
  readonly login?: Login;
  /** The profile of AWS_PROFILE, which counts for nothing because the environment has keys. */
  readonly overridden?: string;
}

/** A login that only a person can make: `aws sso login` or `aws login`. */
export interface Login {
  readonly kind: 'sso' | 'login';
  readonly profile: string;
  /** Where the AWS CLI keeps it. */
  readonly file: string;
  /** Of IAM Identity Center. */
  readonly startUrl?: string;
  /** Undefined without a login. */
  readonly expiresAt: Date | undefined;
  /** The login is renewed without a person until its session ends, at a time that no file tells. */
  readonly renews: boolean;
}

/**
 * Reads from the AWS files where the credentials come from. It runs no program and sends no request.
 * @returns undefined where only the original command knows
 * @throws EKSAuthError for files that no AWS tool can read
 */
export async function readSignIn(config: EKSAuthConfig, host: Host): Promise<SignIn | undefined> {
  if (config.command.tool !== 'aws' || config.command.through) return undefined;
  const own = withEnvironment(host, config.exec.env.toEnvironment());
  const context = mintContext({ config, host: own, programs: false });
  const plan = await decidePlan(context).then(
    (decided) => decided.plan,
    (error: Error) => {
      if (error.name === 'EKSAuthError') throw error;
      return undefined;
    },
  );
  if (!plan) return undefined;
  const { profile, source } = plan;
  const sources = [...chain(source)];
  const words = sources.map(({ kind }) => kind).join(' from ');
  for (const one of sources) {
    const login = await loginOf(one, context.recorder);
    if (login) return { source: words, login };
  }
  return { source: words, ...(source.kind === 'environment' && profile !== undefined && { overridden: profile }) };
}

function* chain(source: CredentialSource): Generator<CredentialSource> {
  yield source;
  if (source.kind === 'assume-role') yield* chain(source.from);
}

async function loginOf(source: CredentialSource, recorder: Recorder): Promise<Login | undefined> {
  if (source.kind === 'sso') {
    const { profile, startUrl, tokenFile: file } = source;
    return { kind: 'sso', profile, startUrl, file, ...(await lifeOf(file, (content) => content)) };
  }
  if (source.kind !== 'login') return undefined;
  const file = loginFile(source.session, recorder);
  const life = await lifeOf(file, ({ accessToken, refreshToken }) => ({ ...Object(accessToken), refreshToken }));
  return { kind: 'login', profile: source.profile, file, ...life };
}

type Content = Readonly<Record<string, unknown>>;

async function lifeOf(file: string, read: (content: Content) => Content): Promise<Pick<Login, 'expiresAt' | 'renews'>> {
  try {
    const content: unknown = JSON.parse(await readText(file));
    const { expiresAt, refreshToken } = isMapping(content) ? read(content) : {};
    return { expiresAt: parseTimestamp(String(expiresAt)), renews: typeof refreshToken === 'string' };
  } catch {
    return { expiresAt: undefined, renews: false };
  }
}
