import type { Environment } from '../../host.ts';
import type { AWSProfiles } from '../ini/profiles.ts';

/** Everything that plans depend on. The texts of the AWS files are in `files`: other text is another object. */
export interface PlanQuestion {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly files: AWSProfiles;
  /** Relative paths start here. */
  readonly folder: string;
}

/** Enough for a service with a few clusters; a fleet plans anew, which takes some microseconds. */
const KEPT = 32;

const KEYS: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
]);

/** The plans of the last questions, so that one cluster's next token is not planned again while nothing has changed. */
export class KnownPlans<Plans> {
  readonly #known: { readonly question: PlanQuestion; readonly plans: Plans }[] = [];

  find(question: PlanQuestion): Plans | undefined {
    return this.#known.find((known) => isSame(known.question, question))?.plans;
  }

  add(question: PlanQuestion, plans: Plans): void {
    // No value that is read from a file of its own: that file may change.
    if (question.args.some((arg) => arg.includes('://'))) return;
    // Temporary keys that come by the environment are others each time: nobody asks with those of before again.
    const outdated = this.#known.findIndex((known) => isSame(withoutKeys(known.question), withoutKeys(question)));
    if (outdated >= 0) this.#known.splice(outdated, 1);
    // A copy: the process's own environment, say, is one object whatever happens to it.
    this.#known.unshift({ question: { ...question, env: { ...question.env } }, plans });
    this.#known.length = Math.min(this.#known.length, KEPT);
  }
}

function withoutKeys(question: PlanQuestion): PlanQuestion {
  const env = Object.fromEntries(Object.entries(question.env).filter(([name]) => !KEYS.has(name)));
  return { ...question, env };
}

function isSame(one: PlanQuestion, other: PlanQuestion): boolean {
  if (one.files !== other.files || one.folder !== other.folder || one.args.length !== other.args.length) return false;
  return one.args.every((arg, at) => arg === other.args[at]) && isSameEnvironment(one.env, other.env);
}

function isSameEnvironment(one: Environment, other: Environment): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
