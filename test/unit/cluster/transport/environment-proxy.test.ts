import { describe, expect, it } from 'vitest';
import { environmentProxy } from '../../../../src/cluster/transport/environment-proxy.ts';
import type { Environment } from '../../../../src/host.ts';

const SERVER = 'https://ABC.gr7.us-west-2.eks.amazonaws.com';
const PROXY = 'http://proxy.example:3128';

/** What Go's net/http.ProxyFromEnvironment does, which kubectl uses. */
const CASES: readonly (readonly [title: string, server: string, env: Environment, expected: string | undefined])[] = [
  ['nothing is set', SERVER, {}, undefined],
  ['HTTPS_PROXY is set', SERVER, { HTTPS_PROXY: PROXY }, PROXY],
  ['https_proxy is set', SERVER, { https_proxy: PROXY }, PROXY],
  ['both are set: capitals win', SERVER, { HTTPS_PROXY: PROXY, https_proxy: 'http://other:1' }, PROXY],
  ['only HTTP_PROXY is set', SERVER, { HTTP_PROXY: PROXY }, undefined],
  ['only ALL_PROXY is set', SERVER, { ALL_PROXY: PROXY, all_proxy: PROXY }, undefined],
  ['the server speaks http', 'http://api.example', { HTTP_PROXY: PROXY }, PROXY],
  [
    'the server speaks http, in a CGI program',
    'http://api.example',
    { HTTP_PROXY: PROXY, REQUEST_METHOD: 'GET' },
    undefined,
  ],
  ['the address has no scheme', SERVER, { HTTPS_PROXY: 'proxy.example:3128' }, PROXY],
  ['the proxy speaks socks', SERVER, { HTTPS_PROXY: 'socks5://proxy.example:1080' }, 'socks5://proxy.example:1080'],
  ['the server is localhost', 'https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['the server is on loopback', 'https://127.8.0.1:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['the server is on loopback of IPv6', 'https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['the server is on a long loopback of IPv6', 'https://[0:0:0:0:0:0:0:1]:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['the server is on loopback of IPv4 in IPv6', 'https://[::ffff:127.0.0.1]:6443', { HTTPS_PROXY: PROXY }, undefined],
];

const EXEMPTIONS: readonly (readonly [noProxy: string, server: string, exempt: boolean])[] = [
  ['*', SERVER, true],
  ['eks.amazonaws.com', SERVER, true],
  ['.eks.amazonaws.com', SERVER, true],
  ['*.eks.amazonaws.com', SERVER, true],
  ['EKS.AMAZONAWS.COM', SERVER, true],
  [' other , eks.amazonaws.com ', SERVER, true],
  ['abc.gr7.us-west-2.eks.amazonaws.com', SERVER, true],
  ['.abc.gr7.us-west-2.eks.amazonaws.com', SERVER, false],
  ['s.amazonaws.com', SERVER, false],
  ['eks.amazonaws.com:443', SERVER, true],
  ['eks.amazonaws.com:8443', SERVER, false],
  ['10.0.0.0/8', 'https://10.1.2.3', true],
  ['10.0.0.0/8', 'https://11.1.2.3', false],
  ['10.0.0.0/99', 'https://10.1.2.3', false],
  ['10.1.2.3', 'https://10.1.2.3', true],
  ['10.1.2.3:443', 'https://10.1.2.3', true],
  ['10.1.2.3:444', 'https://10.1.2.3', false],
  ['fd00::/8', 'https://[fd00::1]', true],
  ['fd00::1', 'https://[fd00::1]', true],
  ['FD00:0:0::1', 'https://[fd00::1]', true],
  ['::ffff:10.1.2.3', 'https://10.1.2.3', true],
  ['fd00::2', 'https://[fd00::1]', false],
  ['FD00::/64', 'https://[fd00::1]', true],
  ['fd00::1/128', 'https://[fd00::1]', true],
  ['fd00::2/127', 'https://[fd00::1]', false],
  ['::/0', 'https://[fd00::1]', true],
  ['fd00:0000:0000:0000:0000:0000:0000:0001', 'https://[fd00::1]', true],
  ['fd00::1', 'https://[FD00:0:0::1]', true],
  ['[fd00::1]', 'https://[fd00::1]', true],
  ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
  ['[fd00::1]:6443', 'https://[fd00::1]', false],
  ['[fd00::1', 'https://[fd00::2]', false],
  ['fe80::1', 'https://[fe80::1%25eth0]', true],
  ['fe80::/10', 'https://[fe80::1%25eth0]', true],
  ['fe80::1%eth0', 'https://[fe80::1%25eth0]', true],
  ['fe80::2', 'https://[fe80::1%25eth0]', false],
  ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]', true],
  ['::ffff:10.0.0.0/104', 'https://10.1.2.3', true],
  ['::ffff:10.0.0.0/104', 'https://11.1.2.3', false],
  ['::ffff:a01:203', 'https://10.1.2.3', true],
  ['', SERVER, false],
];

describe('the proxy that kubectl would use', () => {
  it.each(CASES)('is chosen where %s', (_title, server, env, expected) => {
    expect(environmentProxy(server, env)).toBe(expected);
  });

  it.each(EXEMPTIONS)('is chosen with NO_PROXY=%s for %s: exempt is %s', (noProxy, server, exempt) => {
    expect(environmentProxy(server, { HTTPS_PROXY: PROXY, NO_PROXY: noProxy })).toBe(exempt ? undefined : PROXY);
    expect(environmentProxy(server, { HTTPS_PROXY: PROXY, no_proxy: noProxy })).toBe(exempt ? undefined : PROXY);
  });

  it('is reported where it is not an address', () => {
    const call = () => environmentProxy(SERVER, { HTTPS_PROXY: 'http://proxy:port:port' });
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', remedy: expect.stringContaining('NO_PROXY') }),
    );
    expect(call).toThrow('The environment variable HTTPS_PROXY is not a proxy URL.');
  });
});
