import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../../../src/testing/tls/certificate-authority.ts';
import { optionalProgram } from '../../../support/optional-programs.ts';

const HOSTS = ['127.0.0.1', 'localhost', '*.amazonaws.com', '::1', '2001:db8::ff00:42:8329'] as const;

describe('the certificate authority of the local servers', () => {
  const authority = createCertificateAuthority('a test authority');
  const server = authority.issue(HOSTS);

  it('issues certificates that it signed itself, for exactly the hosts asked for', () => {
    const ca = new X509Certificate(authority.certificate);
    const leaf = new X509Certificate(server.cert);
    expect(ca.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.issuer).toBe('CN=a test authority');
    expect(leaf.subject).toBe('CN=127.0.0.1');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkIP('::1')).toBe('::1');
    expect(leaf.checkIP('2001:db8::ff00:42:8329')).toBe('2001:db8::ff00:42:8329');
    expect(leaf.checkIP('127.0.0.2')).toBeUndefined();
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkHost('sts.amazonaws.com')).toBe('*.amazonaws.com');
    expect(leaf.checkHost('example.com')).toBeUndefined();
    expect(leaf.checkPrivateKey(createPrivateKey(server.key))).toBe(true);
  });

  it('is valid at any time between 2000 and 2049, so that clients under a frozen clock accept it', () => {
    const leaf = new X509Certificate(server.cert);
    expect(new Date(leaf.validFrom).toISOString()).toBe('2000-01-01T00:00:00.000Z');
    expect(new Date(leaf.validTo).toISOString()).toBe('2049-12-31T23:59:59.000Z');
  });

  it('gives every certificate another serial number', () => {
    const serials = Array.from({ length: 20 }, () => new X509Certificate(authority.issue(['a']).cert).serialNumber);
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('is trusted by a TLS client that trusts the authority, and by no other client', async () => {
    const listener = https.createServer(server, (_, response) => response.end('hello'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    try {
      expect(await get(port, { ca: authority.certificate })).toBe('hello');
      await expect(get(port, { ca: createCertificateAuthority('a test authority').certificate })).rejects.toThrow();
      await expect(get(port, {})).rejects.toThrow();
    } finally {
      listener.close();
    }
  });

  it('passes the strict checks of openssl', (context) => {
    const openssl = optionalProgram('openssl');
    if (openssl === undefined) return context.skip('no openssl');
    const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
    try {
      writeFileSync(join(directory, 'ca.pem'), authority.certificate);
      writeFileSync(join(directory, 'leaf.pem'), server.cert);
      const flags = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1'];
      const run = spawnSync(openssl, [...flags, '-CAfile', 'ca.pem', 'leaf.pem'], {
        cwd: directory,
        encoding: 'utf8',
      });
      expect(run.stdout + run.stderr).toContain('leaf.pem: OK');
      expect(run.status).toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

function get(port: number, trust: { ca?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get({ host: '127.0.0.1', port, agent: false, ...trust }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    });
    request.on('error', reject);
  });
}
