import type { Configuration, Health, Metrics } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { callHealed } from '../requests/call-healed.ts';
import type { ClientParts } from './pod-clients.ts';

/** Reads resource usage from the metrics server. */
export function makeMetrics({ clientNode, kubeConfig, ...healing }: ClientParts): Metrics {
  const metrics = new clientNode.Metrics(kubeConfig);
  const getNodeMetrics = metrics.getNodeMetrics.bind(metrics);
  const getPodMetrics = metrics.getPodMetrics.bind(metrics);
  const read = <T>(call: () => Promise<T>): Promise<T> => callHealed(healing, call).catch(explainAbsence);
  metrics.getNodeMetrics = () => read(getNodeMetrics);
  metrics.getPodMetrics = (namespace) => read(() => getPodMetrics(namespace));
  return metrics;
}

/** A server without the API answers as for any path that it does not know. */
function explainAbsence(error: unknown): never {
  const { code, body, message } = Object(error) as {
    readonly code?: unknown;
    body?: unknown;
    readonly message?: string;
  };
  if (error instanceof Error && code === 404 && String(body).startsWith('404 page not found')) {
    error.message = `The API server has no metrics API. Install metrics-server.\n${message}`;
  }
  throw error;
}

/**
 * Checks the health of the API server. client-node's own checks return `false` both for a refused token and for an
 * unhealthy server. These go through an API client, which tells the two apart.
 */
export function makeHealth({ clientNode, kubeConfig }: ClientParts): Health {
  const health = new clientNode.Health(kubeConfig);
  const api = kubeConfig.makeApiClient(StatusAPI);
  const check = async (path: string, signal: AbortSignal | null | undefined): Promise<boolean> => {
    let status: number;
    try {
      status = await api.status(path, clientNode.HttpMethod.GET, signal ?? undefined);
    } catch (error) {
      if (error instanceof EKSAuthError || (error instanceof Error && error.name === 'AbortError')) throw error;
      throw new Error('Error occurred in health request', { cause: error });
    }
    // As in client-node: a server without these paths is asked for /healthz, and a server without /healthz counts as
    // healthy.
    if (status === 404) return path === '/healthz' || check('/healthz', signal);
    return status === 200;
  };
  health.readyz = (options) => check('/readyz', options?.signal);
  health.livez = (options) => check('/livez', options?.signal);
  return health;
}

type Method = Parameters<Configuration['baseServer']['makeRequestContext']>[1];

/** An API class for client-node that returns the status code only. */
class StatusAPI {
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  async status(path: string, method: Method, signal: AbortSignal | undefined): Promise<number> {
    const { authMethods, baseServer, httpApi } = this.#configuration;
    const request = baseServer.makeRequestContext(path, method);
    if (signal) request.setSignal(signal);
    await authMethods.default?.applySecurityAuthentication(request);
    const { httpStatusCode, body } = await httpApi.send(request).toPromise();
    // An unread body keeps its connection busy.
    await body.text();
    return httpStatusCode;
  }
}
