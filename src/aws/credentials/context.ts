import type { Environment, Logger } from '../../host.ts';
import type { SingleFlight } from '../../system/single-flight.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { HTTPTransport } from '../http/transport.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { CredentialSource, Plan } from '../plan/plan.ts';
import type { Found } from './credentials.ts';
import type { SharedCredentials } from './shared-credentials.ts';

/** What the mints of one process share of credentials. */
export interface CredentialMemory {
  readonly credentials: SharedCredentials;
  /** Work that is under way for several mints: a program, the renewal of a login. */
  readonly flights: SingleFlight;
}

/** What a source may need besides itself. */
export interface CredentialContext {
  readonly plan: Plan;
  readonly sts: STSEndpoint;
  readonly env: Environment;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly files: AWSProfiles;
  readonly reading: (path: string) => Promise<void>;
  readonly transport: HTTPTransport;
  readonly memory: CredentialMemory;
  readonly signal?: AbortSignal | undefined;
  /** Whether programs may be started. */
  readonly programs: boolean;
  /** Whether a program may read from our standard input. */
  readonly terminal: boolean;
  readonly mfaCode?: ((serial: string) => Promise<string>) | undefined;
  /** Gets the credentials of another source: a role needs those of who assumes it. */
  readonly resolve: (source: CredentialSource) => Promise<Found>;
}
