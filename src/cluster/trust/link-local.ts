import { BlockList, isIP } from 'node:net';
import { readURL } from '../../aws/http/read-url.ts';

/** Link-local addresses, and those where clouds serve the credentials of a machine. */
const OF_MACHINE = new BlockList();
OF_MACHINE.addSubnet('169.254.0.0', 16, 'ipv4');
// Alibaba Cloud and Oracle Cloud.
OF_MACHINE.addAddress('100.100.100.200', 'ipv4');
OF_MACHINE.addAddress('192.0.0.192', 'ipv4');
// Azure's service for the agents of a machine.
OF_MACHINE.addAddress('168.63.129.16', 'ipv4');
OF_MACHINE.addSubnet('fe80::', 10, 'ipv6');
// EC2's instance metadata service and EKS Pod Identity; Google's metadata server.
OF_MACHINE.addSubnet('fd00:ec2::', 32, 'ipv6');
OF_MACHINE.addAddress('fd20:ce::254', 'ipv6');

/** Names that lead to a metadata service. */
const METADATA_NAMES = /^(?:(?:.*\.)?metadata(?:\.google)?(?:\.internal)?|instance-data(?:\.ec2\.internal)?)\.?$/i;

/** IPv6 ranges whose last 32 bits are an IPv4 address: mapped, compatible, translated (three prefixes). */
const EMBEDDING = [/^::ffff:/, /^::/, /^::ffff:0:/, /^64:ff9b::/, /^64:ff9b:1:/];
/** The prefix in which each network chooses its own translation. */
const LOCAL_TRANSLATION = /^64:ff9b:1:/;

/**
 * Whether a URL leads to a link-local address or a metadata service, in any notation, or to a host that another parser
 * may read as one. Names are not looked up.
 */
export function mayBeLinkLocal(server: string): boolean {
  const url = readURL(server);
  if (url === undefined) return /^\s*https?:/i.test(server);
  // The parser of http URLs has already normalised decimal, octal, hexadecimal and shortened IPv4 addresses.
  const plain = /^https?:$/.test(url.protocol) ? url : readURL(server.replace(/^[^:]+/, 'http'));
  const host = (plain ?? url).hostname.replace(/^\[|\]$/g, '');
  if (METADATA_NAMES.test(host)) return true;
  const family = isIP(host);
  if (family === 4) return OF_MACHINE.check(host, 'ipv4');
  if (family !== 6) return false;
  return OF_MACHINE.check(host, 'ipv6') || embeddedIPv4(host).some((address) => OF_MACHINE.check(address, 'ipv4'));
}

/** The IPv4 addresses that an IPv6 address in its shortest form contains. */
function embeddedIPv4(host: string): string[] {
  const groups = groupsOf(host);
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const at = (...places: readonly number[]): string => places.map((place) => bytes[place]).join('.');
  const last = [12, 13, 14, 15] as const;
  const found: string[] = [];
  if (EMBEDDING.some((prefix) => prefix.test(host))) found.push(at(...last));
  // RFC 6052 places the address behind a prefix of 48, 56 or 64 bits, and leaves byte 8 out.
  if (LOCAL_TRANSLATION.test(host)) found.push(at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12));
  // 6to4 has the address behind its prefix.
  if (groups[0] === 0x2002) found.push(at(2, 3, 4, 5));
  // Teredo has the address of its server, and that of the machine with all bits inverted.
  if (groups[0] === 0x2001 && groups[1] === 0) {
    found.push(at(4, 5, 6, 7), last.map((place) => 255 - (bytes[place] ?? 0)).join('.'));
  }
  // ISATAP has the address behind its mark, in any network.
  if ((groups[4] === 0 || groups[4] === 0x200) && groups[5] === 0x5efe) found.push(at(...last));
  return found;
}

function groupsOf(host: string): number[] {
  const [before = '', after] = host.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const first = numbers(before);
  if (after === undefined) return first;
  const last = numbers(after);
  return [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
}
