// node scripts/record-terminal.mjs: makes docs/figures/terminal.svg from a real run of kubectl, the AWS CLI and ekspress on an
// embedded local EKS. A terminal (tmux) runs the commands, its screen is read many times a second, and the picture shows
// each screen for as long as it stood. Needs tmux, kubectl, the AWS CLI and a build, and a machine with nothing else to do.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { terminalPicture } from './terminal-picture.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [COLUMNS, ROWS] = [84, 26];
/** Between two looks at the screen. */
const LOOK_MS = 30;
/** A screen that stood for less is left out: the turns of a progress mark. */
const LEAST_MS = 200;
/** How long a reader sees what a command printed. */
const READ_MS = 1800;

/** The commands of the recording; the words after # are printed, too. */
const COMMANDS = [
  'time kubectl get ns          # with aws eks get-token',
  'ekspress apply --all --yes',
  'time kubectl get ns          # the same token, from the cache',
  'ekspress status',
];

const home = mkdtempSync(join(tmpdir(), 'terminal-'));
const socket = `terminal-${process.pid}`;
const tmux = (...words) =>
  execFileSync('tmux', ['-L', socket, '-u', '-f', '/dev/null', ...words], { encoding: 'utf8' });
const screen = () => tmux('capture-pane', '-p', '-e').trimEnd();
const plain = () => tmux('capture-pane', '-p').trimEnd();

const aws = await startLocalAWS();
const proxy = await aws.startProxy();
const clusters = await Promise.all(['prod', 'staging'].map((clusterName) => startLocalEKS({ aws, clusterName })));
try {
  await prepare();
  const frames = await record();
  writeFileSync(
    join(root, 'docs/figures/terminal.svg'),
    terminalPicture(frames, {
      columns: COLUMNS,
      rows: ROWS,
      title: 'kubectl before and after ekspress apply',
      description: `A terminal in which these commands ran: ${COMMANDS.map((command) => command.split('  #')[0]).join('; ')}.`,
    }),
  );
} finally {
  try {
    tmux('kill-server');
  } catch {
    // The terminal has not started.
  }
  await Promise.all([...clusters, proxy, aws].map((server) => server.close()));
  rmSync(home, { recursive: true, force: true });
}

/** A home with a context for each cluster, as `aws eks update-kubeconfig` writes it, and the terminal. */
async function prepare() {
  mkdirSync(join(home, '.kube'));
  mkdirSync(join(home, 'bin'));
  await clusters[0].writeAWSFiles(home, { region: clusters[0].region });
  writeFileSync(join(home, 'ca.pem'), aws.certificateAuthority);
  writeFileSync(join(home, '.kube/config'), kubeconfig(), { mode: 0o600 });
  const program = join(home, 'bin/ekspress');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${root}dist/cli/main.js' "$@"\n`);
  chmodSync(program, 0o755);
  const environment = {
    HOME: home,
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    TERM: 'xterm-256color',
    LC_ALL: 'C.UTF-8',
    HTTPS_PROXY: proxy.url,
    AWS_CA_BUNDLE: join(home, 'ca.pem'),
    ...(process.env.PYENV_ROOT === undefined ? {} : { PYENV_ROOT: process.env.PYENV_ROOT }),
  };
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const shell = ['env', '-i', ...words, 'PS1=$ ', 'TIMEFORMAT=%2R s', 'bash', '--norc', '--noprofile'];
  tmux('new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, ...shell);
  await waitFor(() => plain() === '$');
  // kubectl asks the server for its resources once; later commands read its cache.
  tmux('send-keys', 'kubectl get ns >/dev/null; kubectl --context staging get ns >/dev/null; clear', 'Enter');
  await sleep(500);
  await waitFor(() => plain() === '$');
}

function kubeconfig() {
  const named = clusters.map((cluster) => ({
    name: cluster.clusterName,
    cluster: { server: cluster.server, 'certificate-authority-data': cluster.certificateAuthorityData },
  }));
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    clusters: named,
    contexts: named.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    users: clusters.map(({ clusterName, region }) => ({
      name: clusterName,
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'aws',
          args: ['--region', region, 'eks', 'get-token', '--cluster-name', clusterName, '--output', 'json'],
        },
      },
    })),
  });
}

/** Runs the commands. @returns each screen, and how long it stood */
async function record() {
  const frames = [];
  const began = performance.now();
  const look = () => {
    const text = screen();
    if (frames.at(-1)?.text !== text) frames.push({ text, at: performance.now() - began });
  };
  const lookFor = async (ms) => {
    for (const end = performance.now() + ms; performance.now() < end; await sleep(LOOK_MS)) look();
  };
  await lookFor(500);
  for (const command of COMMANDS) {
    tmux('send-keys', '-l', command);
    await lookFor(700);
    tmux('send-keys', 'Enter');
    await lookFor(150);
    await waitFor(() => {
      look();
      return plain().split('\n').at(-1) === '$';
    });
    await lookFor(READ_MS);
  }
  await lookFor(READ_MS);
  const stood = ({ at }, index) => (frames[index + 1]?.at ?? Number.POSITIVE_INFINITY) - at >= LEAST_MS;
  const [kept, end] = [frames.filter(stood), performance.now() - began];
  return kept.map(({ text, at }, index) => ({ text, ms: (kept[index + 1]?.at ?? end) - at }));
}

async function waitFor(condition) {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 2000) throw new Error(`the terminal stands still:\n${plain()}`);
    await sleep(LOOK_MS);
  }
}
