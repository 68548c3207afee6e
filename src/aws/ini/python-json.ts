/**
 * `json.dumps()` of a flat object with sorted keys: non-ASCII characters are escaped. The AWS CLI hashes this text for
 * the names of its cache files, so each blank counts.
 * @param style - `spaced` is Python's default; `compact` is `separators=(',', ':')`
 */
export function pythonJSON(
  values: Readonly<Record<string, string | number | undefined>>,
  style: 'spaced' | 'compact',
): string {
  const [comma, colon] = style === 'spaced' ? [', ', ': '] : [',', ':'];
  const fields = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${ascii(JSON.stringify(key))}${colon}${ascii(JSON.stringify(value))}`);
  return `{${fields.join(comma)}}`;
}

function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
