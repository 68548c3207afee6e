// node test/walks/walk-home.mjs HOME: a local AWS and EKS, and a home directory with contexts of every kind. Runs until its
// standard input ends; what the manager needs in its environment is in HOME/env.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLocalAWS, startLocalEKS } from 'ekspress/testing';

const [home] = process.argv.slice(2);
const aws = await startLocalAWS();
const eks = await startLocalEKS({ aws });
const proxy = await aws.startProxy();

mkdirSync(join(home, '.kube'), { recursive: true });
await eks.writeAWSFiles(home, { region: eks.region });
appendFileSync(
  join(home, '.aws', 'config'),
  `
[profile acme]
sso_start_url = https://local.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = x
region = us-east-1
`,
);
await aws.ssoLogin(home, { expiresInSeconds: -60 });
writeFileSync(join(home, 'ca.pem'), aws.certificateAuthority);
writeFileSync(join(home, 'env'), `HTTPS_PROXY=${proxy.url}\nAWS_CA_BUNDLE=${join(home, 'ca.pem')}\n`);

const exec = (command, args, more = {}) => ({
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  command,
  args,
  ...more,
});
const getToken = (...more) => ['--region', eks.region, 'eks', 'get-token', '--cluster-name', eks.clusterName, ...more];
const users = {
  [eks.clusterArn]: { exec: exec('aws', getToken()) },
  '개발-클러스터': { exec: exec('aws', getToken('--profile', 'admin')) },
  '生产集群-上海': { exec: exec('aws', getToken(), { env: [{ name: 'AWS_PROFILE', value: 'reader' }] }) },
  'cached-elsewhere': { exec: exec('k8s-token-cache', ['aws', ...getToken('--profile', 'admin')]) },
  'no-such-profile': { exec: exec('aws', getToken('--profile', 'nobody')) },
  'behind-sso': { exec: exec('aws', getToken('--profile', 'acme')) },
  saml: { exec: exec('saml2aws', ['exec', '-a', 'work', '--', 'aws', ...getToken()]) },
  'kind-local': { token: 'not-a-secret' },
};
const names = Object.keys(users);
const cluster = { server: eks.server, 'certificate-authority-data': eks.certificateAuthorityData };
writeFileSync(
  join(home, '.kube', 'config'),
  JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': eks.clusterArn,
      clusters: [{ name: 'dev', cluster }],
      contexts: [
        ...names.map((name) => ({ name, context: { cluster: 'dev', user: name } })),
        { name: 'points-nowhere', context: { cluster: 'gone', user: 'kind-local' } },
      ],
      users: names.map((name) => ({ name, user: users[name] })),
    },
    undefined,
    2,
  ),
  { mode: 0o600 },
);
console.log('ready');
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
