import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { temporaryFolder } from './temporary.ts';

/** A real server that this test has started, with TLS and with one user who may do what a fleet needs and no more. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly certificateAuthority: string;
  readonly user: string;
  readonly password: string;
  readonly process: ChildProcess;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** @param program - the path of redis-server or valkey-server */
export async function startRedis(program: string, fleet: string): Promise<RedisServer> {
  const folder = temporaryFolder('redis');
  const authority = createCertificateAuthority('local store');
  const { cert, key } = authority.issue(['127.0.0.1', 'localhost']);
  const port = await freePort();
  const [user, password] = ['ekspress', 'the-password-of-a-test'];
  for (const [name, text] of Object.entries({ 'ca.pem': authority.certificate, 'cert.pem': cert, 'key.pem': key }))
    writeFileSync(join(folder, name), text);
  const lines = [
    'port 0',
    `tls-port ${port}`,
    'bind 127.0.0.1',
    `tls-cert-file ${join(folder, 'cert.pem')}`,
    `tls-key-file ${join(folder, 'key.pem')}`,
    `tls-ca-cert-file ${join(folder, 'ca.pem')}`,
    'tls-auth-clients no',
    'save ""',
    `dir ${folder}`,
    'user default off',
    `user ${user} on >${password} ~ekspress:1:${fleet}:* -@all +get +set`,
  ];
  writeFileSync(join(folder, 'redis.conf'), `${lines.join('\n')}\n`);
  const child = spawn(program, [join(folder, 'redis.conf')], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => /Ready to accept connections/.test(`${text}`) && resolve());
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const { certificate: certificateAuthority } = authority;
  return { port, certificateAuthority, user, password, process: child, [Symbol.asyncDispose]: close };
}
