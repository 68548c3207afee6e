/** One way to write a kubeconfig by hand. */
export interface Style {
  readonly name: string;
  readonly text: string;
  /** The users to apply. Default: `dev`. */
  readonly users?: readonly string[];
}

const HEAD = `apiVersion: v1
kind: Config
clusters:
- name: dev
  cluster: {server: "https://dev.example"} # the one with the database
contexts:
- {name: dev, context: {cluster: dev, user: dev}}
- {name: other, context: {cluster: dev, user: other}}
current-context: dev
`;

const OTHER = `- name: other
  user:
    token: abc   # not ours
`;

const EXEC = `      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws
      args:
      - --region
      - us-east-1
      - eks
      - get-token
      - --cluster-name
      - dev
`;

/** A kubeconfig around the lines of one exec, which are written as they stand below `exec:`. */
const around = (exec: string): string => `${HEAD}users:\n- name: dev\n  user:\n    exec:\n${exec}${OTHER}`;
/** The same with whatever stands behind `exec:`. */
const behind = (value: string): string => `${HEAD}users:\n- name: dev\n  user:\n    exec: ${value}\n${OTHER}`;

const json = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'dev', cluster: { server: 'https://dev.example' } }],
  contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
  users: [
    {
      name: 'dev',
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'aws',
          args: ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'],
          env: null,
        },
      },
    },
    { name: 'other', user: { token: 'abc' } },
  ],
};
const jsonWith = (exec: object) => ({ ...json, users: [{ name: 'dev', user: { exec } }, json.users[1]] });

