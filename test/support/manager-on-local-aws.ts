import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type LocalAWS,
  type LocalAWSOptions,
  type LocalEKS,
  startLocalAWS,
  startLocalEKS,
} from '../../src/testing/index.ts';
import { type ManagerHome, makeHome } from './cli-home.ts';

/** A home whose manager reaches a local AWS under the real names, and a cluster on it. */
export interface ManagerOnLocalAWS {
  readonly aws: LocalAWS;
  readonly eks: LocalEKS;
  readonly home: ManagerHome;
  close(): Promise<void>;
}

/** Starts both, and writes the AWS files of the cluster's identities. */
export async function managerOnLocalAWS(options: LocalAWSOptions = {}): Promise<ManagerOnLocalAWS> {
  const aws = await startLocalAWS(options);
  const eks = await startLocalEKS({ aws });
  const proxy = await aws.startProxy();
  const home = makeHome({ HTTPS_PROXY: proxy.url });
  home.env.AWS_CA_BUNDLE = join(home.path, 'ca.pem');
  writeFileSync(home.env.AWS_CA_BUNDLE, aws.certificateAuthority);
  await eks.writeAWSFiles(home.path, { region: eks.region });
  const close = async (): Promise<void> => {
    home.remove();
    await eks.close();
    await aws.close();
  };
  return { aws, eks, home, close };
}
