import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { frame, type SeenRequest } from './scripted-server.ts';

const SUCCESS = { metadata: {}, status: 'Success' };

/** The largest piece of output in one message of {@link frame}. */
const PIECE = 60_000;

/**
 * Runs the command of an exec request on this machine, as a container runtime does in a container, and answers as the API
 * server does.
 * @param env of the command; its PATH decides which programs the container has
 */
export function runCommand({ path }: SeenRequest, socket: Duplex, accept: () => void, env: NodeJS.ProcessEnv): void {
  const [program = '', ...args] = new URL(path, 'https://server').searchParams.getAll('command');
  accept();
  const child = spawn(program, args, { env });
  const end = (status: object): void => void socket.write(frame(3, JSON.stringify(status)));
  for (const [number, stream] of [
    [1, child.stdout],
    [2, child.stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += PIECE) socket.write(frame(number, chunk.subarray(at, at + PIECE)));
    });
  }
  child.stdin.on('error', () => {});
  child.on('error', () =>
    end({
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: exec: "${program}": executable file not found in $PATH`,
      reason: 'InternalError',
      code: 500,
    }),
  );
  child.on('close', (code) => {
    if (code === null || code < 0) return;
    const causes = [{ reason: 'ExitCode', message: `${code}` }];
    const message = `command terminated with exit code ${code}`;
    const failure = { metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message, details: { causes } };
    end(code === 0 ? SUCCESS : failure);
  });
  readMessages(socket, ([stream, ...bytes]) => {
    if (stream === 0) child.stdin.write(Buffer.from(bytes));
    if (stream === 255) child.stdin.end();
  });
}

/** Reads the messages of a client over a web socket. They are masked. */
function readMessages(socket: Duplex, message: (payload: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2) {
      const short = (held[1] ?? 0) & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (held.length < head + 4) return;
      const length = short === 127 ? Number(held.readBigUInt64BE(2)) : short === 126 ? held.readUInt16BE(2) : short;
      if (held.length < head + 4 + length) return;
      const mask = held.subarray(head, head + 4);
      const payload = held.subarray(head + 4, head + 4 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      if (((held[0] ?? 0) & 0xf) === 2) message(Buffer.from(payload));
      held = held.subarray(head + 4 + length);
    }
  });
}
