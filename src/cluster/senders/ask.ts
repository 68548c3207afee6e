import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { send } from './send.ts';
import { sendsByAgent } from './sent-by-agent.ts';

/** Sends one request for a path. Values of the query that are undefined are left out. */
export type Ask = (
  path: string,
  query?: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
) => Promise<IncomingMessage>;

/** Gets the credentials for one request to the server of a KubeConfig. */
export async function asker(kubeConfig: KubeConfig): Promise<Ask> {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('No currently active cluster');
  const options: RequestOptions = sendsByAgent({});
  await kubeConfig.applyToHTTPSOptions(options);
  const { headers, agent, auth } = options;
  const basic = auth && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  return (path, query = {}, signal) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return send(`${server}${path}${search.size > 0 ? `?${search}` : ''}`, {
      method: 'GET',
      headers: { ...(headers as object | undefined), ...basic },
      agent: typeof agent === 'object' ? agent : undefined,
      signal,
    });
  };
}
