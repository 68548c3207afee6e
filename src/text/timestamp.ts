/**
 * A point in time as AWS files and answers write it: ISO 8601 with a zone, which may be spelled `UTC`. `undefined` for
 * anything else, above all for times without a zone.
 */
export function parseTimestamp(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s?(Z|UTC|[+-]\d\d:?\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [, day, time, fraction = '', zone = 'Z'] = parts;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  // Date accepts a day or an hour that does not exist. The AWS CLI fails there.
  const named = new Date(`${day}T${time}Z`);
  if (Number.isNaN(named.getTime()) || named.toISOString().slice(0, 19) !== `${day}T${time}`) return undefined;
  const date = new Date(`${day}T${time}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
