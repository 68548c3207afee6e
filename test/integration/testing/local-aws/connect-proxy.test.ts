import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { proxiedAWS } from '../../../support/proxied-aws.ts';

const local = proxiedAWS();

/** GET https://HOST/… through the proxy, trusting only the local AWS. */
async function getThrough(
  url: string,
): Promise<{ status: number | undefined; text: string; certificateFor: string | undefined }> {
  const { hostname, port, pathname, search } = new URL(url);
  const tunnel = http.request(local.proxy.url, { method: 'CONNECT', path: `${hostname}:${port || 443}`, agent: false });
  tunnel.end();
  const [answer, socket] = (await once(tunnel, 'connect')) as [http.IncomingMessage, Socket];
  if (answer.statusCode !== 200) return { status: answer.statusCode, text: '', certificateFor: undefined };
  const secure = connect({
    socket,
    ...(isIP(hostname) ? {} : { servername: hostname }),
    ca: local.aws.certificateAuthority,
  });
  await once(secure, 'secureConnect');
  const certificateFor = secure.getPeerCertificate().subjectaltname;
  const request = https.request({
    createConnection: () => secure,
    headers: { host: hostname },
    path: pathname + search,
  });
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  secure.destroy();
  return { status: response.statusCode, text, certificateFor };
}

describe('the proxy before the local AWS', () => {
  it.each([
    'sts.us-east-1.amazonaws.com',
    'portal.sso.eu-west-1.amazonaws.com',
    'sts.cn-north-1.amazonaws.com.cn',
    'sts.us-west-2.api.aws',
  ])('answers for %s with a certificate for that name', async (host) => {
    const { status, text, certificateFor } = await getThrough(
      `https://${host}/?Action=GetCallerIdentity&Version=2011-06-15`,
    );
    expect(status).toBe(403);
    expect(text).toContain('<Code>MissingAuthenticationToken</Code>');
    expect(certificateFor).toBe(`DNS:${host}`);
    expect(local.aws.calls.at(-1)).toMatchObject({ host, operation: 'GetCallerIdentity' });
    expect(local.proxy.connects).toEqual([`${host}:443`]);
  });

  it('leads to AWS and to loopback only', async () => {
    expect(await getThrough('https://example.com/')).toMatchObject({ status: 403 });
    expect(await getThrough('https://amazonaws.com.evil.example/')).toMatchObject({ status: 403 });
    await using eks = await startLocalEKS({ aws: local.aws });
    expect(await getThrough(`${eks.server}/healthz`)).toMatchObject({ status: 200, text: 'ok' });
    expect(local.proxy.connects).toEqual([
      'example.com:443',
      'amazonaws.com.evil.example:443',
      new URL(eks.server).host,
    ]);
  });

  it('serves an AWS that speaks TLS itself just as well', async () => {
    await local.start({ tls: true });
    expect(local.aws.endpoint).toMatch(/^https:/);
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      https
        .get(`${local.aws.endpoint}/nothing`, { ca: local.aws.certificateAuthority, agent: false }, resolve)
        .on('error', reject);
    });
    expect(answer.statusCode).toBe(404);
    answer.resume();
    expect(await getThrough('https://sts.amazonaws.com/')).toMatchObject({ status: 404 });
  });

  it('can be cut off', async () => {
    const tunnel = http.request(local.proxy.url, { method: 'CONNECT', path: 'sts.amazonaws.com:443', agent: false });
    tunnel.end();
    const [, socket] = (await once(tunnel, 'connect')) as [http.IncomingMessage, Socket];
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    expect(local.proxy.dropConnections()).toBeGreaterThan(0);
    await closed;
    expect(await getThrough('https://sts.amazonaws.com/')).toMatchObject({ status: 404 });
  });
});
