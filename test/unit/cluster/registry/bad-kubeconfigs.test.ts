import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { EKS_USER, kubeconfigText } from '../../../support/kubeconfig-text.ts';

let home: string;
let registry: ClusterRegistry;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ekspress-bad-'));
  registry = new ClusterRegistry({ env: { HOME: home } });
});
afterAll(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});

/** What the user is told, with the home directory written as ~, and the paths of Windows in it as those of Unix. */
async function told(action: () => Promise<unknown>): Promise<string> {
  const error = await action().then(
    () => new Error('nothing was wrong with it'),
    (reason) => reason,
  );
  if (!(error instanceof EKSAuthError)) throw error;
  expect(registry.list(), 'nothing is left behind').toEqual([]);
  const text = `${error.code}: ${error.message} ${error.remedy}`.replaceAll(home, '~');
  return process.platform === 'win32' ? text.replace(/~[\\\w.]+/g, (path) => path.replaceAll('\\', '/')) : text;
}

/** A value of KUBECONFIG with files of the home; an empty name is an empty entry. */
const listOf = (...names: readonly string[]) => names.map((name) => name && join(home, name)).join(delimiter);

const rewrite = (place: string) =>
  `Write it again with \`aws eks update-kubeconfig --name CLUSTER --region REGION --kubeconfig ${place}\`, or name another file.`;
const syntax = (place: string, line: number) =>
  `Correct line ${line}; \`kubectl config view --kubeconfig ${place}\` must accept the file.`;
const brokenUser = (place: string) =>
  `Write the user again, for EKS with \`aws eks update-kubeconfig --name CLUSTER --region REGION --kubeconfig ${place}\`.`;

