import { TOO_OLD } from './constants.ts';
import type { HitCase } from './hit-case.ts';

export const questions: readonly HitCase[] = [
  {
    title: 'kubectl asks for v1',
    verdict: 'hit',
    apiVersion: 'v1',
    env: {
      KUBERNETES_EXEC_INFO:
        '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":true}}\n',
    },
    stored: { env: {} },
  },
  {
    title: 'kubectl asks for v1beta1 and tells about the cluster',
    verdict: 'hit',
    env: {
      KUBERNETES_EXEC_INFO:
        '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"cluster":{"server":"https://x"},"interactive":false}}\n',
    },
    stored: { env: {} },
  },
  {
    title: 'the Python client asks for v1',
    verdict: 'hit',
    apiVersion: 'v1',
    env: {
      KUBERNETES_EXEC_INFO:
        '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {"interactive": false}}',
    },
    stored: { env: {} },
  },
  {
    title: 'the Python client asks for v1beta1',
    verdict: 'hit',
    env: {
      KUBERNETES_EXEC_INFO:
        '{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "spec": {"interactive": false}}',
    },
    stored: { env: {} },
  },
  { title: 'an empty KUBERNETES_EXEC_INFO', verdict: 'hit', env: { KUBERNETES_EXEC_INFO: '' }, stored: { env: {} } },
  ...[
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1alpha1","spec":{}}',
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{}} and more',
    'not JSON',
  ].map(
    (info): HitCase => ({
      title: `KUBERNETES_EXEC_INFO that has to be thought about: ${info}`,
      verdict: 'node',
      scriptReason: 'a KUBERNETES_EXEC_INFO for Node',
      env: { KUBERNETES_EXEC_INFO: info },
      stored: { env: {} },
    }),
  ),
  { title: 'a token with enough life', verdict: 'hit', stored: { secondsAgo: 700 } },
  { title: 'a token whose credentials end soon, but not yet', verdict: 'hit', stored: { life: 200 } },
  { title: 'a token with less than the margin left', verdict: 'miss', reason: TOO_OLD, stored: { secondsAgo: 800 } },
  {
    title: 'an expired token',
    verdict: 'miss',
    reason: TOO_OLD,
    stored: { secondsAgo: 830, life: 840 },
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: '11s' },
  },
  {
    title: 'a margin of ten seconds',
    verdict: 'hit',
    stored: { secondsAgo: 740 },
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: '10s' },
  },
  {
    title: 'a margin of five minutes, in seconds',
    verdict: 'miss',
    reason: TOO_OLD,
    stored: { secondsAgo: 600 },
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: '300s' },
  },
  {
    title: 'a margin in minutes',
    verdict: 'node',
    scriptReason: 'a refresh margin for Node',
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: '1m' },
  },
  {
    title: 'a margin of a unit without a number',
    verdict: 'node',
    scriptReason: 'a refresh margin for Node',
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: 's' },
  },
  {
    title: 'a margin that is none',
    verdict: 'node',
    scriptReason: 'a refresh margin for Node',
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: 'soon' },
  },
  {
    title: 'a margin that a shell would read as octal',
    verdict: 'node',
    scriptReason: 'a refresh margin for Node',
    env: { K8S_TOKEN_CACHE_REFRESH_MARGIN: '08s' },
  },
];
