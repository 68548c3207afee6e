/** What JSON calls an object and YAML a mapping. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value that was read from a file or an answer is a mapping. A list is not. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping in a JSON text. Undefined if the text is not JSON or holds another kind of value. */
export function parseMapping(text: string): Mapping | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is JSON of any kind. */
export function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
