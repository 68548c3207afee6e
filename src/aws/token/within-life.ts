import { lifetime } from '../../cache/rules.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { command, own, sentence } from '../../text/sentence.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { profileInForce } from '../stanza/profile-in-force.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { clusterLabel } from './shared-entry.ts';
import type { ObtainedToken, TokenSource } from './token-request.ts';

/** A token as it was signed. */
export interface SignedToken {
  readonly token: string;
  readonly mintedAt: Date;
  readonly credentialsExpireAt?: Date;
  /** The end that the original command claimed. It can make the life of a token shorter, not longer. */
  readonly claimedEnd?: Date | undefined;
}

/** Whose token it is, and how it came about. */
export interface Origin {
  readonly job: {
    readonly config: EKSAuthConfig;
    readonly host: Host;
    readonly marginSeconds: number;
    readonly given?: GivenCredentials;
  };
  readonly via: TokenSource;
  readonly isCurrent: () => Promise<boolean>;
}

/**
 * The token with the end that clients are told, and whether it lives long enough to be shared.
 * @throws EKSAuthError SESSION_EXPIRED where its credentials have ended
 */
export function withinLife(signed: SignedToken, { job, via, isCurrent }: Origin): ObtainedToken {
  const { token, mintedAt } = signed;
  const { tellUntil, endsAt } = lifetime(mintedAt, signed.credentialsExpireAt);
  const now = job.host.now().getTime();
  const claimed = signed.claimedEnd?.getTime() ?? Number.POSITIVE_INFINITY;
  const told = Math.min(tellUntil.getTime(), claimed);
  const end = Math.min(endsAt.getTime(), claimed);
  if (end <= now) throw ended(job, new Date(end));
  const shared = told - now >= job.marginSeconds * 1000;
  return { token, mintedAt, expiresAt: new Date(shared ? told : end), shared, via, isCurrent };
}

function ended({ config, host, given }: Origin['job'], at: Date): EKSAuthError {
  const profile = given?.credentials ? undefined : profileInForce(config, host.env);
  const login = profile === undefined ? own('`aws sso login`') : command`\`aws sso login --profile ${profile}\``;
  return new EKSAuthError(
    'SESSION_EXPIRED',
    `The AWS credentials for ${clusterLabel(config)} ended at ${at.toISOString()}.`,
    { remedy: sentence`Get new ones: ${login}, or whatever made the temporary keys.` },
  );
}
