import { load } from 'js-yaml';

interface Exec {
  readonly command: unknown;
  readonly args?: readonly unknown[] | null;
  readonly installHint?: unknown;
  readonly interactiveMode?: unknown;
  readonly env?: unknown;
  readonly apiVersion?: unknown;
}
interface Parsed {
  readonly users: { readonly name: unknown; readonly user: { readonly exec: Exec } }[];
}

/** Another reader of YAML than the one that edits. */
export function read(text: string): Parsed {
  return load(text.replace(/^\uFEFF/, '')) as Parsed;
}

/** The exec of a user as that reader sees it. */
export function execOf(text: string, name: string): Exec {
  const user = read(text).users.find((one) => String(one.name) === name);
  if (!user) throw new Error(`no user ${name}`);
  return user.user.exec;
}

/** Everything but the exec of these users. */
export function restOf(text: string, names: readonly string[]): unknown {
  const parsed = read(text);
  const users = parsed.users.map((one) =>
    names.includes(String(one.name)) ? { ...one, user: { ...one.user, exec: 0 } } : one,
  );
  return { ...parsed, users };
}

/** The lines that two texts do not share, as many as there are in the second. */
export function newLines(before: string, after: string): string[] {
  const known = new Map<string, number>();
  for (const line of before.split('\n')) known.set(line, (known.get(line) ?? 0) + 1);
  return after.split('\n').filter((line) => {
    const left = known.get(line) ?? 0;
    known.set(line, left - 1);
    return left <= 0;
  });
}
