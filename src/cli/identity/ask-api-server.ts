import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { requireURL } from '../../aws/http/read-url.ts';
import { Connections } from '../../cluster/transport/connections.ts';
import { environmentProxy } from '../../cluster/transport/environment-proxy.ts';
import { guardedAgent } from '../../cluster/transport/guarded-agent.ts';
import { DEFAULT_LIMITS } from '../../cluster/transport/limits.ts';
import { Passage } from '../../cluster/transport/passage.ts';
import { routeOf } from '../../cluster/transport/route.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { readBytes } from '../../system/read-file.ts';

/** The longest answer, in MiB. */
const MAX_ANSWER_MIB = 1;

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

/**
 * Asks the API server of a kubeconfig's cluster, over the same transport as the clients of the library.
 * @throws EKSAuthError SERVER_UNTRUSTED for a token over plain http, NETWORK, TIMEOUT; else the system's error
 */
export async function askAPIServer(cluster: ClusterEntry, env: Environment, call: ProbeCall): Promise<ProbeAnswer> {
  const url = requireURL(`${cluster.server.replace(/\/+$/, '')}/${call.path}`, 'The server of the cluster');
  const proxyUrl = cluster.proxyUrl ?? environmentProxy(cluster.server, env);
  const route = routeOf(cluster, proxyUrl, { ca: await authorityOf(cluster) });
  const passage = new Passage(route, undefined);
  const connections = new Connections(route, DEFAULT_LIMITS, { keep: false });
  const options = {
    method: call.body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      'user-agent': 'ekspress-doctor',
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...(call.token !== undefined && { authorization: passage.authorize(call.token) }),
    },
    agent: guardedAgent(connections, passage, DEFAULT_LIMITS),
    signal: call.signal,
  };
  return new Promise((resolve, reject) => {
    const request = (route.origin.secure ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_ANSWER_MIB * 1024 * 1024) response.destroy(tooLong());
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body, proxy: route.proxy?.host });
      });
    });
    request.on('error', reject);
    request.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

function tooLong(): EKSAuthError {
  return new EKSAuthError('NETWORK', `The answer of the API server is longer than ${MAX_ANSWER_MIB} MiB.`, {
    remedy: 'Check that the server of the cluster in the kubeconfig is an API server.',
  });
}

async function authorityOf({ caData, caFile }: ClusterEntry): Promise<Buffer | undefined> {
  if (caData !== undefined) return Buffer.from(caData, 'base64');
  return caFile === undefined ? undefined : readBytes(caFile);
}
