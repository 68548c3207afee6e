import type { Random } from './random.ts';

/** Numbers, words and bytes that break a reader which takes them for granted. */
const STRANGE = [
  '',
  '-',
  '0',
  '00',
  '-1',
  '+5',
  '1e9',
  '0x10',
  '099',
  '1 + 1',
  '9999999999',
  '99999999999999999999',
  '2147483648',
  '9'.repeat(400),
  '$(exit 1)',
  '`exit 1`',
  '${HOME}',
  '*',
  '?',
  '..',
  '/',
  '%',
  '%41',
  '\\',
  '\\n',
  "'",
  '"',
  '=',
  ';',
  '|',
  'n',
  'nu',
  'ru',
  'u',
  '1',
  '3',
  'a'.repeat(5000),
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\x80',
  '\xff\xfe',
];

/** The fields of the uptime, and of the clock: its moment at the mint and at the end. Both stay apart by a life. */
const TIMES = [
  [6, 7],
  [8, 9],
] as const;

/** One entry after something went wrong with it; `others` are whole entries of other kinds. Latin-1. */
export function damaged(entry: string, others: readonly string[], random: Random): string {
  let text = entry;
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times -= 1) text = once(text, others, random);
  return text;
}

function once(text: string, others: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const until = at + random.below(random.pick([2, 20, 400]));
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(until);
    case 2:
      return text.slice(0, at) + random.pick(STRANGE) + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 4:
      return text.slice(0, at) + text.slice(at, until) + text.slice(at);
    case 5: {
      const other = random.pick(others);
      // Not at the same place: half of one whole entry and half of another may be a third one.
      return text.slice(0, at) + other.slice(random.below(at + 1));
    }
    case 6:
      return text + random.pick([text, random.pick(others), ...STRANGE]);
    default:
      return inFields(text, others, random);
  }
}

/** Changes one of the fields that say whose token it is and how long it lives. */
function inFields(text: string, others: readonly string[], random: Random): string {
  const fields = text.split(';');
  const at = random.below(fields.length);
  const other = random.pick(others).split(';');
  const strange = random.pick(STRANGE);
  const number = Number(fields[at]);
  switch (random.below(6)) {
    case 0:
      fields[at] = strange;
      break;
    case 1:
      fields[at] = other[at] ?? strange;
      break;
    case 2:
      [fields[at], fields[0]] = [fields[0] ?? '', fields[at] ?? ''];
      break;
    case 3:
      fields.splice(at, 1, ...(random.chance(0.5) ? [] : [fields[at] ?? '', fields[at] ?? '']));
      break;
    // Shells that calculate with 32 bits see no change.
    case 4:
      for (const time of random.pick(TIMES)) fields[time] = `${Number(fields[time]) + 2 ** 32}`;
      break;
    default:
      fields[at] = Number.isNaN(number) ? strange : `${number + random.pick([-1, 1, 60, -60, 86_400, -86_400, 1e9])}`;
  }
  return fields.join(';');
}
