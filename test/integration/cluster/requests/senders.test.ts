import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { emptyList, scriptedServer } from '../../../support/scripted-server.ts';

/** Makes Node look like a runtime that replaces packages of client-node. */
const AS_BUN = "Object.defineProperty(process.versions, 'bun', { value: '1.3.9' });";
/** Makes node:http send requests without their agents, as Bun did before 1.4. */
const WITHOUT_AGENTS = `
  const { request } = http;
  http.request = (options, ...more) => request({ ...options, agent: undefined }, ...more);
  syncBuiltinESMExports();`;

/** Lists and watches with a registered cluster, and watches with a class of client-node. Prints what became of each. */
async function walk(
  runtime: string,
): Promise<{ readonly outcomes: readonly string[]; readonly paths: readonly string[] }> {
  await using server = await scriptedServer(({ path }, response) =>
    path.includes('watch=true') ? void response.end() : emptyList(response),
  );
  const script = `
    import http from 'node:http';
    import { syncBuiltinESMExports } from 'node:module';
    ${runtime}
    const { CoreV1Api, Watch } = await import('@kubernetes/client-node');
    const { ClusterRegistry, getEKSToken } = await import('ekspress');
    const outcomes = [];
    const note = async (call) => outcomes.push(await call().then(() => 'done', (error) => error.code + ': ' + error.message));
    const registry = new ClusterRegistry({ cache: false });
    await note(() => getEKSToken({ clusterName: 'dev', region: 'us-east-1', cache: false }));
    let cluster;
    await note(async () => {
      const trustedServers = [${JSON.stringify(server.trusted)}];
      cluster = await registry.registerEKSByString(${JSON.stringify(server.kubeconfig)}, { trustedServers });
    });
    if (cluster !== undefined) {
      await note(() => cluster.makeApiClient(CoreV1Api).listNamespace());
      const watching = (watch) => new Promise((resolve, reject) =>
        watch.watch('/api/v1/pods', {}, () => {}, (error) => (error ? reject(error) : resolve())).catch(reject));
      await note(() => watching(cluster.makeWatch()));
      await note(() => watching(new Watch(cluster.kubeConfig)));
    }
    await registry.close();
    console.log(JSON.stringify(outcomes));`;
  const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  return { outcomes: JSON.parse(stdout), paths: server.seen.map(({ path }) => path.replace(/\?.*/, '')) };
}

it('Clients of a cluster send through node:http where the runtime replaces packages of client-node, and its own classes are refused', async () => {
  const { outcomes, paths } = await walk(AS_BUN);
  const refused =
    'INVALID_CONFIG: Bun replaces what sends this request of client-node, so it cannot be checked where a token goes.';
  expect(outcomes).toEqual(['done', 'done', 'done', 'done', refused]);
  expect(paths).toEqual(['/api/v1/namespaces', '/api/v1/pods']);
});

it('A cluster is not registered where node:http ignores agents, and a token is made', async () => {
  const { outcomes, paths } = await walk(AS_BUN + WITHOUT_AGENTS);
  const refused =
    'INVALID_CONFIG: Bun 1.3.9 sends requests without their agents, so it cannot be checked where a token goes.';
  expect(outcomes).toEqual(['done', refused]);
  expect(paths).toEqual([]);
});
