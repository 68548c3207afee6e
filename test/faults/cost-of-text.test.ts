import { describe, expect, it } from 'vitest';
import { INISyntaxError, parseINI } from '../../src/aws/ini/raw-config-parser.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { parseKubeconfig } from '../../src/kubeconfig/read/parse-kubeconfig.ts';
import { blankSecrets } from '../../src/text/blank-secrets.ts';
import { ForeignText, forModel, forTerminal } from '../../src/text/foreign-text.ts';

const HEAD = 'apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n';
const lines = (line: (index: number) => string) => (size: number) =>
  Array.from({ length: size }, (_, index) => line(index)).join('\n');
const repeated = (part: string) => (size: number) => part.repeat(size);

/** Each parser that meets texts from outside, with shapes of text that grow by their size, and the size to begin with. */
const PARSERS: readonly (readonly [
  string,
  (text: string) => unknown,
  number,
  Readonly<Record<string, (size: number) => string>>,
])[] = [
  [
    'parseKubeconfig',
    (text) => parseKubeconfig(text, { place: 'a text' }),
    2_000,
    {
      'keys of one mapping': lines((index) => (index === 0 ? HEAD : `k${index.toString(36)}: 1`)),
      contexts: (size) => `contexts:\n${lines((index) => `- {name: c${index}, context: {cluster: a}}`)(size)}`,
      'a list': (size) => `${HEAD}x: [${repeated('a, ')(size)}a]`,
      'depth of flow': (size) => `${HEAD}x: ${'['.repeat(Math.min(size / 20, 400))}`,
      'a long scalar': (size) => `${HEAD}x: "${'a\\n'.repeat(size)}"`,
      comments: (size) => `${HEAD}${lines(() => '# comment')(size)}`,
      blanks: (size) => `${HEAD}x: ${' '.repeat(size)}y`,
    },
  ],
  [
    'parseINI',
    parseINI,
    20_000,
    {
      'a line of blanks': (size) => `[a]\nb${' '.repeat(size)}c`,
      'blanks before the sign': (size) => `[a]\nb${' '.repeat(size)}= c`,
      'blanks at the end': (size) => `[a]\nb = c${' '.repeat(size)}d`,
      keys: (size) => `[a]\n${lines((index) => `k${index} = v`)(size / 10)}`,
      sections: lines((index) => `[s${index}]`),
      brackets: (size) => `[${'['.repeat(size)}`,
    },
  ],
  [
    'blankSecrets',
    blankSecrets,
    20_000,
    {
      dashes: repeated('-'),
      letters: repeated('a'),
      'a flag of dashes and letters': repeated('-a'),
      'the start of a key': repeated('-----BEGIN A'),
      'the start of a JWT': repeated('-eyJ'),
      'schemes without an end': repeated('://a:'),
      'names of secrets': repeated('secret '),
      'names and blanks': (size) => `secret${' '.repeat(size)}`,
      'names and backslashes': (size) => `secret${'\\'.repeat(size)}`,
      quotes: repeated(`secret: "\\`),
      bearers: repeated('Bearer '),
      'letters of base64': repeated('aB1/'),
    },
  ],
  ['forTerminal', (text) => forTerminal(text), 20_000, { escapes: repeated('\u001b['), letters: repeated('a') }],
  ['forModel', (text) => forModel(new ForeignText(text)), 20_000, { letters: repeated('a'), users: repeated('://') }],
];

/** The least CPU time of several runs, in microseconds, of parsing until the clock can see it. */
function costOf(parse: (text: string) => unknown, text: string, times: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const before = process.cpuUsage();
    for (let time = 0; time < times; time += 1) {
      try {
        parse(text);
      } catch (error) {
        if (!(error instanceof EKSAuthError || error instanceof INISyntaxError)) throw error;
      }
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

describe.each(PARSERS)('%s', (name, parse, size, shapes) => {
  it.each(Object.entries(shapes))('costs in proportion to the text: %s', (shape, make) => {
    // Three doublings, so that one growth of a table inside of the engine counts less.
    const [one, eight] = [make(size), make(size * 8)];
    let times = 1;
    while (times < 4_096 && costOf(parse, one, times) < 4_000) times *= 4;
    // Noise of the machine only adds: a cost that grows with the square never passes.
    const ratios = Array.from({ length: 3 }, () => Math.cbrt(costOf(parse, eight, times) / costOf(parse, one, times)));
    const ratio = Math.min(...ratios);
    process.stdout.write(`${name}, ${shape}: twice the text costs ${ratio.toFixed(2)} times the CPU\n`);
    expect(ratio).toBeLessThanOrEqual(2.3);
  });
});
