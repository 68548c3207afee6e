import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalAWS, type LocalAWSOptions, type LocalProxy, startLocalAWS } from 'ekspress/testing';
import { afterEach, beforeEach } from 'vitest';

/** A role with the rights of an admin in a cluster. */
export const ROLE = 'arn:aws:iam::123456789012:role/eks-admin';

/** A local AWS behind a proxy, and an empty home folder: new ones for each test. */
export interface ProxiedAWS {
  readonly aws: LocalAWS;
  readonly proxy: LocalProxy;
  readonly home: string;
  /** From now on `aws` and `proxy` are another AWS and its proxy. */
  start(options: LocalAWSOptions): Promise<void>;
}

/** For all tests of a file. The first AWS of each test knows {@link ROLE}. */
export function proxiedAWS(): ProxiedAWS {
  const started: { aws: LocalAWS; proxy: LocalProxy }[] = [];
  let home = '';
  const current = () => {
    const last = started.at(-1);
    if (last === undefined) throw new Error('The local AWS runs while a test runs.');
    return last;
  };
  const start = async (options: LocalAWSOptions): Promise<void> => {
    const aws = await startLocalAWS(options);
    started.push({ aws, proxy: await aws.startProxy() });
  };
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'proxy-'));
    await start({ roles: { [ROLE]: { groups: ['system:masters'] } } });
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ aws }) => aws.close()));
    await rm(home, { recursive: true });
  });
  return {
    get aws() {
      return current().aws;
    },
    get proxy() {
      return current().proxy;
    },
    get home() {
      return home;
    },
    start,
  };
}