/** What the developer of a service is told of the text of a customer, in place of what the owner of a file is told. */
const OF_TEXTS: readonly (readonly [of: string | RegExp, ofText: string])[] = [
  [
    /Write it again with .*$/,
    'Check that the whole text was passed. Else have its author write it again: `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
  ],
  [
    /Correct line (\d+); `kubectl.*$/,
    'Check that the whole text was passed, with its line breaks and blanks. Else have its author correct line $1.',
  ],
  [
    /Write the user again, .*$/,
    'Have the author of the text write the user again, for EKS with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
  ],
  [
    /Write one with .*$/,
    'Pass the text of a kubeconfig. Check whether it was read before it was written, or a variable is unset.',
  ],
  ['Name another file, or set KUBECONFIG.', 'Have its author send the text of a kubeconfig, in UTF-8.'],
  [
    /Keep only the contexts that you need: (`[^`]*) --kubeconfig .*$/,
    'Have its author send only the contexts that are needed: $1`.',
  ],
  [/Remove the tag in/, 'Have its author remove the tag in'],
  [/, or run `kubectl config use-context NAME [^`]*`/, ': listContexts(kubeconfig) lists the names'],
  [/Run `kubectl config get-contexts .*$/, 'Pass another { context }: listContexts(kubeconfig) lists the names.'],
  [/Run `kubectl config get-(\w+)s .*$/, 'Have the author of the text add that $1, or pass another { context }.'],
  [/Correct that (\w+);.*$/, 'Have the author of the text correct that $1, or pass another { context }.'],
];

function ofText(told: string): string {
  return OF_TEXTS.reduce((text, [remedy, other]) => text.replace(remedy, other), told);
}

/** Nine levels of nine: 387,420,489 strings. */
const BOMB = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]'
    : `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(',')}]`,
).join('\n');

describe('the text of a kubeconfig that cannot be used', () => {
  const inPlace = (place: string) =>
    [
      ['a list', '- a\n- b\n', `${place} holds a list, not a kubeconfig. ${rewrite(place)}`],
      ['a sentence', 'nothing here\nto see\n', `${place} holds a single value, not a kubeconfig. ${rewrite(place)}`],
      ['only a comment', '# nothing\n', `${place} holds nothing, not a kubeconfig. ${rewrite(place)}`],
      [
        'another kind',
        'kind: Pod\napiVersion: v1\n',
        `${place} holds an object of kind "Pod", not a kubeconfig (kind: Config). ${rewrite(place)}`,
      ],
      [
        'another version',
        'kind: Config\napiVersion: v2\n',
        `${place} has apiVersion "v2"; a kubeconfig has apiVersion: v1. ${rewrite(place)}`,
      ],
      [
        'JSON of another kind',
        '{"kind": "List",\n"apiVersion": "v1"}',
        `${place} holds an object of kind "List", not a kubeconfig (kind: Config). ${rewrite(place)}`,
      ],
      ['no contexts', 'kind: Config\nclusters: []\n', `${place} has no contexts. ${rewrite(place)}`],
      [
        'contexts that are no list',
        'kind: Config\ncontexts: {a: b}\n',
        `contexts in ${place} is a mapping, not a list. ${rewrite(place)}`,
      ],
      [
        'an unclosed bracket',
        'kind: Config\ncontexts: [a, b\n',
        `${place}:3:1 is not valid YAML: wrong indentation. ${syntax(place, 3)}`,
      ],
      [
        'a tab',
        'kind: Config\ncontexts:\n\t- a\n',
        `${place}:3:1 is not valid YAML: a tab as indentation: use spaces. ${syntax(place, 3)}`,
      ],
      [
        'a key twice',
        'kind: Config\nkind: Config\n',
        `${place}:2:1 is not valid YAML: a key that is defined twice. ${syntax(place, 2)}`,
      ],
      [
        'an unclosed quote',
        'kind: "Config\ncontexts: []\n',
        `${place}:3:1 is not valid YAML: a missing character: a bracket or quote that is not closed, or no space after a colon. ${syntax(place, 3)}`,
      ],
      ...(
        [
          ['a carriage return alone', '\r', 'U+000D'],
          ['a next line of EBCDIC', '\u0085', 'U+0085'],
          ['a line separator of Unicode', '\u2028', 'U+2028'],
          ['a paragraph separator of Unicode', '\u2029', 'U+2029'],
        ] as const
      ).map(
        ([title, odd, code]) =>
          [
            `${title}, after which kubectl reads a line that others take for a comment`,
            kubeconfigText().replace('current-context', `# not the one for production${odd}current-context`),
            `${place}:3 has a line break that most editors do not show (${code}). Write a new line or a space in its place in line 3. In double quotes it can stand as an escape.`,
          ] as const,
      ),
      [
        'an unknown escape',
        'kind: "Con\\qfig"\n',
        `${place}:1:11 is not valid YAML: an escape that YAML does not know in a double-quoted string. ${syntax(place, 1)}`,
      ],
      [
        'an alias without anchor',
        'kind: Config\ncontexts: *nowhere\n',
        `${place} has an alias (*name) whose anchor (&name) does not stand before it. Write the value out in place of the alias.`,
      ],
      [
        'two values on a line',
        'kind: Config: x\n',
        `${place}:1:7 is not valid YAML: a second "key: value" on the same line: quote the value, or begin a new line. ${syntax(place, 1)}`,
      ],
      [
        'an alias bomb',
        `${BOMB}\ncontexts: *a8\n`,
        `${place} repeats its aliases (*name) more than a kubeconfig does. Write the values out, and ask the author of this kubeconfig why it repeats them.`,
      ],
      [
        'more aliases than a kubeconfig has',
        `b: [${Array.from({ length: 1_001 }, (_, n) => `&a${n} 1, *a${n}`).join(', ')}]\n`,
        `${place} repeats its aliases (*name) more than a kubeconfig does. Write the values out, and ask the author of this kubeconfig why it repeats them.`,
      ],
      [
        'many aliases of a large value',
        `a: &a [${'[], '.repeat(40_000)}]\nb: [${'*a, '.repeat(900)}]\n`,
        `${place} repeats its aliases (*name) more than a kubeconfig does. Write the values out, and ask the author of this kubeconfig why it repeats them.`,
      ],
      [
        'a merge of something that is not a mapping',
        'kind: Config\n<<: [1]\n',
        `${place} merges (<<) something that is not a mapping. Write the fields out in place of the merge key.`,
      ],
      ...[
        'x: !!omap [{a: 1}]',
        'x: !!omap\n- a: 1',
        'x: !!set {a}',
        'x: !!set\n  ? a',
        'x: !!pairs [{a: 1}]',
        'x: !!omap {a: 1}',
        'x: !!set [a]',
        'x: !<tag:yaml.org,2002:omap> [{a: 1}]',
        'x: &x !!set {a}\ny: *x',
      ].map(
        (text) =>
          [
            `the tag of a collection that kubeconfigs do not use (${JSON.stringify(text)})`,
            `${text}\n`,
            `${place}:1:${text.includes('&x') ? 7 : 4} has a tag (!!omap, !!pairs or !!set) that kubeconfigs do not use. Remove the tag in line 1: kubectl reads the same value without it.`,
          ] as const,
      ),
      [
        'an error in each of many lines',
        `x: "${'\\\n'.repeat(1_000)}"\n`,
        `${place}:1:6 is not valid YAML: a missing character: a bracket or quote that is not closed, or no space after a colon. ${syntax(place, 1)}`,
      ],
      [
        'more documents than a file has',
        '---\n'.repeat(1_002),
        `${place} has more than 1000 documents, which no kubeconfig has. Keep only the contexts that you need: \`kubectl config view --minify --flatten --context NAME --kubeconfig ${place}\`.`,
      ],
      [
        'two documents',
        `${kubeconfigText()}---\nkind: Config\n`,
        `${place} holds 2 YAML documents. Keep one of them; the second begins near line 22.`,
      ],
      [
        'blank lines',
        ' \n\n',
        `${place} is empty. Write one with \`aws eks update-kubeconfig --name CLUSTER --region REGION --kubeconfig ${place}\`, or name another file.`,
      ],
      [
        'binary data',
        'kind: Config\0\x01\n',
        `${place} is not text: it contains NUL bytes. Name another file, or set KUBECONFIG.`,
      ],
      [
        'no current-context',
        kubeconfigText({ context: '""' }),
        `${place} has no current-context, and no context was asked for. There is "prod". Pass { context: <name> }, or run \`kubectl config use-context NAME --kubeconfig ${place}\`.`,
      ],
      [
        'a current-context that is not there',
        kubeconfigText({ context: 'prud' }),
        `There is no context "prud", the current-context in ${place}. Did you mean "prod"? Run \`kubectl config get-contexts --kubeconfig ${place}\` to see the names.`,
      ],
      [
        'a cluster that is not there',
        kubeconfigText().replace('cluster: arn:', 'cluster: urn:'),
        `There is no cluster "urn:aws:eks:us-west-2:123456789012:cluster/prod", which the context "prod" names in ${place}. Did you mean "arn:aws:eks:us-west-2:123456789012:cluster/prod"? Run \`kubectl config get-clusters --kubeconfig ${place}\` to see the names.`,
      ],
      [
        'a user that is not there',
        kubeconfigText().replace('user: admin', 'user: nobody'),
        `There is no user "nobody", which the context "prod" names in ${place}. There is "admin". Run \`kubectl config get-users --kubeconfig ${place}\` to see the names.`,
      ],
      [
        'a cluster without server',
        kubeconfigText({ server: '""' }),
        `cluster "arn:aws:eks:us-west-2:123456789012:cluster/prod" in ${place} has no server. Correct that cluster; \`kubectl config view --raw --kubeconfig ${place}\` shows it.`,
      ],
      [
        'a cluster that is no mapping',
        kubeconfigText().replace(/cluster:\n {6}server: .*\n {6}cert.*\n/, 'cluster: x\n'),
        `cluster "arn:aws:eks:us-west-2:123456789012:cluster/prod" in ${place} is a single value, not a mapping. Correct that cluster; \`kubectl config view --raw --kubeconfig ${place}\` shows it.`,
      ],
      [
        'a context without cluster',
        kubeconfigText().replace(/ {6}cluster: arn.*\n/, ''),
        `context "prod" in ${place} names no cluster. Correct that context; \`kubectl config view --raw --kubeconfig ${place}\` shows it.`,
      ],
      [
        'a user twice',
        `${kubeconfigText()}  - name: admin\n    user: {token: second-one}\n`,
        `user "admin" in ${place} is defined twice. Correct that user; \`kubectl config view --raw --kubeconfig ${place}\` shows it.`,
      ],
      [
        'exec without command',
        kubeconfigText({ user: 'exec: {args: [eks, get-token]}' }),
        `user "admin" in ${place}: exec has no command. ${brokenUser(place)}`,
      ],
      [
        'exec that is no mapping',
        kubeconfigText({ user: 'exec: aws' }),
        `user "admin" in ${place}: exec is not a mapping. ${brokenUser(place)}`,
      ],
      [
        'args that are no list',
        kubeconfigText({ user: 'exec: {command: aws, args: eks get-token}' }),
        `user "admin" in ${place}: exec.args is not a list. ${brokenUser(place)}`,
      ],
      [
        'an argument that is no text',
        kubeconfigText({ user: 'exec: {command: aws, args: [eks, {a: b}]}' }),
        `user "admin" in ${place}: exec.args[1] is not what kubectl expects there. ${brokenUser(place)}`,
      ],
      [
        'a variable without name',
        kubeconfigText({ user: 'exec: {command: aws, env: [{value: x}]}' }),
        `user "admin" in ${place}: exec.env[0] is not what kubectl expects there. ${brokenUser(place)}`,
      ],
      [
        'a command line without end',
        kubeconfigText({ user: `exec: {command: aws, args: [${'x'.repeat(200_000)}]}` }),
        `user "admin" in ${place}: exec is longer than any command line. ${brokenUser(place)}`,
      ],
    ] as const;

  it.each(inPlace('the kubeconfig string'))('is reported as a string: %s', async (_title, text, expected) => {
    expect(await told(() => registry.registerByString(text))).toBe(`INVALID_KUBECONFIG: ${ofText(expected)}`);
  });

  it.each(inPlace('~/config'))('is reported in a file: %s', async (_title, text, expected) => {
    const path = join(home, 'config');
    await writeFile(path, text);
    expect(await told(() => registry.registerByPath(path))).toBe(`INVALID_KUBECONFIG: ${expected}`);
  });

  it('gives an error with the user where an EKS command names no cluster', async () => {
    const text = kubeconfigText({ user: EKS_USER.replace(', --cluster-name, prod', '') });
    expect(await told(() => registry.registerByString(text))).toBe(
      'INVALID_CONFIG: user "admin" in the kubeconfig string: `aws eks get-token` names no cluster. Have the author of the text do this: Add `--cluster-name NAME` to the args in the kubeconfig.',
    );
  });

  it.each([
    ['a token', 'token: t', 'a fixed token'],
    ['a token beside an EKS command, as kubectl would', `token: t\n      ${EKS_USER}`, 'a fixed token'],
    ['a password', 'username: u\n      password: p', 'a password'],
    ['another command', 'exec: {command: gke-gcloud-auth-plugin}', 'the command "gke-gcloud-auth-plugin"'],
    ['an auth-provider', 'auth-provider: {name: oidc}', 'an auth-provider'],
    ['a certificate', 'client-certificate-data: YQ==', 'a client certificate'],
    ['nothing', '{}', 'nothing'],
  ])('gives an error with what a user has who is not an EKS user: %s', async (_title, user, what) => {
    expect(await told(() => registry.registerEKSByString(kubeconfigText({ user })))).toBe(
      `NOT_EKS: user "admin" in the kubeconfig string does not authenticate through AWS but with ${what}. Use registerByString or registerByPath, which take any user, or choose another { context }.`,
    );
  });

  it('is never quoted in a syntax error: it may hold a token', async () => {
    const text = 'kind: Config\nusers:\n- name: a\n  user:\n    token: "k8s-aws-v1.secret" "second secret"\n';
    const error = await registry.registerByString(text).catch((reason) => reason);
    expect(error).toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: expect.stringMatching(/^the kubeconfig string:5:/),
    });
    expect(JSON.stringify([error.message, error.remedy, String(error.stack), String(error.cause)])).not.toContain(
      'secret',
    );
  });

  it('is shown on one line with names of any length and with any characters', async () => {
    const text = kubeconfigText({ context: JSON.stringify(`\u001b[31m${'x'.repeat(10_000)}`) });
    const message = await told(() => registry.registerByString(text));
    expect(message.length).toBeLessThan(500);
    expect(message).toContain('\\u001b[31mxxx');
  });
});

