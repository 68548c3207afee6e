// A local EKS cluster in its own process, behind a relay that counts connections. Receives commands by IPC.
import { request } from 'node:https';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { root } from './sandbox.mjs';

const { startLocalEKS } = await import(join(root, 'dist', 'testing', 'index.js'));
const [home] = process.argv.slice(2);
const eks = await startLocalEKS();
await eks.writeAWSFiles(home);

let opened = 0;
const open = new Set();
const port = Number(new URL(eks.server).port);
const relay = createServer((socket) => {
  opened += 1;
  open.add(socket);
  const target = connect(port, '127.0.0.1');
  socket.pipe(target).pipe(socket);
  socket.on('error', () => target.destroy());
  target.on('error', () => socket.destroy());
  socket.on('close', () => open.delete(socket));
});
await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
const server = `https://127.0.0.1:${relay.address().port}`;

const { getEKSToken } = await import(join(root, 'dist', 'index.js'));
const operator = {
  ...eks.identities.admin,
  name: 'operator',
  accessKeyId: 'AKIAOPERATOROPERATOR',
  secretAccessKey: 'operator/secret/operator/secret/operator',
};
eks.addIdentity(operator);

/** Creates a config map, as an identity whose keys are not revoked. */
async function create(name) {
  const { clusterName, region, server: url, certificateAuthority: ca } = eks;
  const { token } = await getEKSToken({ clusterName, region, cache: false, credentials: async () => operator });
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const status = await new Promise((resolve, reject) => {
    const call = request(`${url}/api/v1/namespaces/default/configmaps`, { ca, headers, method: 'POST' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject).end(body);
  });
  if (status !== 201) throw new Error(`the object was not created: ${status}`);
}

const commands = {
  create,
  count: () => ({ opened, open: open.size }),
  kubeconfig: (options) => eks.kubeconfig({ profile: 'admin', server, ...options }),
  revoke: (key) => eks.revoke(key ?? eks.identities.admin.accessKeyId),
  restore: (key) => eks.restore(key),
  addAdmin: (keys) => eks.addIdentity({ ...eks.identities.admin, ...keys }),
  closeWatches: () => eks.closeWatches(),
};
process.on('message', async ({ id, command, argument }) => {
  process.send({ id, answer: await commands[command](argument) });
});
// The parent process has ended.
process.on('disconnect', () => process.exit());
process.send({ ready: true });
