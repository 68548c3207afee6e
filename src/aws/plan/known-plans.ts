import type { Reads } from '../../recording/read-facts.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { AWSProfiles } from '../ini/profiles.ts';

/** What a plan depends on besides variables. The texts of the AWS files are in `files`: other text is another object. */
export interface PlanQuestion {
  readonly args: readonly string[];
  readonly files: AWSProfiles;
}

interface KnownPlan<P> extends PlanQuestion {
  readonly reads: Reads;
  readonly plan: P;
}

/** Enough for a service with a few clusters; a fleet plans again, which takes some microseconds. */
const KEPT = 32;

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
  readonly #known: KnownPlan<P>[] = [];

  /** The plan for the same question and the same variables. The variables then count as read by this mint, too. */
  find(question: PlanQuestion, recorder: Recorder): P | undefined {
    return this.#known.find((known) => isSame(known, question) && recorder.readsAgain(known.reads, isSameValue))?.plan;
  }

  add(question: PlanQuestion, recorder: Recorder, plan: P): void {
    // An argument such as `file://…` is read from a file, which may change. Its plan is not kept.
    if (question.args.some((arg) => arg.includes('://'))) return;
    const { variables, expanded } = recorder.reads();
    const values = [...variables].map(([name, value]) => [name, KEYS.has(name) ? presence(value) : value] as const);
    this.#known.unshift({ ...question, reads: { variables: new Map(values), expanded }, plan });
    this.#known.length = Math.min(this.#known.length, KEPT);
  }
}

function isSame(one: PlanQuestion, other: PlanQuestion): boolean {
  if (one.files !== other.files || one.args.length !== other.args.length) return false;
  return one.args.every((arg, at) => arg === other.args[at]);
}

function isSameValue(name: string, known: string | undefined, value: string | undefined): boolean {
  return known === (KEYS.has(name) ? presence(value) : value);
}

function presence(value: string | undefined): string | undefined {
  return value && 'set';
}
