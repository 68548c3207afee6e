import { connect, createServer, type Socket } from 'node:net';
import type { Random } from './random.ts';

/** A relay whose connections have a fate each, chosen by a seed. */
export interface TroubledRelay extends AsyncDisposable {
  readonly port: number;
  /** How many connections had each fate. */
  readonly fates: ReadonlyMap<string, number>;
  /** Ends the connections of now; later ones are led on as they are. */
  behave(): void;
}

type Fate = 'fine' | 'slow' | 'silent' | 'cut' | 'closed' | 'mute';
const ENDING: readonly Fate[] = ['silent', 'cut', 'closed', 'mute'];
const FATES: readonly Fate[] = ['fine', 'fine', 'fine', 'slow', 'slow', ...ENDING, 'silent'];

/**
 * Starts one. Its first four connections have the four bad ends, one each: however few connections a client needs, it
 * meets them all. `slow` connections delay each part, `silent` ones carry nothing more after some bytes, `cut` ones are reset after
 * some bytes, `closed` ones are closed in good order then, and `mute` ones lead nothing on.
 */
export async function troubledRelayTo(port: number, random: Random): Promise<TroubledRelay> {
  const sockets = new Set<Socket>();
  const fates = new Map<string, number>();
  const first = random.shuffled(ENDING);
  let behaves = false;
  const server = createServer((client) => {
    const fate: Fate = behaves ? 'fine' : (first.shift() ?? random.pick(FATES));
    const most = 200 + random.below(12_000);
    const pause = 1 + random.below(40);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    sockets.add(client);
    client.on('error', () => {});
    client.on('close', () => sockets.delete(client));
    if (fate === 'mute') return void client.resume();
    const up = connect(port, '127.0.0.1');
    up.on('error', () => client.destroy());
    up.on('close', () => client.destroy());
    client.on('close', () => up.destroy());
    let carried = 0;
    const lead = (from: Socket, to: Socket): void => {
      from.on('data', (chunk: Buffer) => {
        carried += chunk.length;
        if (fate === 'fine' || (fate !== 'slow' && carried <= most)) return void to.write(chunk);
        if (fate === 'slow') {
          from.pause();
          setTimeout(() => {
            if (!to.destroyed) to.write(chunk);
            from.resume();
          }, pause);
        } else if (fate === 'cut') {
          client.resetAndDestroy();
        } else if (fate === 'closed') {
          client.end();
        }
        // What a silent connection should carry is lost.
      });
      from.on('end', () => {
        if (fate !== 'silent') to.end();
      });
    };
    lead(client, up);
    lead(up, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    fates,
    behave() {
      behaves = true;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
