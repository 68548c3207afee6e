import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { GIVEN, keyOf, type World } from './world.ts';
import { type Change, FILE_KEYS } from './world-change.ts';

/** What does not decide: the token stays. */
const idleVariables: readonly Change[] = [
  ...(
    [
      ['TERM', 'dumb'],
      ['LANG', 'C'],
      ['LANG', 'en_US.UTF-8'],
      ['EDITOR', 'vi'],
      ['SHLVL', '3'],
      ['KUBECONFIG', '/nowhere'],
      ['AWS_PAGER', ''],
      ['AWS_SDK_UA_APP_ID', 'x'],
      ['OLDPWD', '/'],
      ['EKS_TOKEN_ERROR_TTL', '7'],
    ] as const
  ).map(
    ([name, value]): Change => ({
      kind: `${name}=${value}`,
      relevant: 'no',
      scene: FILE_KEYS,
      change: (world) => world.set(name, value),
    }),
  ),
  {
    kind: 'another spelling of the command line',
    relevant: 'no',
    scene: FILE_KEYS,
    fits: (world) => !world.has('original') && !world.has('generations'),
    change: (world) => {
      const at = world.args.indexOf('--cluster-name');
      world.args.splice(at, 2, `--cluster-name=${world.args[at + 1]}`);
    },
  },
  {
    kind: 'KUBERNETES_EXEC_INFO in another version',
    relevant: 'no',
    scene: FILE_KEYS,
    change: (world) => {
      const info = {
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1',
        spec: { interactive: false },
      };
      world.set('KUBERNETES_EXEC_INFO', JSON.stringify(info));
    },
  },
];

const untouched: readonly (readonly [kind: string, change: (world: World) => void])[] = [
  ['the folder of the files, touched', (world) => void utimesSync(world.home, GIVEN, GIVEN)],
  ['~/.aws, touched', (world) => void world.write('.aws/unread', 'x')],
  ["the CLI's telemetry", (world) => void world.write('.aws/cli/cache/session.db', 'x')],
  ["the CLI's history", (world) => void world.write('.aws/cli/history/history.db', 'x')],
  ['a kubeconfig', (world) => void world.write('.kube/config', 'x')],
  [
    'the session of another role in the cache of the CLI',
    (world) => world.cliCache('.aws/cli/cache/another.json', keyOf('x')),
  ],
  ['a program of another name', (world) => void world.write(join(world.root, 'bin/kubectl'), '#!/bin/sh\n', 0o755)],
];

const idleFiles: readonly Change[] = untouched.map(([kind, change]) => ({
  ...{ kind, relevant: 'no', scene: FILE_KEYS, change },
}));

/** What does not decide: the token stays. */
export const idleChanges: readonly Change[] = [...idleVariables, ...idleFiles];