describe('a value that is not the text of a kubeconfig', () => {
  it.each(['~/.kube/config', '/etc/kubernetes/admin.conf', './config', 'config.yaml', 'C:\\Users\\me\\config', 'prod'])(
    'is reported where it is a path: %s',
    async (path) => {
      expect(await told(() => registry.registerByString(path))).toBe(
        `INVALID_CONFIG: ${JSON.stringify(path)} is a path, not the text of a kubeconfig. Use the …ByPath form for files, or pass the text of the file.`,
      );
    },
  );

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [Buffer.from('kind: Config'), 'a Buffer'],
    [{ kind: 'Config' }, 'an object'],
  ])('is reported: %s', async (value, name) => {
    expect(await told(() => registry.registerByString(value as never))).toBe(
      `INVALID_CONFIG: A kubeconfig string was expected, not ${name}. Pass the file's text, for example \`await readFile(path, 'utf8')\`.`,
    );
  });

  it('is reported where it is a string of 10 million characters', async () => {
    const text = `kind: Config\ncontexts:\n${'# filling\n'.repeat(1_000_000)}`;
    expect(await told(() => registry.registerByString(text))).toBe(
      'INVALID_KUBECONFIG: The kubeconfig string has 10 Mi characters; at most 1 are read. Have its author send only the contexts that are needed: `kubectl config view --minify --flatten --context NAME`.',
    );
  });

  it.each([
    [
      'text',
      kubeconfigText(),
      'The text of a kubeconfig was passed where its path was expected. Use the …ByString form for text, or pass the path of a file.',
    ],
    [
      'JSON',
      '{"kind": "Config"}',
      'The text of a kubeconfig was passed where its path was expected. Use the …ByString form for text, or pass the path of a file.',
    ],
    [
      'an empty path',
      '',
      'The path of the kubeconfig is empty. Pass no path at all to read the KUBECONFIG list or ~/.kube/config.',
    ],
    [
      'a number',
      5 as never,
      'The path of a kubeconfig was expected, not the number 5. Pass the path of a file, or undefined for the usual files.',
    ],
  ])('is reported as %s where a path was expected', async (_title, path, expected) => {
    expect(await told(() => registry.registerByPath(path))).toBe(`INVALID_CONFIG: ${expected}`);
  });
});

