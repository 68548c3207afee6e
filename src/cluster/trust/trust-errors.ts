import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../../aws/stanza/profile-in-force.ts';
import { EKSAuthError } from '../../errors.ts';
import { describeUser, type SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { own, type Sentence, sentence } from '../../text/sentence.ts';
import type { Objection } from './compare-trusted-servers.ts';

/** How messages name the user of a context. */
export function ownerOf({ user, place }: SelectedContext): Sentence {
  return describeUser(user.name, place);
}

/** The error for a server that no token may go to. */
export function notHTTPS({ cluster, place }: SelectedContext): EKSAuthError {
  const message = sentence`cluster ${cluster.name} in ${own(place)} has the server ${cluster.server}, which is not a plain https:// URL.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: 'EKS tokens are sent over https only. Recreate the cluster entry with `aws eks update-kubeconfig`.',
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
  const compare = '`aws eks describe-cluster --name CLUSTER --query "cluster.[endpoint,certificateAuthority]"`';
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
