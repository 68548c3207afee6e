import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { PATH } from '../support/paths.ts';
import { canMakePods, mountServiceAccount, startInPod } from '../support/pod-root.ts';
import { temporaryFolder } from '../support/temporary.ts';

const server = inject('apiServer');
const probe = temporaryFolder('pod-probe');

describe.skipIf(!server || !canMakePods(probe))(
  'a service in a pod with a read-only root, no HOME and no passwd entry',
  () => {
    const namespace = `pod-${process.pid}`;
    const kubeconfigs = join(server?.folder ?? '', 'kc');
    const operator = new KubeConfig();
    let account: string;
    let env: NodeJS.ProcessEnv;
    let authority: string;

    beforeAll(async () => {
      operator.loadFromFile(join(kubeconfigs, 'static.yaml'));
      const { server: url = '', caData = '' } = operator.getCurrentCluster() ?? {};
      authority = Buffer.from(caData, 'base64').toString();
      const { hostname, port } = new URL(url);
      env = { PATH, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
      const core = operator.makeApiClient(CoreV1Api);
      await core.createNamespace({ body: { metadata: { name: namespace } } });
      for (const name of ['reader', 'other']) {
        await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
      }
      const rbac = operator.makeApiClient(RbacAuthorizationV1Api);
      await rbac.createClusterRole({
        body: {
          metadata: { name: namespace },
          rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }],
        },
      });
      await rbac.createClusterRoleBinding({
        body: {
          metadata: { name: namespace },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: namespace },
          subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
        },
      });
      account = join(temporaryFolder('pod'), 'serviceaccount');
      mkdirSync(account);
    });

    /** Mounts a new token of a service account, as the kubelet does about once an hour. */
    async function rotate(name: string): Promise<void> {
      const { status } = await operator.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
        name,
        namespace,
        body: { spec: { audiences: [], expirationSeconds: 3600 } },
      });
      mountServiceAccount(account, { token: status?.token ?? '', 'ca.crt': authority, namespace });
    }

    it.each(['registerInCluster', 'registerByPath'])('lists namespaces with the service account: %s', async (door) => {
      await rotate('reader');
      using service = startInPod(account, env, [door]);
      const answer = await service.list();
      expect(answer.failure).toBeUndefined();
      expect(answer).toMatchObject({ uid: 12345, logged: [] });
      expect(answer.names).toContain(namespace);

      await rotate('other');
      const { failure } = await service.list();
      expect(failure, 'the new token is used').toContain(`system:serviceaccount:${namespace}:other`);

      await rotate('reader');
      expect((await service.list()).names).toContain(namespace);
    });

    it('keeps the token of an EKS cluster in memory, without a warning', async () => {
      await rotate('reader');
      using service = startInPod(account, { PATH }, ['registerEKSByPath', join(kubeconfigs, 'aws.yaml')]);
      await service.list();
      const { names, logged, mints } = await service.list();
      expect(names).toContain('kube-system');
      expect({ logged, mints }).toEqual({ logged: [], mints: 1 });
    });
  },
);
