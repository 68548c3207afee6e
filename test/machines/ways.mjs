// Walks every way out of a cluster with the built library, for a kubeconfig from the command line. Prints what became of each:
// a code, a message, or the word `answered`.
import { KubeConfig } from '@kubernetes/client-node';
import { attachEKSAuth, ClusterRegistry } from '../../dist/index.js';
import { PLAIN_WAYS, WAYS } from '../support/ways-out.ts';

const { kubeconfig, trustedServers } = JSON.parse(process.argv[2] ?? '');
const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' };
const cases = { env, cache: false };

async function walk(ways, from) {
  const outcomes = {};
  for (const [name, go] of Object.entries(ways)) {
    outcomes[name] = await go(from).then(
      () => 'answered',
      (error) => String(error?.code ?? error?.message),
    );
  }
  return outcomes;
}

const registry = new ClusterRegistry(cases);
const cluster = await registry.registerEKSByString(kubeconfig, { trustedServers });
const registered = await walk(WAYS, cluster);
const ownClasses = await walk(PLAIN_WAYS, cluster.kubeConfig);
const kubeConfig = new KubeConfig();
kubeConfig.loadFromString(kubeconfig);
const attachment = await attachEKSAuth(kubeConfig, cases);
const attached = await walk(PLAIN_WAYS, kubeConfig);
attachment.detach();
await registry.close();
console.log(JSON.stringify({ registered, ownClasses, attached }));
process.exit();
