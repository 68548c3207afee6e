/** A kubeconfig with one context, whose user runs `aws` with these arguments. No server answers at its address. */
export function execKubeconfig(args) {
  return JSON.stringify({
    'current-context': 'dev',
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    clusters: [{ name: 'dev', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'dev', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args } } }],
  });
}
