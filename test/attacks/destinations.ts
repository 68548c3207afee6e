import { originOf } from '../../src/aws/http/read-url.ts';
import { Passage } from '../../src/cluster/transport/passage.ts';
import type { Route } from '../../src/cluster/transport/route.ts';
import { mayBeLinkLocal } from '../../src/cluster/trust/link-local.ts';
import { kubeconfigText, SERVER } from '../support/kubeconfig-text.ts';
import type { Random } from '../support/random.ts';
import type { Attack, Place } from './attack.ts';

const HOST = new URL(SERVER).host;
const TOKEN = 'k8s-aws-v1.aHR0cHM6Ly8';

/** Servers that look like the trusted one. */
async function lookAlike(random: Random, { codeOf }: Place): Promise<boolean> {
  const n = random.below(1_000);
  const server = random.pick([
    `https://evil${n}.example`,
    `${SERVER}.evil${n}.example`,
    `https://evil${n}.example/${HOST}`,
    `https://${HOST}@evil${n}.example`,
    `https://evil${n}.example#${HOST}`,
    `https://evil${n}.example?${HOST}`,
    `${SERVER}:${1024 + n}`,
    `${SERVER}/proxy/${n}`,
    `${SERVER}/../${n}`,
    SERVER.replace('https', random.pick(['http', 'ftp', 'ws', 'HTTP'])),
    SERVER.replace('.gr7.', `.gr${(n % 6) + 1}.`),
    SERVER.replace('us-west-2', random.pick(['us-west-1', 'eu-west-2'])),
    SERVER.replace('ABCDEF', `ABCDE${'0123456789'[n % 10]}`),
    SERVER.replace('amazonaws.com', random.pick(['amazonaws.co', 'arnazonaws.com', 'amazonaws.com.cn'])),
    SERVER.replace('https://', random.pick(['https:/', 'https:', 'https:\\\\', '//', 'https://u:p@'])),
    `'https://evil${n}.example\\@${HOST}'`,
    `"https://${HOST}%2eevil${n}.example"`,
    `https://xn--evil${n}.example`,
  ]);
  return (await codeOf(kubeconfigText({ server }))) === 'SERVER_UNTRUSTED';
}

/** Link-local addresses and metadata services, in every notation. */
function linkLocal(random: Random): boolean {
  const [a, b, c, d] = [169, 254, random.below(256), random.below(256)];
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number) => value.toString(16);
  const low = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  const host = random.pick([
    `${a}.${b}.${c}.${d}`,
    `${number}`,
    `0x${hex(number)}`,
    `0X${hex(number).toUpperCase()}`,
    [a, b, c, d].map(octal).join('.'),
    [a, b, c, d].map((part) => `0x${hex(part)}`).join('.'),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${octal(a)}.${b}.0x${hex(c * 256 + d)}`,
    `[::ffff:${low}]`,
    `[::ffff:${a}.${b}.${c}.${d}]`,
    `[0:0:0:0:0:ffff:${low}]`,
    `[::${low}]`,
    `[::ffff:0:${low}]`,
    `[64:ff9b::${low}]`,
    `[64:ff9b:1::${low}]`,
    `[64:ff9b:1:${hex(a * 256 + b)}:${hex(c)}:${hex(d * 256)}::]`,
    `[64:ff9b:1:${hex(random.below(256) * 256 + a)}:${hex(b)}:${hex(c * 256 + d)}::]`,
    `[64:ff9b:1:${hex(random.below(65_536))}:${hex(a)}:${hex(b * 256 + c)}:${hex(d * 256)}:0]`,
    `[2001:0:${hex(random.below(65_536))}:1:0:1:${hex(65_535 - a * 256 - b)}:${hex(65_535 - c * 256 - d)}]`,
    `[2001:0:${low}::1]`,
    `[2001:db8::5efe:${low}]`,
    `[2002:${low}::1]`,
    `[fe80::${hex(random.below(65_536))}]`,
    `[feb${hex(random.below(16))}::1]`,
    `[fd00:ec2::${hex(random.below(65_536))}]`,
    ...[
      'metadata',
      'metadata.google.internal',
      'METADATA.google.internal',
      'instance-data',
      '100.100.100.200',
      '168.63.129.16',
    ],
  ]);
  const dot = host.endsWith(']') ? '' : random.pick(['', '.']);
  const scheme = random.pick(['http', 'https', 'HTTP', 'socks5']);
  return mayBeLinkLocal(`${scheme}://${host}${dot}${random.pick(['', ':8080', '/x', ':80/latest'])}`);
}

/** Hops of a request that carries a token: nothing but the server of its passage gets it. */
function hop(random: Random): boolean {
  const origin = originOf(`${SERVER}:${random.pick(['', '443', '8443'])}`);
  if (origin === undefined) return false;
  const passage = new Passage({ origin, name: origin.host, verify: true } as Route, undefined);
  const header = passage.authorize(TOKEN);
  const elsewhere = random.pick([
    { ...origin, host: `evil${random.below(100)}.example` },
    { ...origin, port: origin.port + 1 + random.below(100) },
    { ...origin, secure: false },
    { ...origin, host: `${origin.host}.` },
  ]);
  const admitted = (to: typeof origin, authorization: string): boolean => {
    try {
      return passage.admit(to, authorization);
    } catch {
      return false;
    }
  };
  // The first hop, a redirect, and the token of another request to the right server.
  if (random.chance(0.3)) return !admitted(elsewhere, header);
  if (random.chance(0.3)) return !admitted(origin, `Bearer k8s-aws-v1.other${random.below(1_000)}`);
  return admitted(origin, header) && !admitted(elsewhere, header);
}

export const DESTINATIONS: Attack = {
  kind: 'destinations',
  hold: (random, place) => random.pick([() => lookAlike(random, place), () => linkLocal(random), () => hop(random)])(),
};
