import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An STS that gives every role, knows a quota and counts. */
export interface QuotaSTS extends AsyncDisposable {
  readonly url: string;
  /** The roles, in the order of their calls. */
  readonly roles: string[];
  /** When each call was signed, in the same order. */
  readonly signedAt: Date[];
  readonly connections: () => number;
  readonly mostAtOnce: () => number;
  readonly throttled: () => number;
  /** Lets waiting calls be answered; while it is held none is. */
  hold(): () => void;
}

/** How a {@link QuotaSTS} behaves. */
export interface QuotaSTSOptions {
  readonly delayMs?: number;
  /** How many calls are throttled before one succeeds. */
  readonly throttleFirst?: number;
  /** Of the credentials. */
  readonly lifeMinutes?: number;
}

export async function startQuotaSTS(options: QuotaSTSOptions = {}): Promise<QuotaSTS> {
  const { delayMs = 5, throttleFirst = 0, lifeMinutes = 60 } = options;
  const roles: string[] = [];
  const signedAt: Date[] = [];
  const sockets = new Set<Socket>();
  let [connections, atOnce, most, throttled] = [0, 0, 0, 0];
  let held: Promise<void> = Promise.resolve();
  const server = createServer(async (request, response) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    let body = '';
    for await (const chunk of request) body += chunk;
    signedAt.push(
      new Date(`${request.headers['x-amz-date']}`.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')),
    );
    roles.push(new URLSearchParams(body).get('RoleArn') ?? '');
    await held;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    atOnce -= 1;
    response.setHeader('content-type', 'text/xml');
    if (throttled < throttleFirst) {
      throttled += 1;
      response.writeHead(400).end(refusal);
    } else response.end(credentials(lifeMinutes));
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    roles,
    signedAt,
    connections: () => connections,
    mostAtOnce: () => most,
    throttled: () => throttled,
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const refusal =
  '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';

function credentials(lifeMinutes: number): string {
  const ends = `${new Date(Date.now() + lifeMinutes * 60_000).toISOString().slice(0, 19)}Z`;
  return `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
