import { connect, createServer, type Socket } from 'node:net';

/** A relay in front of a server on this machine, as a NAT or a balancer is one. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** The connections of now carry nothing more, in either direction, and are not closed. */
  fallSilent(): void;
  /** What comes from now on is accepted, and not led on. */
  mute(): void;
}

export async function relayTo(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let pairs: (readonly [Socket, Socket])[] = [];
  let isMute = false;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {});
    if (isMute) return;
    const up = connect(port, '127.0.0.1');
    sockets.add(up);
    up.on('error', () => client.destroy());
    client.on('close', () => up.destroy());
    client.pipe(up).pipe(client);
    pairs.push([client, up]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    fallSilent() {
      for (const [client, up] of pairs) {
        client.unpipe(up);
        up.unpipe(client);
        client.pause();
        up.pause();
      }
      pairs = [];
    },
    mute() {
      isMute = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
