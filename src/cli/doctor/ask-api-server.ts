import { readFile } from 'node:fs/promises';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { openTunnel } from '../../aws/http/connect.ts';
import { proxyFor } from '../../aws/http/proxy.ts';
import { requireURL } from '../../aws/http/read-url.ts';
import type { Environment } from '../../host.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';

/** An answer of an API server. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
  /** The proxy that the answer came through. */
  readonly proxy?: string | undefined;
}

export interface ProbeCall {
  readonly path: string;
  /** With a body: POST. */
  readonly body?: object;
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

/** Asks the API server of a kubeconfig's cluster, through the proxies that kubectl would use. @throws the system's error */
export async function askAPIServer(cluster: ClusterEntry, env: Environment, call: ProbeCall): Promise<ProbeAnswer> {
  const url = requireURL(`${cluster.server.replace(/\/+$/, '')}/${call.path}`, 'The server of the cluster');
  const proxy = proxyOf(cluster, url, env);
  const ca = await authorityOf(cluster);
  const { signal } = call;
  const secure = url.protocol === 'https:';
  const tunnel = secure && proxy ? await openTunnel({ proxy, target: url, ca, signal }) : undefined;
  const options: RequestOptions & { ca?: string; rejectUnauthorized?: boolean; servername?: string } = {
    method: call.body === undefined ? 'GET' : 'POST',
    headers: {
      host: url.host,
      accept: 'application/json',
      'user-agent': 'ekspress-doctor',
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
    },
    agent: false,
    signal,
    ...(ca !== undefined && { ca }),
    ...(cluster.skipTLSVerify && { rejectUnauthorized: false }),
    ...(cluster.tlsServerName !== undefined && { servername: cluster.tlsServerName }),
    ...(tunnel && { createConnection: () => tunnel }),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body, proxy: proxy?.host });
      });
    });
    request.on('error', reject);
    request.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

/** The proxy as Go chooses it: `proxy-url`, else the variables, which never apply to this machine itself. */
function proxyOf({ proxyUrl }: ClusterEntry, url: URL, env: Environment): URL | undefined {
  if (proxyUrl !== undefined) return requireURL(proxyUrl, 'The proxy-url of the cluster');
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname) ? undefined : proxyFor(url, env);
}

async function authorityOf({ caData, caFile }: ClusterEntry): Promise<string | undefined> {
  if (caData !== undefined) return Buffer.from(caData, 'base64').toString('utf8');
  return caFile === undefined ? undefined : readFile(caFile, 'utf8');
}