/** Written as people write them. Each of them is applied and taken back. */
export const STYLES: readonly Style[] = [
  { name: 'plain blocks', text: around(EXEC) },
  {
    name: 'args before command, as the AWS CLI writes',
    text: around(EXEC.replace(/ {6}command: aws\n/, '').concat('      command: aws\n')),
  },
  { name: 'items of lists indented', text: around(EXEC.replace(/^ {6}- /gm, '        - ')) },
  { name: 'wide dashes', text: around(EXEC.replace(/- --region/, '-   --region').replace('- eks', '-  eks')) },
  { name: 'a comment behind the command', text: around(EXEC.replace('command: aws', 'command: aws   # the CLI, v2')) },
  {
    name: 'comments everywhere',
    text: around(
      EXEC.replace('      args:\n', '      # what it is told\n      args: # six words\n      # the region\n').replace(
        '- dev\n',
        '- dev # the cluster\n      # that is all\n',
      ),
    ),
  },
  {
    name: 'a comment between the items',
    text: around(EXEC.replace('      - us-east-1\n', '      # N. Virginia - the old one\n      - us-east-1\n\n')),
  },
  { name: 'empty lines', text: around(EXEC.replace(/\n/g, '\n\n')) },
  { name: 'trailing blanks', text: around(EXEC.replace(/\n/g, '   \n')) },
  { name: 'a double-quoted command', text: around(EXEC.replace('command: aws', 'command: "aws"')) },
  { name: 'a single-quoted command', text: around(EXEC.replace('command: aws', "command: 'aws'")) },
  { name: 'a command with escapes', text: around(EXEC.replace('command: aws', 'command: "\\x61ws"')) },
  { name: 'a command with a path', text: around(EXEC.replace('command: aws', 'command: /opt/my tools/aws')) },
  { name: 'a command on the next line', text: around(EXEC.replace('command: aws', 'command:\n        aws')) },
  { name: 'a command as a literal block', text: around(EXEC.replace('command: aws', 'command: |-\n        aws')) },
  {
    name: 'a command as a folded block at the end',
    text: around(EXEC.replace('      command: aws\n', '').concat('      command: >-\n        aws\n')),
  },
  { name: 'a command over two lines', text: around(EXEC.replace('command: aws', 'command: "a\\\n        ws"')) },
  { name: 'a command with a tag', text: around(EXEC.replace('command: aws', 'command: !!str aws')) },
  { name: 'quoted keys', text: around(EXEC.replace(/^( {6})(\w+):/gm, '$1"$2":')) },
  { name: 'blanks before colons', text: around(EXEC.replace(/^( {6})(\w+):/gm, '$1$2 :')) },
  { name: 'explicit keys', text: around(EXEC.replace('      command: aws\n', '      ? command\n      : aws\n')) },
  {
    name: 'args in brackets',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [--region, us-east-1, eks, get-token, --cluster-name, dev]\n',
    ),
  },
  {
    name: 'args in brackets with room',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      args: [ --region , us-east-1, eks, get-token, --cluster-name, dev ]\n      command: aws # hi\n',
    ),
  },
  {
    name: 'args in brackets over several lines',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [\n        --region, us-east-1,   # where\n        eks, get-token,\n        --cluster-name, dev,\n      ]\n',
    ),
  },
  {
    name: 'a comment first in brackets',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [ # words\n        --region, us-east-1, eks, get-token, --cluster-name, dev]\n',
    ),
  },
  {
    name: 'a command that brackets do not take',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      command: /opt/[aws],v2/aws\n      args: [eks, get-token, --cluster-name, dev]\n',
    ),
  },
  {
    name: 'braces on one line',
    text: behind(
      '{apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token, --cluster-name, dev]}',
    ),
  },
  {
    name: 'tight braces',
    text: behind(
      '{command: aws,args: [eks,get-token,--cluster-name,dev],apiVersion: client.authentication.k8s.io/v1beta1}',
    ),
  },
  {
    name: 'braces over several lines',
    text: behind(
      '{\n      command: aws, # the CLI\n      args: [eks, get-token, --cluster-name, dev],\n      apiVersion: client.authentication.k8s.io/v1beta1,\n    }',
    ),
  },
  {
    name: 'the whole user in braces',
    text: `${HEAD}users:\n- {name: dev, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token, --cluster-name, dev]}}}\n${OTHER}`,
  },
  { name: 'the user before the name', text: `${HEAD}users:\n- user:\n    exec:\n${EXEC}  name: dev\n${OTHER}` },
  {
    name: 'users indented',
    text: `${HEAD}users:\n  - name: dev\n    user:\n      exec:\n${EXEC.replace(/^/gm, '  ').trimEnd()}\n${OTHER.replace(/^(?=.)/gm, '  ')}`,
  },
  {
    name: 'deep indentation',
    text: `${HEAD}users:\n-   name: dev\n    user:\n            exec:\n${EXEC.replace(/^(?=.)/gm, '            ')}${OTHER.replace(/^ {2}/gm, '    ').replace('- name', '-   name')}`,
  },
  {
    name: 'no args',
    text: around('      apiVersion: client.authentication.k8s.io/v1beta1\n      command: /usr/bin/my-plugin\n'),
  },
  { name: 'no args in braces', text: behind('{apiVersion: client.authentication.k8s.io/v1beta1, command: my-plugin}') },
  {
    name: 'empty args',
    text: around('      apiVersion: client.authentication.k8s.io/v1beta1\n      args: []\n      command: my-plugin\n'),
  },
  {
    name: 'empty args in braces before the command',
    text: behind('{args: [], command: my-plugin, apiVersion: client.authentication.k8s.io/v1beta1}'),
  },
  {
    name: 'empty args with a blank',
    text: around('      apiVersion: client.authentication.k8s.io/v1beta1\n      command: my-plugin\n      args: [ ]\n'),
  },
  {
    name: 'args null',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      args: null\n      command: my-plugin\n',
    ),
  },
  {
    name: 'args without a value',
    text: around('      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      command: my-plugin\n'),
  },
  {
    name: 'one word of args',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - token\n      command: my-plugin\n',
    ),
  },
  {
    name: 'env',
    text: around(
      `${EXEC}      env:\n      - name: AWS_PROFILE\n        value: acme\n      - {name: AWS_REGION, value: "us-east-1"}\n`,
    ),
  },
  {
    name: 'an installHint of their own',
    text: around(`${EXEC}      installHint: Install the AWS CLI, see https://wiki/aws\n`),
  },
  {
    name: 'an installHint over several lines',
    text: around(`      installHint: |\n        Install the AWS CLI\n          # see the wiki\n${EXEC}`),
  },
  {
    name: 'v1 with its interactiveMode',
    text: around(
      EXEC.replace('v1beta1', 'v1').concat('      interactiveMode: Never\n      provideClusterInfo: false\n'),
    ),
  },
  { name: 'v1 without interactiveMode', text: around(EXEC.replace('v1beta1', 'v1')) },
  {
    name: 'v1 without interactiveMode, with a hint of their own',
    text: around(`${EXEC.replace('v1beta1', 'v1')}      installHint: brew install awscli\n`),
  },
  {
    name: 'v1 without interactiveMode in braces',
    text: behind(
      '{apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token, --cluster-name, dev]}',
    ),
  },
  { name: 'no newline at the end', text: `${HEAD}users:\n- name: dev\n  user:\n    exec:\n${EXEC}`.trimEnd() },
  {
    name: 'the command last, no newline at the end',
    text: `${HEAD}users:\n- name: dev\n  user:\n    exec:\n${EXEC.replace('      command: aws\n', '')}      command: aws`,
  },
  { name: 'CRLF', text: around(EXEC).replaceAll('\n', '\r\n') },
  {
    name: 'CRLF, args absent',
    text: around('      apiVersion: client.authentication.k8s.io/v1\n      command: my-plugin\n').replaceAll(
      '\n',
      '\r\n',
    ),
  },
  { name: 'a byte order mark', text: `\uFEFF${around(EXEC)}` },
  { name: 'a byte order mark and CRLF', text: `\uFEFF${around(EXEC).replaceAll('\n', '\r\n')}` },
  { name: 'document markers and a directive', text: `%YAML 1.2\n---\n${around(EXEC)}...\n` },
  { name: 'an anchor on the command', text: around(EXEC.replace('command: aws', 'command: &cli aws')) },
  {
    name: 'an alias as the command',
    text: around(EXEC.replace('command: aws', 'command: *cli')).replace(
      'kind: Config',
      'kind: Config\nx-cli: &cli aws',
    ),
  },
  {
    name: 'an alias among the args',
    text: around(EXEC.replace('- us-east-1', '- *region')).replace(
      'kind: Config',
      'kind: Config\nx-region: &region us-east-1',
    ),
  },
  {
    name: 'an alias as the env',
    text: around(`${EXEC}      env: *env\n`).replace(
      'kind: Config',
      'kind: Config\nx-env: &env [{name: AWS_PROFILE, value: acme}]',
    ),
  },
  {
    name: 'a merged base',
    text: behind('\n      <<: *base\n      args: [eks, get-token, --cluster-name, dev]').replace(
      'kind: Config',
      'kind: Config\nx-base: &base {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}',
    ),
  },
  {
    name: 'a merged base in braces',
    text: behind('{<<: *base, args: [eks, get-token, --cluster-name, dev]}').replace(
      'kind: Config',
      'kind: Config\nx-base: &base {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}',
    ),
  },
  {
    name: 'a command over a merged one',
    text: behind('\n      <<: *base\n      command: aws\n      args: [eks, get-token, --cluster-name, dev]').replace(
      'kind: Config',
      'kind: Config\nx-base: &base {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}',
    ),
  },
  { name: 'an anchor that nobody refers to', text: behind(`&dev\n${EXEC}`.trimEnd()) },
  {
    name: 'an alias of a stanza elsewhere',
    text: behind('*dev').replace('kind: Config', `kind: Config\nx-dev: &dev\n${EXEC}`.trimEnd()),
  },
  {
    name: 'two users with one stanza, both applied',
    text: around(EXEC)
      .replace('exec:', 'exec: &dev')
      .replace('    token: abc   # not ours', '    exec: *dev # the same'),
    users: ['dev', 'other'],
  },
  {
    name: 'two users with one stanza, the alias applied',
    text: around(EXEC)
      .replace('exec:', 'exec: &dev')
      .replace('    token: abc   # not ours', '    exec: *dev # the same'),
    users: ['other'],
  },
  {
    name: 'names in Korean and Chinese',
    text: around(EXEC.replace('- dev', '- "개발-클러스터" # 集群')).replaceAll('name: other', 'name: "운영"'),
  },
  {
    name: 'words that YAML 1.1 takes for others',
    text: around(EXEC.replace('- dev', '- no\n      - 0o17\n      - 1e3\n      - "yes"\n      - 2001-01-01')),
  },
  { name: 'a number as the name of the cluster', text: around(EXEC.replace('- dev', '- 12345678901234567890')) },
  {
    name: 'a secret in the env',
    text: around(`${EXEC}      env:\n        - name: AWS_SECRET_ACCESS_KEY\n          value: 'not # a comment'\n`),
  },
  { name: 'unknown keys', text: around(`${EXEC}      x-note: {keep: me}\n      provideClusterInfo: true\n`) },
  { name: 'JSON, indented', text: `${JSON.stringify(json, null, 2)}\n` },
  { name: 'JSON, indented by four, no newline', text: JSON.stringify(json, null, 4) },
  { name: 'JSON, indented with tabs', text: `${JSON.stringify(json, null, '\t')}\n` },
  { name: 'JSON on one line', text: JSON.stringify(json) },
  { name: 'JSON, CRLF', text: JSON.stringify(json, null, 2).replaceAll('\n', '\r\n') },
  {
    name: 'JSON without args',
    text: JSON.stringify(jsonWith({ apiVersion: 'client.authentication.k8s.io/v1', command: 'x' })),
  },
  {
    name: 'JSON with empty args',
    text: JSON.stringify(jsonWith({ args: [], command: 'x', apiVersion: 'client.authentication.k8s.io/v1' }), null, 2),
  },
  {
    name: 'JSON with a hint of its own',
    text: JSON.stringify(
      jsonWith({ apiVersion: 'client.authentication.k8s.io/v1', command: 'x', args: ['y'], installHint: 'get x' }),
      null,
      2,
    ),
  },
];

