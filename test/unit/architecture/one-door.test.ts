import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../support/source-file.ts';

/** Programs of POSIX, of Linux and of Windows that a message could advise. */
const OF_ONE_SYSTEM = [
  ...['alias', 'apt', 'apt-get', 'attrib', 'brew', 'cat', 'chgrp', 'chmod', 'chown', 'cp', 'curl', 'date', 'dd', 'del'],
  ...[
    'df',
    'dir',
    'dnf',
    'du',
    'env',
    'export',
    'find',
    'getent',
    'getfacl',
    'grep',
    'head',
    'icacls',
    'id',
    'kill',
    'ln',
  ],
  ...[
    'ls',
    'lsof',
    'mkdir',
    'mktemp',
    'move',
    'mv',
    'openssl',
    'pkill',
    'ps',
    'rd',
    'readlink',
    'rm',
    'rmdir',
    'sed',
    'set',
  ],
  ...[
    'setfacl',
    'setx',
    'stat',
    'sudo',
    'systemctl',
    'tail',
    'takeown',
    'timedatectl',
    'touch',
    'ulimit',
    'umask',
    'unset',
  ],
  ...['w32tm', 'which', 'xargs'],
].join('|');
/** Such a program between backquotes, or with an option or a path behind a word that announces a command. */
const ADVISED = new RegExp(
  `\`(?:${OF_ONE_SYSTEM})(?:[ \`]|$)|(?:: |\\b(?:[Rr]un|[Ss]ee) )(?:${OF_ONE_SYSTEM}) [-~/$"]`,
);

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What only one file of src may do, so that its rules hold everywhere; the local EKS and AWS of the test kit stand alone. */
const DOORS: readonly (readonly [what: string, door: string, words: RegExp])[] = [
  [
    'reads addresses, by rules that no release of Node changes',
    'src/aws/http/read-url.ts',
    /\bnew URL\(|\bURL\.(canParse|parse)\(|\bdomainTo(ASCII|Unicode)\b/,
  ],
  [
    'waits for signals, with one listener on each',
    'src/system/link-signals.ts',
    /addEventListener\(\s*'abort'|\.onabort\b|AbortSignal\.any\(/,
  ],
  [
    'parses YAML, with the limits of a text from outside',
    'src/kubeconfig/read/yaml-documents.ts',
    /\{[^{}]*\b(?:Composer|Parser|parse\w*)\b[^{}]*\} = loadYAML\(\)/,
  ],
  [
    'names the commands that install the plugin, which Windows has as a preview',
    'src/text/apply-words.ts',
    /ekspress (?:apply|kubeconfig)\b/,
  ],
];

describe.each(DOORS)('the one file %s', (_, door, words) => {
  it(`is ${door}`, () => {
    const found = listFiles(root, 'src', '.ts')
      .filter((path) => !path.startsWith('src/testing/'))
      .filter((path) => {
        const code = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return words.test(code);
      });
    expect(found).toEqual([door]);
  });
});

/** Files of src that open what is not known to be a regular file, and why no pipe or device holds them up. */
const OPENERS: Readonly<Record<string, string>> = {
  'src/system/read-file.ts': 'the door',
  'src/system/replace-file.ts': 'makes its file with O_EXCL',
  'src/system/take-aside.ts': 'copies what has no hard link, and only regular files',
  'src/system/process-id.ts': 'reads /proc',
  'src/cache/entry/machine.ts': 'reads /proc',
  'src/cache/directory/lock.ts': 'makes its file with O_EXCL',
  'src/cache/directory/private-file.ts': 'O_NONBLOCK and fstat, for files of this user alone',
  'src/cache/sealed/key-file.ts': 'O_NONBLOCK and fstat, for files of this user alone',
  'src/recording/look.ts': 'O_NONBLOCK, and reads nothing',
  'src/recording/observe.ts': 'O_NONBLOCK and fstat',
  'src/kubeconfig/read/read-text.ts': 'O_NONBLOCK and fstat; a kubeconfig may be a pipe',
  'src/mcp/operator/open-files.ts': 'O_NONBLOCK and fstat',
  'src/cluster/written/write-file.ts': 'makes its file with O_EXCL',
  'src/exec/asker.ts': 'O_NONBLOCK and fstat; reads /proc',
  'src/plugin/windows-install.ts': 'copies the running Node',
  'src/plugin/windows-writers.ts': 'reads its own temporary file',
  'src/cli/mcp.ts': 'an operator may name a pipe, <(...)',
  'src/cli/demo/story.ts': 'reads the home that it has made',
};

describe('a file of which only the path is known', () => {
  it('is opened by src/system/read-file.ts, or where a pipe holds nothing up', () => {
    const opens = /\b(?:open|openSync|readFile|readFileSync|createReadStream|copyFile)\b/;
    const found = listFiles(root, 'src', '.ts')
      .filter((path) => !path.startsWith('src/testing/'))
      .filter((path) =>
        [
          ...readFileSync(join(root, path), 'utf8').matchAll(/^import \{([^}]*)\} from 'node:fs(?:\/promises)?';/gm),
        ].some(([, names = '']) => opens.test(names)),
      );
    expect(found.sort()).toEqual(Object.keys(OPENERS).sort());
  });
});

describe('an open file', () => {
  it('is read to a limit, by src/system/read-file.ts, whatever length the system gives it', () => {
    const found = listFiles(root, 'src', '.ts')
      .filter((path) => !path.startsWith('src/testing/'))
      .filter((path) =>
        /\bhandle\.readFile\(|\breadFileSync\((?:file|handle)[,)]/.test(readFileSync(join(root, path), 'utf8')),
      );
    // A pipe of the operator, by its path.
    expect(found).toEqual(['src/cli/mcp.ts']);
  });
});

describe('a folder with those above it', () => {
  it('is made by src/system/make-folder.ts: that of Node says of a read-only file system that a folder is absent', () => {
    const found = listFiles(root, 'src', '.ts')
      .filter((path) => !path.startsWith('src/testing/'))
      .filter((path) => /\bmkdir(?:Sync)?\([^;]*recursive: true/.test(readFileSync(join(root, path), 'utf8')));
    expect(found).toEqual([]);
  });
});

describe('a command that a message advises for the programs of one system', () => {
  it('stands in src/text/shell-command.ts, where it has a form for Windows', () => {
    // Root, which sudo makes, does not exist on Windows.
    const others = ['src/plugin/ekspress-home.ts', 'src/text/shell-command.ts'];
    const found = listFiles(root, 'src', '.ts').filter((path) => textsOf(path).some((text) => ADVISED.test(text)));
    expect(found.filter((path) => !others.includes(path))).toEqual([]);
    const examples = ['Run `chmod 600 ', 'remove it: rm ~/.kube/config.lock', 'see `date` there'];
    expect(examples.filter((text) => !ADVISED.test(text))).toEqual([]);
  });
});

/** The texts of a file, each piece of a template by itself. */
function textsOf(path: string): readonly string[] {
  const code = readFileSync(join(root, path), 'utf8');
  if (!new RegExp(`(?:\`|: |[Rr]un |[Ss]ee )(?:${OF_ONE_SYSTEM})\\b`).test(code)) return [];
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, code, ts.ScriptTarget.Latest));
  return texts;
}
