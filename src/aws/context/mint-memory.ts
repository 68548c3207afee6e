import { SingleFlight } from '../../system/single-flight.ts';
import { type AWSGates, GATES_OF_PROCESS } from '../gate/gates.ts';
import { KnownProfiles } from '../ini/known-profiles.ts';
import { KnownPlans } from '../plan/known-plans.ts';
import type { Plan } from '../plan/plan.ts';
import { KnownPrograms } from '../program/known-programs.ts';
import { SigningKeyring } from '../sign/signing-keyring.ts';
import { KnownSTSClients } from '../sts/known-sts-clients.ts';
import { SharedCredentials } from './shared-credentials.ts';

/** What the mints of one process share. Each part is a class in the folder that uses it. */
export class MintMemory {
  /** Plans of stanzas for which all versions of the CLI agree. */
  readonly plans: KnownPlans<Plan> = new KnownPlans();
  readonly profiles: KnownProfiles = new KnownProfiles();
  readonly programs: KnownPrograms = new KnownPrograms();
  readonly credentials: SharedCredentials = new SharedCredentials();
  /** Work that is under way for several mints: a program, the renewal of a login. */
  readonly flights: SingleFlight = new SingleFlight();
  readonly keyring: SigningKeyring = new SigningKeyring();
  readonly stsClients: KnownSTSClients = new KnownSTSClients();
  readonly gates: AWSGates;

  /** @param gates default: those of the process */
  constructor(gates: AWSGates = GATES_OF_PROCESS) {
    this.gates = gates;
  }
}