/** Stanzas that other tools have wrapped. */
export const WRAPPED: readonly Style[] = [
  {
    name: 'k8s-token-cache',
    text: around(EXEC.replace('command: aws', 'command: k8s-token-cache').replace('args:\n', 'args:\n      - aws\n')),
  },
  {
    name: 'kcc-cache with a path',
    text: around(
      EXEC.replace('command: aws', 'command: "/usr/local/bin/kcc-cache" # cached').replace(
        'args:\n',
        'args:\n      - aws\n',
      ),
    ),
  },
  {
    name: 'kubecredcache in braces',
    text: behind(
      '{apiVersion: client.authentication.k8s.io/v1beta1, command: kubecredcache, args: [aws, eks, get-token, --cluster-name, dev]}',
    ),
  },
  {
    name: 'kubecredcache with a hint of its own',
    text: behind(
      '{apiVersion: client.authentication.k8s.io/v1beta1, command: kubecredcache, args: [aws, eks, get-token, --cluster-name, dev], installHint: brew}',
    ),
  },
  {
    name: 'eks-token-cache.sh',
    text: around(
      '      apiVersion: client.authentication.k8s.io/v1beta1\n      command: /home/me/.kube/eks-token-cache.sh # bash\n      args:\n        - dev        # cluster name\n        - us-east-1  # region\n        - acme\n',
    ),
  },
];
