import { EKSAuthError } from '../errors.ts';
import { type Check, enumerated, nameOf, nearTo, publicNames, type Schema, type Wrong } from './checks.ts';

/** Another argument of the same call, by its position in words: `second`. */
export interface OtherArgument {
  readonly position: string;
  readonly schema: object;
}

/**
 * Refuses names that are not options, and values of another type. An option that is undefined counts as left out.
 * @param owner - the function or class that takes the options, by the name that its users know
 * @param other - an argument that has options, too: an option that belongs there is refused with its place
 * @throws EKSAuthError INVALID_CONFIG, with the nearest name, and what is allowed
 */
export function checkOptions<Options extends object>(
  owner: string,
  options: Options,
  schema: Schema<Options>,
  other?: OtherArgument,
): void {
  const given: unknown = options;
  const checks: Readonly<Record<string, Check>> = schema;
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Promise) {
    throw invalid(
      `The options of ${owner} are ${nameOf(given)}, not an object.`,
      `Pass an object. ${remedyFor(checks)}`,
    );
  }
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined && other && Object.hasOwn(other.schema, name)) {
      throw invalid(
        `${owner} takes the option ${JSON.stringify(name)} in its ${other.position} argument.`,
        `Move it there: { ${name} } is part of the ${other.position} argument of ${owner}.`,
      );
    }
    if (check === undefined) {
      throw invalid(`${owner} has no option ${JSON.stringify(name)}.${nearTo(name, checks)}`, remedyFor(checks));
    }
    const wrong = value === undefined ? undefined : check.find(value);
    if (wrong) throw mistaken(`option ${name}${wrong.at}`, owner, wrong);
  }
}

/**
 * Refuses an argument of another type.
 * @param name - of the argument
 * @throws EKSAuthError INVALID_CONFIG, with what is allowed
 */
export function checkArgument(owner: string, name: string, value: unknown, check: Check): void {
  const wrong = check.find(value);
  if (wrong) throw mistaken(`argument ${name}${wrong.at}`, owner, wrong);
}

function mistaken(place: string, owner: string, { what, allowed }: Wrong): EKSAuthError {
  return invalid(`The ${place} of ${owner} ${what}`, `Pass ${allowed}.`);
}

function invalid(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}

function remedyFor(checks: Readonly<Record<string, Check>>): string {
  const names = publicNames(checks);
  return names.length === 1 ? `The only option is ${names[0]}.` : `The options are ${enumerated(names)}.`;
}
