import type { ApiConstructor, ApiType, Configuration, KubeConfig } from '@kubernetes/client-node';

/**
 * Has a say in the configuration of every API client that comes out of `kubeConfig.makeApiClient` from here on;
 * `KubernetesObjectApi.makeApiClient(kubeConfig)` goes the same way. What client-node itself decides (server,
 * middleware, user agent) differs between its versions and is kept.
 * @returns how to undo it
 */
export function interceptRequests(
  kubeConfig: KubeConfig,
  change: (configuration: Configuration) => Partial<Configuration>,
): () => void {
  const original = kubeConfig.makeApiClient;
  const intercepted = <T extends ApiType>(apiClientType: ApiConstructor<T>): T => {
    const configuration = configurationOf(kubeConfig, original);
    return new apiClientType({ ...configuration, ...change(configuration) });
  };
  kubeConfig.makeApiClient = intercepted;
  return () => {
    if (kubeConfig.makeApiClient === intercepted) kubeConfig.makeApiClient = original;
  };
}

/** What client-node would hand to an API client: it is asked to make one that keeps it. */
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
