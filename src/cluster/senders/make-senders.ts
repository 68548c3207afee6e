import type { Configuration, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { bytesOf, send, streamOf } from './send.ts';
import { agentOf, sendsByAgent } from './sent-by-agent.ts';
import { type ClientNode, withStreamClients } from './stream-clients.ts';

/** What takes the place of client-node's own senders in a runtime that replaces the packages below them. */
export interface Senders {
  /** client-node with clients for watches, logs, metrics and web sockets that send through node:http. */
  readonly clientNode: ClientNode;
  /** The configuration of an API client that sends through node:http. */
  configure(configuration: Configuration): Partial<Configuration>;
}

/** Senders that use node:http in the place of node-fetch, undici and ws. */
export function makeSenders(clientNode: ClientNode): Senders {
  const { ResponseContext, wrapHttpLibrary } = clientNode;
  const httpApi = wrapHttpLibrary({
    async send(request: RequestContext): Promise<ResponseContext> {
      const body = bodyOf(request);
      const answer = await send(request.getUrl(), {
        method: request.getHttpMethod().toString(),
        headers: { 'accept-encoding': 'gzip', ...request.getHeaders() },
        body,
        agent: agentOf(request),
        signal: request.getSignal(),
      });
      const { statusCode = 0, headers } = answer;
      const binary = (): Promise<Buffer> => bytesOf(answer);
      const lines = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]);
      const text = async (): Promise<string> => (await binary()).toString('utf8');
      // client-node 2.x has a stream, too.
      const read = { binary, text, stream: () => streamOf(answer) };
      return new ResponseContext(statusCode, Object.fromEntries(lines), read);
    },
  });
  return {
    clientNode: withStreamClients(clientNode),
    configure({ authMethods }: Configuration): Partial<Configuration> {
      const standard = authMethods.default;
      if (standard === undefined) return { httpApi };
      const noted: typeof standard = {
        getName: () => standard.getName(),
        applySecurityAuthentication: (request) => standard.applySecurityAuthentication(sendsByAgent(request)),
      };
      return { httpApi, authMethods: { ...authMethods, default: noted } };
    },
  };
}

/** The API of Kubernetes has bodies of text only, and forms nowhere. */
function bodyOf(request: RequestContext): Uint8Array | undefined {
  const body: unknown = request.getBody();
  if (body === undefined || body instanceof Uint8Array) return body;
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(String(body));
  throw new EKSAuthError('INVALID_CONFIG', 'The body of a request must be a text, bytes or URLSearchParams.', {
    remedy: 'Call `cluster.fetch()`, which takes forms too.',
  });
}
