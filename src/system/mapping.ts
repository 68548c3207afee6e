/** What JSON calls an object and YAML a mapping. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value that was read from a file or an answer is a mapping: a list is none. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping that a JSON text holds; undefined for a text that is no JSON, or holds something else. */
export function parseMapping(text: string): Mapping | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is JSON, whatever it holds. */
export function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
