/** The facts about an EKS cluster in its kubeconfig. */
export interface KubeconfigFacts {
  readonly server: string;
  /** Base64 of the PEM. */
  readonly certificateAuthorityData: string;
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly region: string;
}

/** The options of a kubeconfig, most of them as in `aws eks update-kubeconfig`. */
export interface KubeconfigOptions {
  /** `--profile`. Sets AWS_PROFILE in the stanza's env. Default: none. */
  readonly profile?: string | undefined;
  /** `--role-arn`. Sets `--role` in the stanza's args. Default: none. */
  readonly roleArn?: string | undefined;
  /** The program that makes the token. Default: `aws`. */
  readonly command?: string | undefined;
  /** Further variables in the stanza's env, after AWS_PROFILE. Default: none. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * Another server with the same cluster name and certificate authority, such as a proxy or an attacker's server.
   * Default: the cluster's own.
   */
  readonly server?: string | undefined;
}

/** The text that `aws eks update-kubeconfig` writes for a cluster, byte for byte. */
export function kubeconfigText(facts: KubeconfigFacts, options: KubeconfigOptions = {}): string {
  const arn = scalar(facts.clusterArn);
  const args = ['--region', facts.region, 'eks', 'get-token', '--cluster-name', facts.clusterName, '--output', 'json'];
  if (options.roleArn !== undefined) args.push('--role', options.roleArn);
  const env = Object.entries({
    ...(options.profile === undefined ? {} : { AWS_PROFILE: options.profile }),
    ...options.env,
  });
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${scalar(facts.certificateAuthorityData)}`,
    `    server: ${scalar(options.server ?? facts.server)}`,
    `  name: ${arn}`,
    'contexts:',
    '- context:',
    `    cluster: ${arn}`,
    `    user: ${arn}`,
    `  name: ${arn}`,
    `current-context: ${arn}`,
    'kind: Config',
    'preferences: {}',
    'users:',
    `- name: ${arn}`,
    '  user:',
    '    exec:',
    '      apiVersion: client.authentication.k8s.io/v1beta1',
    '      args:',
    ...args.map((arg) => `      - ${scalar(arg)}`),
    `      command: ${scalar(options.command ?? 'aws')}`,
    ...(env.length === 0 ? [] : ['      env:']),
    ...env.flatMap(([name, value]) => [`      - name: ${scalar(name)}`, `        value: ${scalar(value)}`]),
    '',
  ].join('\n');
}

/** Strings that PyYAML (YAML 1.1) reads as null, booleans, numbers, dates or merge keys. */
const READS_AS_SOMETHING_ELSE = [
  /^(|~|=|<<|null|Null|NULL)$/,
  /^(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*(:[0-5]?[0-9])*|0x[0-9a-fA-F_]+)$/,
  /^([-+]?[0-9][0-9_]*(:[0-5]?[0-9])*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?$/,
  /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/,
  /^\d{4}-\d\d?-\d\d?([Tt \t].*)?$/,
];

/** Formats a single-line string as PyYAML does: without quotes if that reads back as the same string. */
function scalar(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) return JSON.stringify(value);
  const isBare =
    /^[^\s#,[\]{}&*!|>'"%@`]/.test(value) &&
    !/^[-?:]( |$)|^(---|\.\.\.)|: | #|[: ]$/.test(value) &&
    value.trim() === value;
  if (isBare && !READS_AS_SOMETHING_ELSE.some((pattern) => pattern.test(value))) return value;
  return `'${value.replaceAll("'", "''")}'`;
}
