import { BlockList, isIP } from 'node:net';
import { readURL } from '../../aws/http/read-url.ts';

/** Link-local addresses, and the unique local IPv6 address of EC2's instance metadata service. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6');

/**
 * Whether a URL leads to a link-local address, in whatever notation, or to a host that another reader may take for one.
 * Names are not looked up.
 */
export function mayBeLinkLocal(server: string): boolean {
  const url = readURL(server);
  if (url === undefined) return /^\s*https?:/i.test(server);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  return family !== 0 && LINK_LOCAL.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
