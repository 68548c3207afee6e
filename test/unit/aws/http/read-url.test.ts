import { describe, expect, it } from 'vitest';
import { readURL } from '../../../../src/aws/http/read-url.ts';
import { environmentProxy } from '../../../../src/cluster/transport/environment-proxy.ts';
import { mayBeLinkLocal } from '../../../../src/cluster/trust/link-local.ts';
import { canonicalServer, isPlainHTTPS } from '../../../../src/cluster/trust/trusted-servers.ts';
import { makeHome, mint } from '../../../support/aws-home.ts';

/** What is read, and as what; the URL parsers of Node 20, 22 and 24 do not agree on all of it. */
const READ: readonly (readonly [text: string, href: string | undefined])[] = [
  ['https://sts.us-east-1.amazonaws.com', 'https://sts.us-east-1.amazonaws.com/'],
  ['HTTPS://STS.Amazonaws.com:443/a/B?c=%2F#d', 'https://sts.amazonaws.com/a/B?c=%2F#d'],
  ['http://under_score.example.:8080', 'http://under_score.example.:8080/'],
  ['http://127.0.0.1:3128', 'http://127.0.0.1:3128/'],
  ['http://0x7f.1', 'http://127.0.0.1/'],
  ['http://[0:0:0:0:0:0:0:1]:80', 'http://[::1]/'],
  ['http://[::ffff:169.254.169.254]', 'http://[::ffff:a9fe:a9fe]/'],
  ['http://me:p%40ss@proxy.example:3128', 'http://me:p%40ss@proxy.example:3128/'],
  ['http://me:p@ss@proxy.example:3128', 'http://me:p%40ss@proxy.example:3128/'],
  ['socks5://proxy.example:1080', 'socks5://proxy.example:1080'],
  // By the tables of the release.
  ['https://xn--a.b', undefined],
  ['https://xn--mnchen-3ya.example', undefined],
  ['https://a.XN--ls8h.example', undefined],
  ['https://a\u{1f4a9}.example', undefined],
  ['https://münchen.example', undefined],
  ['https://１６９.254.169.254', undefined],
  ['https://a\u00adb.example', undefined],
  ['https://a\u200db.example', undefined],
  // Put right by some, no address to others.
  ['https:/a.example', undefined],
  ['https:a.example', undefined],
  ['https:///a.example', undefined],
  ['https:\\\\a.example', undefined],
  ['https://127.0.0.1\\@a.example', undefined],
  [' https://a.example', undefined],
  ['https://a.example\n', undefined],
  ['https://a.exa\tmple', undefined],
  ['https://a.ex%61mple', undefined],
  ['https://a..example', undefined],
  ['https://a.example:', undefined],
  ['https://a.example/\u00fc', undefined],
  ['https://a.example/^', undefined],
  ['https://a.example/?q=|', undefined],
  // No address to anybody.
  ['https://a.example:65536', undefined],
  ['https://1.2.3.4.5', undefined],
  ['https://256.1.1.1', undefined],
  ['https://[::1', undefined],
  ['https://[1::2::3]', undefined],
  ['https://', undefined],
  ['a.example', undefined],
  ['', undefined],
  [`https://${'a'.repeat(64)}.example`, undefined],
  [`https://${'a.'.repeat(130)}example`, undefined],
];

describe('an address under every Node', () => {
  it.each(READ)('means the same: %s', (text, href) => {
    expect(readURL(text)?.href).toBe(href);
  });
});

describe('a host that releases of Node read differently', () => {
  const ODD = ['https://xn--a.b', 'https://xn--a.example', 'https://a\u{1f4a9}.example', 'https://１６９.254.169.254'];
  const KEYS = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
    AWS_DEFAULT_REGION: 'us-west-2',
  };

  it.each(ODD)('is left to the command as an endpoint: %s', async (url) => {
    const names = ['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'];
    for (const name of names) {
      const { minted } = await mint(await makeHome({}, { ...KEYS, [name]: url }));
      expect(minted, name).toMatchObject({ kind: 'undecided', reason: 'the configured endpoint is not a plain URL' });
    }
  });

  it.each(ODD)('is left to the command as the source of container or instance credentials: %s', async (url) => {
    const region = { AWS_DEFAULT_REGION: 'us-west-2', AWS_EC2_METADATA_DISABLED: 'false' };
    for (const name of ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_EC2_METADATA_SERVICE_ENDPOINT']) {
      const { minted } = await mint(await makeHome({}, { ...region, [name]: url }));
      expect(minted, name).toMatchObject({ kind: 'undecided' });
    }
  });

  it.each(ODD)('is trusted for no stranger’s server, and taken from a file of one’s own: %s', (url) => {
    expect(canonicalServer(url)).toBeUndefined();
    expect(mayBeLinkLocal(url)).toBe(true);
    expect(isPlainHTTPS(url)).toBe(true);
    const PROXY = 'http://proxy.example:3128';
    expect(environmentProxy(url, { HTTPS_PROXY: PROXY })).toBe(PROXY);
    expect(environmentProxy(url, { HTTPS_PROXY: PROXY, NO_PROXY: /\/\/(.*)/.exec(url)?.[1] })).toBeUndefined();
  });

  it.each(ODD)('is named as the fault where it is a proxy: %s', (url) => {
    expect(() => environmentProxy('https://a.example', { HTTPS_PROXY: url })).toThrow(
      'The environment variable HTTPS_PROXY is not a proxy URL.',
    );
  });
});
