import type { ApiConstructor, ApiType, Configuration, KubeConfig } from '@kubernetes/client-node';
import { quietClass } from './quiet-clients.ts';

/**
 * Changes the configuration of every API client that `kubeConfig.makeApiClient` makes from now on, and that
 * `KubernetesObjectApi.makeApiClient(kubeConfig)` makes. Everything else in the configuration (server, middleware, user
 * agent) stays as client-node makes it, which differs between its versions.
 * @returns a function that undoes this
 */
export function interceptRequests(
  kubeConfig: KubeConfig,
  change: (configuration: Configuration) => Partial<Configuration>,
): () => void {
  const original = kubeConfig.makeApiClient;
  const intercepted = <T extends ApiType>(apiClientType: ApiConstructor<T>): T => {
    const configuration = configurationOf(kubeConfig, original);
    return new (quietClass(apiClientType))({ ...configuration, ...change(configuration) });
  };
  kubeConfig.makeApiClient = intercepted;
  return () => {
    if (kubeConfig.makeApiClient === intercepted) kubeConfig.makeApiClient = original;
  };
}

/** The configuration that client-node passes to an API client, captured by a class in place of one. */
function configurationOf(kubeConfig: KubeConfig, makeApiClient: KubeConfig['makeApiClient']): Configuration {
  class Captured {
    readonly configuration: Configuration;
    constructor(configuration: Configuration) {
      this.configuration = configuration;
    }
  }
  const captured = makeApiClient.call(kubeConfig, Captured);
  return (captured as Captured).configuration;
}
