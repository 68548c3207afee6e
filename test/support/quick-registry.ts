import type { Cluster } from '../../src/cluster/clients/cluster.ts';
import { ClusterRegistry } from '../../src/cluster/registry/registry.ts';
import type { Environment } from '../../src/host.ts';
import type { ScriptedServer } from './scripted-server.ts';

/** A registry in whose world every reading of the clock is a second later, so that no token is signed twice. */
export function quickRegistry(more: Environment = {}, aheadMinutes = 0): ClusterRegistry {
  let clock = Date.now() + aheadMinutes * 60_000;
  const now = () => {
    clock += 1_000;
    return new Date(clock);
  };
  const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', ...more };
  return new ClusterRegistry({ env, cache: false, now });
}

export function register(registry: ClusterRegistry, server: ScriptedServer): Promise<Cluster> {
  return registry.registerEKSByString(server.kubeconfig, { trustedServers: [server.trusted] });
}