describe('a path that cannot be read', () => {
  const ANOTHER = 'Name another file, or set KUBECONFIG.';
  const writeOne = (path: string) =>
    `Write one with \`aws eks update-kubeconfig --name CLUSTER --region REGION --kubeconfig ${path}\`, or name another file.`;

  it('is reported where there is no such file', async () => {
    expect(await told(() => registry.registerByPath(join(home, 'none')))).toBe(
      `INVALID_KUBECONFIG: There is no kubeconfig at ~/none. ${writeOne('~/none')}`,
    );
  });

  it('is reported where a file is in the place of a folder', async () => {
    await writeFile(join(home, 'file'), '');
    expect(await told(() => registry.registerByPath(join(home, 'file', 'config')))).toBe(
      `INVALID_KUBECONFIG: There is no kubeconfig at ~/file/config. ${writeOne('~/file/config')}`,
    );
  });

  it('is reported where there is no default file', async () => {
    expect(await told(() => registry.registerByPath())).toBe(
      `INVALID_KUBECONFIG: There is no kubeconfig at ~/.kube/config. ${writeOne('~/.kube/config')}`,
    );
  });

  it('is reported for a KUBECONFIG list of which nothing exists', async () => {
    await using listed = new ClusterRegistry({ env: { HOME: home, KUBECONFIG: listOf('a', '', 'b') } });
    expect(await told(() => listed.registerByPath())).toBe(
      `INVALID_KUBECONFIG: None of these exist: ~/a, ~/b. ${writeOne('~/a')}`,
    );
  });

  it('is one word of the commands that name it', async () => {
    const path = join(home, "kube config's");
    await writeFile(path, kubeconfigText({ context: 'prud' }));
    const word = process.platform === 'win32' ? `"~/kube config's"` : "'~/kube config'\\''s'";
    expect(await told(() => registry.registerByPath(path))).toContain(
      `\`kubectl config get-contexts --kubeconfig ${word}\``,
    );
  });

  it('is in no command for a KUBECONFIG list, which kubectl reads whole', async () => {
    for (const name of ['a', 'b']) await writeFile(join(home, name), kubeconfigText({ context: 'prud' }));
    await using listed = new ClusterRegistry({ env: { HOME: home, KUBECONFIG: listOf('a', 'b') } });
    expect(await told(() => listed.registerByPath())).toContain('`kubectl config get-contexts`');
  });

  it('is reported for a directory', async () => {
    await mkdir(join(home, 'folder'));
    expect(await told(() => registry.registerByPath(join(home, 'folder')))).toBe(
      'INVALID_KUBECONFIG: ~/folder is a directory, not a kubeconfig. Name the file in it, for example ~/folder/config.',
    );
  });

  it.skipIf(process.platform === 'win32')('is reported for a device', async () => {
    expect(await told(() => registry.registerByPath('/dev/zero'))).toBe(
      `INVALID_KUBECONFIG: /dev/zero is not a regular file. ${ANOTHER}`,
    );
  });

  it.skipIf(process.platform === 'win32')(
    'is reported for a pipe without a writer, without waiting for one',
    async () => {
      execFileSync('mkfifo', [join(home, 'pipe')]);
      expect(await told(() => registry.registerByPath(join(home, 'pipe')))).toBe(
        `INVALID_KUBECONFIG: ~/pipe is empty. ${writeOne('~/pipe')}`,
      );
    },
  );

  it('is reported for an empty file', async () => {
    await writeFile(join(home, 'empty'), '');
    expect(await told(() => registry.registerByPath(join(home, 'empty')))).toBe(
      `INVALID_KUBECONFIG: ~/empty is empty. ${writeOne('~/empty')}`,
    );
  });

  it('is reported for a file in UTF-16, as PowerShell writes it', async () => {
    await writeFile(join(home, 'utf16'), `\ufeff${kubeconfigText()}`, 'utf16le');
    expect(await told(() => registry.registerByPath(join(home, 'utf16')))).toBe(
      'INVALID_KUBECONFIG: ~/utf16 is written in UTF-16, which kubectl does not read either. Save it as UTF-8.',
    );
  });

  it.skipIf(process.getuid?.() !== 0)('is reported for a file of another user', async () => {
    const path = join(home, 'private');
    await writeFile(path, kubeconfigText(), { mode: 0o600 });
    await chmod(home, 0o755);
    process.seteuid?.(65_534);
    try {
      expect(await told(() => registry.registerByPath(path))).toBe(
        'INVALID_KUBECONFIG: ~/private cannot be read (EACCES). Give this user the right to read it: see `ls -l ~/private`.',
      );
    } finally {
      process.seteuid?.(0);
    }
  });

  it.skipIf(process.platform !== 'linux')('is reported for a file that has more than its length says', async () => {
    expect(await told(() => registry.registerByPath('/proc/self/pagemap'))).toBe(
      `INVALID_KUBECONFIG: /proc/self/pagemap grows while it is read, or has no end; a kubeconfig has at most 32 MiB. ${ANOTHER}`,
    );
  });

  it('is reported for 50 MB', async () => {
    await writeFile(join(home, 'large'), '');
    await truncate(join(home, 'large'), 50 * 1024 * 1024);
    expect(await told(() => registry.registerByPath(join(home, 'large')))).toBe(
      `INVALID_KUBECONFIG: ~/large has 50 MiB; a kubeconfig has at most 32 MiB. ${ANOTHER}`,
    );
  });
});
