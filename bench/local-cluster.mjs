// A local EKS cluster in a process of its own, behind a relay that counts connections. Commands come by IPC.
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

const commands = {
  count: () => ({ opened, open: open.size }),
  kubeconfig: (options) => eks.kubeconfig({ profile: 'admin', server, ...options }),
  revoke: (key) => eks.revoke(key ?? eks.identities.admin.accessKeyId),
  addAdmin: (keys) => eks.addIdentity({ ...eks.identities.admin, ...keys }),
  closeWatches: () => eks.closeWatches(),
};
process.on('message', async ({ id, command, argument }) => {
  process.send({ id, answer: await commands[command](argument) });
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit());
process.send({ ready: true });
