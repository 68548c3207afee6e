import * as clientNode from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { commandFailure } from '../../src/aws/command/command-failure.ts';
import { parseExecCredential } from '../../src/aws/command/exec-credential.ts';
import { INISyntaxError, parseINI } from '../../src/aws/ini/raw-config-parser.ts';
import { shellWords } from '../../src/aws/ini/shell-words.ts';
import { readExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { unifiedDiffOfFile } from '../../src/cli/apply/unified-diff.ts';
import { loadKubeconfigString } from '../../src/cluster/follow/load-kubeconfig.ts';
import { canonicalServer } from '../../src/cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { readEditable } from '../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { parseStanza } from '../../src/kubeconfig/edit/edit-stanza-text.ts';
import { parseKubeconfig } from '../../src/kubeconfig/read/parse-kubeconfig.ts';
import { chosenInText } from '../../src/mcp/chosen-context.ts';
import { KnownWords } from '../../src/mcp/known-words.ts';
import { blankSecrets } from '../../src/text/blank-secrets.ts';
import { ForeignText, forModel, forTerminal } from '../../src/text/foreign-text.ts';

const HEAD = 'apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n';
const fileOf = (text: string) => ({ ...readEditable(HEAD, 'a file'), text });
const lines = (line: (index: number) => string) => (size: number) =>
  Array.from({ length: size }, (_, index) => line(index)).join('\n');
const list = (size: number, item: (index: number) => string, between = ', ') =>
  Array.from({ length: size }, (_, index) => item(index)).join(between);
const repeated = (part: string) => (size: number) => part.repeat(size);

/** Almost as many words as are kept. */
const MANY_WORDS = lines((index) => `v${index}`)(49_000);

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
      'keys of one mapping': lines((index) => (index === 0 ? HEAD : `k${index}: 1`)),
      contexts: (size) => `contexts:\n${lines((index) => `- {name: c${index}, context: {cluster: a}}`)(size)}`,
      'a list': (size) => `${HEAD}x: [${repeated('a, ')(size)}a]`,
      'depth of flow': (size) => `${HEAD}x: ${'['.repeat(Math.min(size / 20, 400))}`,
      'a long scalar': (size) => `${HEAD}x: "${'a\\n'.repeat(size)}"`,
      comments: (size) => `${HEAD}${lines(() => '# comment')(size)}`,
      blanks: (size) => `${HEAD}x: ${' '.repeat(size)}y`,
      'anchors and aliases': (size) => `${HEAD}x: [${list(size / 8, (index) => `&a${index} 1, *a${index}`)}]`,
      'aliases of empty lists': (size) =>
        `${HEAD}z: &z [${list(size / 2, () => '[]')}]\nx: [${list(Math.min(size / 2, 990), () => '*z')}]`,
      'aliases in an anchor': (size) =>
        `${HEAD}a: &a 1\nz: &z [${list(Math.min(size / 8, 900), () => '*a')}, ${list(size / 2, () => '1')}]\ny: *z`,
      'anchors around each other': (size) =>
        `${HEAD}x: ${list(100, (index) => `&a${index} [`, '')}${list(size / 4, () => '1')}${']'.repeat(100)}`,
      'merge keys': (size) => `${HEAD}x: [${list(size / 8, () => '{<<: {a: 1}}')}]`,
      documents: repeated('---\n'),
      'ends of documents': repeated('...\n'),
      tags: (size) => `${HEAD}x: [${list(size / 2, () => '!!str a')}]`,
      'keys of an ordered mapping': (size) => `${HEAD}x: !!omap\n${lines((index) => `- k${index}: 1`)(size)}`,
      'an ordered mapping in brackets': (size) => `${HEAD}x: !!omap [${list(size / 2, (index) => `{k${index}: 1}`)}]`,
      pairs: (size) => `${HEAD}x: !!pairs [${list(size / 2, (index) => `{k${index}: 1}`)}]`,
      'a set': (size) => `${HEAD}x: !!set {${list(size, (index) => `k${index}`)}}`,
      'ordered mappings': (size) => `${HEAD}x: [${list(size / 2, () => '!!omap []')}]`,
      'unknown tags': (size) => `${HEAD}x: [${list(size / 2, (index) => `!t${index} [a]`)}]`,
      'lines behind a quote that is not closed': (size) => `${HEAD}x: "${'\\\n'.repeat(size)}"`,
      colons: (size) => `${HEAD}x: ${'a: '.repeat(size)}`,
      'lines of a folded text': (size) => `${HEAD}x: >\n${repeated('  a\n\n')(size)}`,
    },
  ],
  [
    'loadKubeconfigString',
    (text) => loadKubeconfigString(clientNode, text),
    4_000,
    {
      'keys of one mapping': lines((index) => (index === 0 ? HEAD : `k${index}: 1`)),
      'a list': (size) => `${HEAD}x: [${repeated('a, ')(size)}a]`,
      blanks: (size) => `${HEAD}x: ${' '.repeat(size * 8)}y`,
      words: (size) => `${HEAD}x: ${repeated('a          ')(size)}`,
      'lines of a plain text': (size) => `${HEAD}x: ${repeated('a\n  ')(size)}`,
      'empty lines after the kind': (size) => `${HEAD}${'\n'.repeat(size)}x: [`,
    },
  ],
  [
    'readEditable',
    (text) => readEditable(text, 'a file'),
    2_000,
    {
      'keys of one mapping': lines((index) => (index === 0 ? HEAD : `k${index}: 1`)),
      'ends of documents': repeated('...\n'),
      'anchors and aliases': (size) => `${HEAD}x: [${list(size / 8, (index) => `&a${index} 1, *a${index}`)}]`,
      'aliases of empty lists': (size) =>
        `${HEAD}z: &z [${list(size / 2, () => '[]')}]\nx: [${list(Math.min(size / 2, 990), () => '*z')}]`,
      users: (size) =>
        `${HEAD}users:\n${lines((index) => `- {name: u${index}, user: {exec: {command: a}}}`)(size / 2)}`,
    },
  ],
  [
    'parseStanza',
    (text) => parseStanza({ text, column: 4, flow: false, eol: '\n' }),
    2_000,
    {
      fields: (size) => `exec:\n${lines((index) => `      k${index}: 1`)(size)}`,
      arguments: (size) => `exec: {args: [${list(size, () => 'a')}]}`,
      aliases: (size) => `exec: {args: [${list(Math.min(size / 2, 990), (index) => `*a${index}`)}]}`,
    },
  ],
  [
    'unifiedDiffOfFile',
    (text) => unifiedDiffOfFile(fileOf('a'), fileOf(text), (_, words) => words),
    2_000,
    { 'a long word': repeated('a'), 'words that end in data': repeated('a-data') },
  ],
  [
    'readExecConfig',
    (text) => readExecConfig({ command: 'ekspress-exec', args: text.split(' ') }),
    1_000,
    {
      'names of variables': repeated('--key-env A '),
      'our plugin around itself': repeated('ekspress-exec '),
      'aws-vault around itself': (size) => `ekspress-exec ${repeated('aws-vault exec p -- ')(size / 4)}`,
      options: (size) => `aws eks get-token ${repeated('--region a ')(size)}`,
    },
  ],
  [
    'chosenInText',
    (text) => chosenInText(text, undefined),
    20_000,
    {
      'fences that nothing closes': repeated('```yaml\n'),
      'blanks behind a fence': (size) => `\`\`\`${' \t'.repeat(size)}x\n`,
      'marks of a fence': repeated('```'),
    },
  ],
  [
    'chosenInText, which looks at every context',
    (text) => chosenInText(text, 'a cluster'),
    120,
    {
      'contexts of clusters that are missing': (size) =>
        `contexts:\n${lines((index) => `- {name: c${index}, context: {cluster: missing${index}}}`)(size)}\nclusters:\n${lines((index) => `- {name: other${index}, cluster: {server: a}}`)(size)}`,
      'contexts without a cluster': (size) =>
        `contexts:\n${lines((index) => `- {name: c${index}, context: {}}`)(size * 30)}`,
    },
  ],
  [
    'commandFailure',
    (text) => commandFailure('aws', 'failed', text, undefined),
    20_000,
    {
      'the start of a message': repeated('config profile ('),
      blanks: repeated(' '),
    },
  ],
  [
    'parseExecCredential',
    (text) => parseExecCredential(text, 'aws'),
    20_000,
    { braces: (size) => `{${repeated('}{')(size)}`, 'braces and blanks': (size) => `{}${' '.repeat(size)}x` },
  ],
  [
    'canonicalServer',
    canonicalServer,
    20_000,
    {
      slashes: (size) => `https://a/${'/'.repeat(size)}x`,
      users: (size) => `https://${'a@'.repeat(size)}x`,
      labels: (size) => `https://${'a.'.repeat(size)}!`,
    },
  ],
  ['shellWords', shellWords, 20_000, { escapes: (size) => `"${repeated('\\"')(size)}`, words: repeated("a 'b' ") }],
  [
    'parseINI',
    parseINI,
    20_000,
    {
      'a line of blanks': (size) => `[a]\nb${' '.repeat(size)}c`,
      'blanks before the sign': (size) => `[a]\nb${' '.repeat(size)}= c`,
      'blanks at the end': (size) => `[a]\nb = c${' '.repeat(size)}d`,
      keys: (size) => `[a]\n${lines((index) => `k${index} = v`)(size / 40)}`,
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
      'backslashes around a quote': (size) => `token ${'\\'.repeat(size)}"${'\\'.repeat(size * 4)}`,
      quotes: repeated(`secret: "\\`),
      bearers: repeated('Bearer '),
      'letters of base64': repeated('aB1/'),
    },
  ],
  [
    'KnownWords',
    (text) => {
      const words = new KnownWords();
      words.learn(MANY_WORDS);
      words.learn(text);
    },
    20_000,
    { 'more words than are kept': lines((index) => `w${index}`), 'one word': repeated('w ') },
  ],
  ['forTerminal', (text) => forTerminal(text), 20_000, { escapes: repeated('\u001b['), letters: repeated('a') }],
  ['forModel', (text) => forModel(new ForeignText(text)), 20_000, { letters: repeated('a'), users: repeated('://') }],
];

/** What twice the text may cost. */
const MOST = 2.3;

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
    const [one, four, eight] = [make(size), make(size * 4), make(size * 8)];
    let times = 1;
    while (times < 4_096 && costOf(parse, one, times) < 4_000) times *= 4;
    // Noise of the machine only adds: a cost that grows with the square never passes.
    let ratio = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 8 && ratio > MOST; attempt += 1) {
      const most = costOf(parse, eight, times);
      ratio = Math.min(ratio, Math.cbrt(most / costOf(parse, one, times)));
      // The small text may fit into a cache of the processor that the large one does not fit into.
      if (ratio > MOST) ratio = Math.min(ratio, most / costOf(parse, four, times));
    }
    process.stdout.write(`${name}, ${shape}: twice the text costs ${ratio.toFixed(2)} times the CPU\n`);
    expect(ratio).toBeLessThanOrEqual(MOST);
  });
});
