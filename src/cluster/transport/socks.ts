import { isIP, type Socket } from 'node:net';
import type { Origin } from '../../aws/http/read-url.ts';
import { onAbort } from '../../system/link-signals.ts';
import { proxyError } from './tunnel.ts';

const VERSION = 5;
const [NO_AUTHENTICATION, PASSWORD] = [0, 2];
const [ADDRESS_4, NAME, ADDRESS_6] = [1, 3, 4];
/** A name, user or password has a length of one byte. */
const LONGEST = 255;
/** The meanings of the numbers in refusals (RFC 1928). */
const REFUSALS = [
  'fails',
  'does not allow the connection',
  'reports an unreachable network',
  'reports an unreachable host, or a name that it cannot look up',
  'reports a refused connection',
  'reports that the time to live has passed',
  'does not support CONNECT',
  'does not support this kind of address',
];

/**
 * Lets a SOCKS5 proxy connect to a server. The proxy gets the name of the server, not its address, as in Go: with `ssh
 * -D` only the other end can look it up.
 * @param socket a connection to the proxy
 * @throws EKSAuthError NETWORK
 */
export async function throughSOCKS(socket: Socket, proxy: URL, to: Origin, signal: AbortSignal): Promise<Socket> {
  const callOff = onAbort(signal, () => socket.destroy());
  try {
    const withPassword = proxy.username !== '';
    socket.write(
      Buffer.from(withPassword ? [VERSION, 2, NO_AUTHENTICATION, PASSWORD] : [VERSION, 1, NO_AUTHENTICATION]),
    );
    const [version, method] = await take(socket, 2);
    if (version !== VERSION) throw proxyError(proxy, 'does not speak SOCKS5');
    if (method === PASSWORD && withPassword) await authenticate(socket, proxy);
    else if (method !== NO_AUTHENTICATION) throw proxyError(proxy, 'wants another user or password');
    socket.write(Buffer.from([VERSION, 1, 0, ...addressOf(to.host, proxy), to.port >> 8, to.port & 255]));
    const [, reply = 0, , kind] = await take(socket, 4);
    if (reply !== 0) throw proxyError(proxy, REFUSALS[reply - 1] ?? 'refuses the connection');
    // The rest of the reply is the address of the proxy's own end, which is not needed.
    const length = kind === ADDRESS_6 ? 16 : kind === NAME ? (await take(socket, 1))[0] : 4;
    await take(socket, (length ?? 0) + 2);
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error instanceof Error && error.name === 'EKSAuthError'
      ? error
      : proxyError(proxy, 'closed the connection', error);
  } finally {
    callOff();
  }
}

async function authenticate(socket: Socket, proxy: URL): Promise<void> {
  const [user, password] = [proxy.username, proxy.password].map((text) => Buffer.from(decodeURIComponent(text)));
  if (user === undefined || password === undefined || user.length > LONGEST || password.length > LONGEST) {
    throw proxyError(proxy, `takes no user or password of more than ${LONGEST} bytes`);
  }
  socket.write(Buffer.from([1, user.length, ...user, password.length, ...password]));
  const [, status] = await take(socket, 2);
  if (status !== 0) throw proxyError(proxy, 'refuses the user or password');
}

function addressOf(host: string, proxy: URL): readonly number[] {
  const family = isIP(host);
  if (family === 0) {
    const name = Buffer.from(host);
    if (name.length > LONGEST) throw proxyError(proxy, `takes no server name of more than ${LONGEST} bytes`);
    return [NAME, name.length, ...name];
  }
  if (family === 4) return [ADDRESS_4, ...host.split('.').map(Number)];
  return [ADDRESS_6, ...bytesOfIPv6(host)];
}

/** The bytes of an IPv6 address. Node's normalisation leaves `::` and a dotted end, which are expanded here. */
function bytesOfIPv6(host: string): readonly number[] {
  const dotted = host.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = dotted.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const after = tail === undefined ? [] : groups(tail);
  const before = groups(head);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** Reads exactly so many bytes and leaves the rest to the next reader. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(length);
    if (bytes !== null) return bytes;
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        for (const [event, listener] of listeners) socket.off(event, listener);
        settle();
      };
      const closed = end(() => reject(new Error('it ended')));
      const listeners: readonly (readonly [string, () => void])[] = [
        ['readable', end(resolve)],
        ['end', closed],
        ['close', closed],
      ];
      for (const [event, listener] of listeners) socket.on(event, listener);
    });
  }
}
