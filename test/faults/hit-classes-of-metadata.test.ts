import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { noteSkipped, optionalProgram } from '../support/optional-programs.ts';
import { PATH } from '../support/paths.ts';
import { seededRandom } from '../support/random.ts';
import { executable, install, NODE_ANSWER, SCRIPT } from '../support/script-shells.ts';
import { SEED } from '../support/seed.ts';
import { withValues } from '../support/sh.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * What the metadata service of an instance or the agent of Pod Identity gave is stored only if it came from their
 * link-local addresses, so a namespace of the network has these here. Each world asks the script twice: with the real
 * Node, which fills the cache, and with a `node` that only says that it was asked.
 */
const WORLDS = Number(process.env.EKSPRESS_WORLDS ?? 8);
const LEAST = 0.95;

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

const namespace = [optionalProgram('unshare') ?? 'unshare', '--map-root-user', '--net'] as const;
const ip = optionalProgram('ip') ?? 'ip';
const possible = spawnSync(namespace[0], [...namespace.slice(1), ip, 'link', 'set', 'lo', 'up']).status === 0;
if (!possible) noteSkipped('no namespaces of the network');

/** Answers as the metadata service and as the agent. */
const SERVER = `
const { createServer } = require('node:http');
const keys = (role) => ({
  Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: 'ASIAEXAMPLEKEY' + role, SecretAccessKey: 'EXAMPLEKEY', Token: 'EXAMPLEKEY',
  LastUpdated: new Date().toISOString(), Expiration: new Date(Date.now() + 6 * 3600e3).toISOString(),
});
const routes = {
  '/latest/api/token': () => 'EXAMPLEKEY',
  '/latest/meta-data/iam/security-credentials/': () => 'node-role',
  '/latest/meta-data/iam/security-credentials/node-role': () => JSON.stringify(keys('NODE')),
  '/latest/meta-data/placement/availability-zone/': () => 'us-west-2b',
  '/v1/credentials': ({ headers }) => headers.authorization === 'EXAMPLEKEY.jwt' && JSON.stringify(keys('POD')),
};
let open = 0;
for (const host of ['169.254.169.254', '169.254.170.23']) {
  const server = createServer((request, response) => {
    const text = routes[request.url.split('?')[0]]?.(request);
    response.writeHead(text ? 200 : 404, { 'content-type': 'text/plain', 'x-aws-ec2-metadata-token-ttl-seconds': '21600' });
    response.end(text || '');
  });
  server.listen(80, host, () => { open += 1; if (open === 2) console.log('open'); });
}
`;

/** Prepares the network and the server, asks in each world twice, and prints the second answers, one line each. */
const DRIVER = `
set -e
"$IP" link set lo up
for address in 169.254.169.254 169.254.170.23; do "$IP" address add "$address/32" dev lo; done
mkfifo "$ROOT/open"
"$NODE" "$ROOT/server.cjs" >"$ROOT/open" &
server=$!
trap 'kill $server' EXIT
read -r _ <"$ROOT/open"
for world in "$ROOT"/worlds/*; do
  for script in "$ROOT/with-node" "$ROOT/ekspress-exec"; do
    env -i HOME="$world" $(cat "$world/environment") /bin/sh "$script" $(cat "$world/words") >"$world/answer" 2>"$world/said" || :
  done
  tr -d '\\n' <"$world/answer"
  echo
done
`;

interface World {
  readonly environment: readonly string[];
}

/** The usual variables of a pod with Pod Identity, as its webhook sets them. */
function pod(root: string, chance: (share: number) => boolean): World {
  const token = join(root, 'jwt');
  writeFileSync(token, 'EXAMPLEKEY.jwt');
  return {
    environment: [
      'AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials',
      `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=${token}`,
      'AWS_STS_REGIONAL_ENDPOINTS=regional',
      'AWS_DEFAULT_REGION=us-west-2',
      'AWS_REGION=us-west-2',
      ...(chance(0.3) ? ['KUBERNETES_SERVICE_HOST=10.100.0.1'] : []),
    ],
  };
}

function instance(root: string, chance: (share: number) => boolean): World {
  if (!chance(0.3)) return { environment: chance(0.3) ? ['AWS_REGION=us-west-2'] : [] };
  mkdirSync(join(root, '.aws'));
  writeFileSync(join(root, '.aws/config'), '[default]\nregion = us-west-2\n');
  return { environment: [] };
}

const classes = { 'Pod Identity': pod, 'the metadata service (IMDS)': instance };

describe.skipIf(!possible)('The script without Node', () => {
  it.each(Object.entries(classes))('answers unchanged worlds with %s', async (name, make) => {
    const root = temporaryFolder('worlds');
    const random = seededRandom(SEED);
    const { script, node } = install(root);
    expect(script).toBe(join(root, 'ekspress-exec'));
    executable(
      join(root, 'with-node'),
      withValues(readFileSync(SCRIPT, 'utf8'), { ekspress_node: process.execPath, ekspress_package: packageFolder }),
    );
    writeFileSync(join(root, 'server.cjs'), SERVER);
    executable(join(root, 'bin-node'), readFileSync(node, 'utf8'));
    for (let index = 100; index < 100 + WORLDS; index += 1) {
      const world = join(root, `worlds/${index}`);
      mkdirSync(world, { recursive: true });
      const { environment } = make(world, (share) => random.chance(share));
      const cluster = random.pick(['prod', 'staging']);
      writeFileSync(join(world, 'environment'), [`PATH=${PATH}`, ...environment].join('\n'));
      writeFileSync(join(world, 'words'), `-- aws --region us-west-2 eks get-token --cluster-name ${cluster}`);
    }
    const env = { PATH, ROOT: root, NODE: process.execPath, IP: ip };
    const [unshare, ...words] = [...namespace, '/bin/sh', '-c', DRIVER];
    const { stdout } = await promisify(execFile)(unshare, words, { env });
    const answers = stdout.trimEnd().split('\n');
    const hits = answers.filter(
      (answer) => answer.includes('"token":"k8s-aws-v1.') || answer.includes('"token": "k8s-'),
    );
    console.log(`${name}: ${hits.length} of ${WORLDS} worlds were answered by the script (seed ${SEED})`);
    expect(answers).toHaveLength(WORLDS);
    expect(answers).not.toContain(NODE_ANSWER);
    expect(hits.length / WORLDS).toBeGreaterThanOrEqual(LEAST);
  });
});
