import { IDENTITY_VARIABLES } from '../../src/cache/rules.ts';
import { ABSENT, IDENTITY, WITHOUT_REGION } from './constants.ts';
import type { HitCase } from './hit-case.ts';

export const environment: readonly HitCase[] = [
  {
    title: 'a region by flag over others in variables',
    verdict: 'hit',
    env: { AWS_REGION: 'x', AWS_DEFAULT_REGION: 'y' },
  },
  { title: 'two profiles in variables', verdict: 'hit', env: { AWS_PROFILE: 'acme', AWS_DEFAULT_PROFILE: 'other' } },
  {
    title: 'settings of the cache that decide nothing',
    verdict: 'hit',
    env: { EKS_TOKEN_ERROR_TTL: '3' },
    stored: { env: {} },
  },
  { title: 'the region from AWS_REGION', verdict: 'hit', words: WITHOUT_REGION, env: { AWS_REGION: 'us-west-2' } },
  {
    title: 'the region from AWS_DEFAULT_REGION',
    verdict: 'hit',
    words: WITHOUT_REGION,
    env: { AWS_DEFAULT_REGION: 'us-west-2' },
  },
  { title: 'a profile from AWS_PROFILE', verdict: 'hit', env: { AWS_PROFILE: 'acme' } },
  {
    title: 'an empty AWS_PROFILE, if it was empty at the mint',
    verdict: 'node',
    scriptReason: 'for Node only',
    env: { AWS_PROFILE: '' },
  },
  {
    title: 'AWS_PROFILE set for one command',
    verdict: 'miss',
    reason: ABSENT,
    env: { AWS_PROFILE: 'other' },
    stored: { env: { AWS_PROFILE: 'acme' } },
  },
  {
    title: 'keys from the environment, with another secret: the key id says who it is',
    verdict: 'hit',
    env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x y|"z"', AWS_SESSION_TOKEN: 'b' },
    stored: { env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a', AWS_SESSION_TOKEN: 'c' } },
  },
  {
    title: 'keys from the environment that were not there at the mint',
    verdict: 'miss',
    reason: ABSENT,
    env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a' },
    stored: { env: {} },
  },
  {
    title: 'files of AWS in other places',
    verdict: 'hit',
    env: { AWS_CONFIG_FILE: '/opt/aws/config', AWS_SHARED_CREDENTIALS_FILE: '/opt/aws/keys' },
  },
  {
    title: 'a relative path in the identity: it means another file in every folder',
    verdict: 'miss',
    reason: 'AWS_CONFIG_FILE depends on the working directory',
    scriptReason: ABSENT,
    env: { AWS_CONFIG_FILE: 'config' },
  },
  {
    title: 'a variable that decides nothing',
    verdict: 'hit',
    env: { HTTPS_PROXY: 'http://proxy:3128', EDITOR: 'vi' },
    stored: { env: {} },
  },
  {
    title: 'a profile whose name has a space',
    verdict: 'node',
    scriptReason: ABSENT,
    env: { AWS_PROFILE: 'my profile' },
  },
  {
    title: 'a profile whose name looks like an encoded one',
    verdict: 'miss',
    reason: ABSENT,
    scriptReason: 'for Node only',
    env: { AWS_PROFILE: 'my%20profile' },
    stored: { env: { AWS_PROFILE: 'my profile' } },
  },
  {
    title: 'a profile whose name imitates two fields',
    verdict: 'miss',
    reason: ABSENT,
    env: { AWS_PROFILE: 'acme|=acme' },
    stored: { env: { AWS_PROFILE: 'acme', AWS_DEFAULT_PROFILE: 'acme' } },
  },
  {
    title: 'a value that imitates another variable',
    verdict: 'miss',
    reason: IDENTITY,
    env: { AWS_ROLE_SESSION_NAME: 'kim|DEFAULT_ROLE=admin' },
    stored: { env: { AWS_ROLE_SESSION_NAME: 'kim', DEFAULT_ROLE: 'admin' } },
  },
  {
    title: 'a value with a separator where the mint had an empty one',
    verdict: 'miss',
    reason: IDENTITY,
    scriptReason: 'for Node only',
    env: { AWS_ROLE_SESSION_NAME: '|' },
    stored: { env: { AWS_ROLE_SESSION_NAME: '' } },
  },
  {
    title: 'a value with a line break that imitates an exported variable',
    verdict: 'miss',
    reason: IDENTITY,
    env: { AWS_ROLE_SESSION_NAME: "kim\nexport DEFAULT_ROLE='admin'" },
    stored: { env: { AWS_ROLE_SESSION_NAME: 'kim', DEFAULT_ROLE: 'admin' } },
  },
  {
    title: 'an endpoint with a password, as at the mint',
    verdict: 'node',
    scriptReason: 'for Node only',
    env: { AWS_ENDPOINT_URL_STS: 'https://kim:EXAMPLEKEY@sts.example' },
  },
  {
    title: 'an endpoint with another password',
    verdict: 'miss',
    reason: IDENTITY,
    scriptReason: 'for Node only',
    env: { AWS_ENDPOINT_URL_STS: 'https://kim:other@sts.example' },
    stored: { env: { AWS_ENDPOINT_URL_STS: 'https://kim:EXAMPLEKEY@sts.example' } },
  },
  {
    title: 'a name longer than file names may be',
    verdict: 'node',
    scriptReason: ABSENT,
    env: { AWS_CONFIG_FILE: `{home}/${'long/'.repeat(50)}config` },
  },
  {
    title: 'a cache directory and a margin under the names of ekspress, before older ones',
    verdict: 'hit',
    env: {
      EKSPRESS_CACHE_DIR: '{home}/tokens',
      EKS_TOKEN_CACHE_DIR: '/nothing',
      EKSPRESS_REFRESH_MARGIN: '30s',
      K8S_TOKEN_CACHE_REFRESH_MARGIN: '1h',
    },
  },
  { title: 'a cache directory of its own', verdict: 'hit', env: { EKS_TOKEN_CACHE_DIR: '{home}/tokens' } },
  {
    title: 'the folder of K8S_TOKEN_CACHE_FILE',
    verdict: 'hit',
    env: { K8S_TOKEN_CACHE_FILE: '{home}/tokens/cache.json' },
  },
  { title: "kubectl's own cache directory", verdict: 'hit', env: { KUBECACHEDIR: '{home}/kube' } },
  {
    title: 'another home over the same cache directory of kubectl',
    verdict: 'miss',
    reason: ABSENT,
    env: { KUBECACHEDIR: '{home}/kube', HOME: '{home}/guest' },
    stored: { env: { KUBECACHEDIR: '{home}/kube' } },
  },
  {
    title: 'another home over the same cache directory',
    verdict: 'miss',
    reason: ABSENT,
    env: { EKS_TOKEN_CACHE_DIR: '{home}/tokens', HOME: '{home}/guest' },
    stored: { env: { EKS_TOKEN_CACHE_DIR: '{home}/tokens' } },
  },
  {
    title: 'a variable empty that was unset at the mint',
    verdict: 'miss',
    reason: IDENTITY,
    env: { AWS_ROLE_SESSION_NAME: '' },
    stored: { env: {} },
  },
  {
    title: 'a variable unset that was empty at the mint',
    verdict: 'miss',
    reason: IDENTITY,
    scriptReason: 'for Node only',
    env: {},
    stored: { env: { AWS_ROLE_SESSION_NAME: '' } },
  },
  {
    title: 'a secret empty that was unset at the mint',
    verdict: 'miss',
    reason: IDENTITY,
    env: { AWS_SESSION_TOKEN: '' },
    stored: { env: {} },
  },
  ...IDENTITY_VARIABLES.filter(({ name }) => name !== 'HOME').flatMap(({ name, kind }): HitCase[] => {
    const env = { [name]: kind === 'path' ? '/some/where' : 'value' };
    return [
      kind === 'secret'
        ? { title: `${name} as at the mint`, verdict: 'node', scriptReason: 'for Node only', env }
        : { title: `${name} as at the mint`, verdict: 'hit', env },
      // Under the same file name or another: what counts is that nothing is served.
      { title: `${name} that was not set at the mint`, verdict: 'miss', env, stored: { env: {} } },
    ];
  }),
];
