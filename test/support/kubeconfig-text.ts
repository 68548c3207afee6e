/** The parts of a small kubeconfig, each replaceable. Indentation: cluster and user fields go in at six spaces. */
export interface KubeconfigParts {
  readonly server?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly context?: string;
  readonly head?: string;
}

export const SERVER = 'https://ABCDEF0123.gr7.us-west-2.eks.amazonaws.com';
export const CA: string = Buffer.from('a certificate').toString('base64');
/** The server with its authority, as a caller vouches for it. */
export const TRUSTED: { readonly server: string; readonly certificateAuthorityData: string } = {
  server: SERVER,
  certificateAuthorityData: CA,
};
export const ARN = 'arn:aws:eks:us-west-2:123456789012:cluster/prod';

/** A user who authenticates as `aws eks update-kubeconfig` writes it. */
export const EKS_USER = `exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        command: aws
        args: [--region, us-west-2, eks, get-token, --cluster-name, prod, --output, json]`;

/** A kubeconfig with the context `prod`, its cluster and its user. */
export function kubeconfigText(parts: KubeconfigParts = {}): string {
  const {
    server = SERVER,
    cluster = '',
    user = EKS_USER,
    context = 'prod',
    head = 'apiVersion: v1\nkind: Config',
  } = parts;
  return `${head}
current-context: ${context}
clusters:
  - name: ${ARN}
    cluster:
      server: ${server}
      certificate-authority-data: ${CA}
      ${cluster}
contexts:
  - name: prod
    context:
      cluster: ${ARN}
      user: admin
users:
  - name: admin
    user:
      ${user}
`;
}
