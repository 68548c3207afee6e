import type { Reads } from '../../recording/read-facts.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { AWSProfiles } from '../ini/profiles.ts';

/** What a plan depends on besides variables. The texts of the AWS files are in `files`: other text is another object. */
export interface PlanQuestion {
  readonly args: readonly string[];
  readonly files: AWSProfiles;
}

interface KnownPlan<P> extends Pick<PlanQuestion, 'files'> {
  readonly reads: Reads;
  readonly plan: P;
}

/** How many lists of arguments have plans: those of 16 accounts in 16 regions, which discovery asks at once. */
const KEPT = 256;
/** How many plans a list of arguments has: the variables of stanzas may differ. */
const KEPT_OF_EACH = 4;

/** A plan depends on whether there are keys, not on which: rotated keys have the same plan. */
const KEYS: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
]);

/** The plans of the last questions, each with the variables that it read: one is taken again while they are the same. */
export class KnownPlans<P> {
  readonly #known = new Map<string, readonly KnownPlan<P>[]>();

  /** The plan for the same question and the same variables. The variables then count as read by this mint, too. */
  find({ args, files }: PlanQuestion, recorder: Recorder): P | undefined {
    const known = this.#known.get(keyOf(args))?.filter((one) => one.files === files);
    return known?.find(({ reads }) => recorder.readsAgain(reads, isSameValue))?.plan;
  }

  add({ args, files }: PlanQuestion, recorder: Recorder, plan: P): void {
    // An argument such as `file://…` is read from a file, which may change. Its plan is not kept.
    if (args.some((arg) => arg.includes('://'))) return;
    const { variables, expanded } = recorder.reads();
    const values = [...variables].map(([name, value]) => [name, KEYS.has(name) ? presence(value) : value] as const);
    const reads = { variables: new Map(values), expanded };
    const key = keyOf(args);
    this.#known.set(key, [{ files, reads, plan }, ...(this.#known.get(key) ?? [])].slice(0, KEPT_OF_EACH));
    const [oldest = key] = this.#known.keys();
    if (this.#known.size > KEPT) this.#known.delete(oldest);
  }
}

function keyOf(args: readonly string[]): string {
  return JSON.stringify(args);
}

function isSameValue(name: string, known: string | undefined, value: string | undefined): boolean {
  return known === (KEYS.has(name) ? presence(value) : value);
}

function presence(value: string | undefined): string | undefined {
  return value && 'set';
}
