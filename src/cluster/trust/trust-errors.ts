import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../../aws/stanza/profile-in-force.ts';
import { EKSAuthError } from '../../errors.ts';
import { describeUser, type SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { remedyAt, updateKubeconfig } from '../../kubeconfig/read/text-remedy.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import { shellOption } from '../../text/shell-word.ts';
import type { Objection } from './compare-trusted-servers.ts';
import type { TrustedServer } from './trusted-servers.ts';

/** How messages name the user of a context. */
export function ownerOf({ user, place }: SelectedContext): Sentence {
  return describeUser(user.name, place);
}

/** The error for a server that no token may go to. */
export function notHTTPS({ cluster, place }: SelectedContext): EKSAuthError {
  const message = sentence`cluster ${cluster.name} in ${own(place)} has the server ${cluster.server}, which is not a plain https:// URL.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: remedyAt(
      place,
      `EKS tokens are sent over https only. Recreate the cluster entry with \`${updateKubeconfig(place)}\`.`,
      'EKS tokens are sent over https only. Have the author of the text write it again with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
    ),
  });
}

const DESCRIBE = "or pass { trustedServers: 'describe-cluster' }.";

/**
 * The error for a server that no entry of `trustedServers` trusts. The entry that it proposes has every field without which it
 * would be refused again.
 */
export function untrusted(selected: SelectedContext, config: EKSAuthConfig, objection: Objection): EKSAuthError {
  const { cluster, place } = selected;
  const owner = sentence`cluster ${cluster.name} in ${own(place)}`;
  const { server } = cluster;
  const compare = `\`aws eks describe-cluster ${shellOption('--name', nameOf(config))}${regionOf(config)} --query "cluster.[endpoint,certificateAuthority]"\``;
  const fields = [
    "server: 'https://…'",
    ...(cluster.caData === undefined ? [] : ["certificateAuthorityData: '…'"]),
    ...(profileInForce(config, {}) === undefined ? [] : ["profile: '…'"]),
    ...(config.roleArn === undefined ? [] : ["roleArn: '…'"]),
  ];
  const entry = `{ trustedServers: [{ ${fields.join(', ')} }] }`;
  const remedy = `Compare with ${compare} and pass the right one as ${entry}, ${DESCRIBE}`;
  if (objection === 'identity') {
    const message = sentence`${ownerOf(selected)} gets tokens of another AWS identity or region than the one trusted for ${server}.`;
    return new EKSAuthError('SERVER_UNTRUSTED', message, {
      remedy: `If that identity is meant, name it beside the server: { server, certificateAuthorityData, profile, roleArn, region }, ${DESCRIBE}`,
    });
  }
  const messages = {
    server: sentence`${owner} would send an EKS token to ${server}, which is not trusted.`,
    authority: sentence`${owner} has another certificate authority or EKS cluster than the one trusted for ${server}.`,
    'no-authority': sentence`${owner} is trusted by its address ${server} alone, without its certificate authority.`,
  };
  return new EKSAuthError('SERVER_UNTRUSTED', messages[objection], { remedy });
}

/** The error for a server or a certificate authority that DescribeCluster has answered otherwise. */
export function unlikeEKS(
  selected: SelectedContext,
  config: EKSAuthConfig,
  described: readonly (string | TrustedServer)[],
  objection: Objection,
): EKSAuthError {
  const { cluster, place } = selected;
  const owner = sentence`cluster ${cluster.name} in ${own(place)}`;
  const [first] = described;
  const server = typeof first === 'string' ? first : (first?.server ?? '');
  const name = config.clusterName ?? config.clusterId ?? cluster.name;
  const message =
    objection === 'server'
      ? sentence`${owner} would send an EKS token to ${cluster.server}. EKS was asked, and says that the server of ${name} is ${server}.`
      : sentence`${owner} has another certificate authority than the one that EKS names for ${name}.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: `Write the kubeconfig again with \`aws eks update-kubeconfig ${shellOption('--name', nameOf(config))}${regionOf(config)}\`, or ask its author why it differs from what EKS says.`,
  });
}

/** The name of the cluster for a command that is pasted; CLUSTER where EKS would not accept it. */
function nameOf({ clusterName }: EKSAuthConfig): string {
  return clusterName !== undefined && /^[0-9A-Za-z][\w-]{0,99}$/.test(clusterName) ? clusterName : 'CLUSTER';
}

/** The option for the region of the cluster, where the kubeconfig says it: without it, a command asks the region of the caller. */
function regionOf({ region }: EKSAuthConfig): string {
  return region === undefined ? '' : ` ${shellOption('--region', region)}`;
}
