import { readURL } from '../../aws/http/read-url.ts';
import { ArgumentsError } from '../../aws/stanza/argparse.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { isEKSExec } from '../../aws/stanza/parse-exec-config.ts';
import { EKSAuthError, type EKSAuthErrorCode } from '../../errors.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { joined, own, type Sentence, sentence } from '../../text/sentence.ts';
import { mayBeLinkLocal } from './link-local.ts';
import { ownerOf } from './trust-errors.ts';
import { ALLOWANCES, type Allowance, type DecidedPolicy, type TrustPolicy } from './trust-policy.ts';
import { canonicalServer, namesServer } from './trusted-servers.ts';

/** The variables that an untrusted EKS stanza may set: the region, and one of the caller's own profiles. */
const HARMLESS_ENV = new Set(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION']);

/**
 * Decides what a context may do, from its text alone: nothing is read, run, minted or sent.
 * @throws EKSAuthError EXEC_DENIED or SERVER_UNTRUSTED, with the field and the opt-in
 */
export function enforceAllowances(
  selected: SelectedContext,
  config: EKSAuthConfig | undefined,
  policy: DecidedPolicy,
): void {
  refuseCommands(selected, config, policy);
  refuseRequests(selected, config, policy);
  refuseLinkLocal(selected, config, policy);
}

function refuseCommands(selected: SelectedContext, config: EKSAuthConfig | undefined, policy: TrustPolicy): void {
  if (policy.execPolicy === 'allow') return;
  const request = commandOf(selected, config);
  if (request === undefined) return;
  throw new EKSAuthError(
    'EXEC_DENIED',
    sentence`${ownerOf(selected)} ${request}; this kubeconfig may only use EKS commands.`,
    {
      remedy: "If you trust its author, pass { execPolicy: 'allow' }.",
    },
  );
}

function commandOf({ user }: SelectedContext, config: EKSAuthConfig | undefined): Sentence | undefined {
  const { exec, authProvider } = user;
  // With a fixed token no command is run. A command that is not an EKS command is refused there, too, to keep the rule
  // simple.
  if (exec !== undefined && config === undefined && !isEKSExec(exec)) return sentence`wants to run ${exec.command}`;
  const runner = exec && config?.command.through?.[0];
  if (runner !== undefined) return sentence`wants to run ${runner}`;
  if (authProvider === undefined || authProvider === null) return undefined;
  return own('has an auth-provider, which may run commands, read files and call servers');
}

function refuseRequests(selected: SelectedContext, config: EKSAuthConfig | undefined, policy: TrustPolicy): void {
  if (policy.allow === ALLOWANCES) return;
  const { cluster, user } = selected;
  const refuse = (allowance: Allowance, code: EKSAuthErrorCode, message: Sentence): void => {
    if (policy.allow.includes(allowance)) return;
    const remedy = `If you trust its author, pass { allow: ['${allowance}'] }.`;
    throw new EKSAuthError(code, message, { remedy });
  };
  const where = () => sentence`cluster ${cluster.name} in ${own(selected.place)}`;
  if (cluster.proxyUrl !== undefined) {
    refuse('proxy-url', 'SERVER_UNTRUSTED', sentence`${where()} sends all requests through a proxy (proxy-url).`);
  }
  if (cluster.skipTLSVerify) {
    const message = sentence`${where()} accepts any server certificate (insecure-skip-tls-verify).`;
    refuse('skip-tls-verify', 'SERVER_UNTRUSTED', message);
  }
  if (cluster.tlsServerName !== undefined) {
    const message = sentence`${where()} accepts a certificate for ${cluster.tlsServerName} instead of its own host name (tls-server-name).`;
    refuse('tls-server-name', 'SERVER_UNTRUSTED', message);
  }
  const files: readonly (readonly [string, string | undefined])[] = [
    ['certificate-authority', cluster.caFile],
    ['client-certificate', user.certFile],
    ['client-key', user.keyFile],
    ['tokenFile', user.tokenFile],
    ['exec.args', config && argumentFileOf(config)],
    ['exec.args', authenticatorFileOf(config)],
    // The key of encrypted entries; an empty name stands for the one in memory.
    ['exec.args', config?.encrypt || undefined],
  ];
  for (const [field, path] of files) {
    if (path === undefined) continue;
    const owner = field === 'certificate-authority' ? where() : ownerOf(selected);
    refuse('file-references', 'EXEC_DENIED', sentence`${owner} wants to read the file ${path} (${own(field)}).`);
  }
  const env = config?.exec.env;
  const names = env?.names().filter((name) => !HARMLESS_ENV.has(name) && !isForPlugin(name, env.get(name))) ?? [];
  if (names.length > 0) {
    const listed = joined(
      names.slice(0, 5).map((name) => sentence`${name}`),
      ', ',
    );
    refuse(
      'exec-env',
      'EXEC_DENIED',
      sentence`${ownerOf(selected)} sets environment variables for AWS (exec.env): ${listed}.`,
    );
  }
  if (user.impersonateUser !== undefined || user.impersonation !== undefined) {
    refuse(
      'impersonation',
      'EXEC_DENIED',
      sentence`${ownerOf(selected)} acts as another user or group (as, as-groups).`,
    );
  }
}

/** `ekspress apply` on Windows empties this variable for the plugin. Neither AWS nor this process reads it. */
function isForPlugin(name: string, value: string | undefined): boolean {
  return name === 'NODE_OPTIONS' && value === '';
}

/** A file whose content is the value of an argument, also of a command inside a script of sh. */
function argumentFileOf({ exec, command }: EKSAuthConfig): string | undefined {
  return [...exec.args, ...command.args].find((arg) => /^(-[^=]*=)?fileb?:\/\//.test(arg));
}

/** A file that aws-iam-authenticator would read. */
function authenticatorFileOf(config: EKSAuthConfig | undefined): string | undefined {
  const said = config?.command.tool === 'aws-iam-authenticator' ? config.command.authenticatorArguments() : undefined;
  return said === undefined || said instanceof ArgumentsError ? undefined : said.config;
}

/** Link-local addresses serve the credentials of the machine. The server of an EKS user is compared in any case. */
function refuseLinkLocal(
  { cluster, place }: SelectedContext,
  config: EKSAuthConfig | undefined,
  { trustedServers }: DecidedPolicy,
): void {
  if (trustedServers === 'kubeconfig') return;
  if (cluster.proxyUrl !== undefined && mayBeLinkLocal(cluster.proxyUrl)) {
    const message = sentence`cluster ${cluster.name} in ${own(place)} has a link-local proxy: ${cluster.proxyUrl}.`;
    throw new EKSAuthError('SERVER_UNTRUSTED', message, {
      remedy: "If you trust its author, pass { trustedServers: 'kubeconfig' }.",
    });
  }
  if (config !== undefined || !mayBeLinkLocal(cluster.server)) return;
  const server = canonicalServer(cluster.server);
  if (server !== undefined && trustedServers.some((entry) => namesServer(entry, server))) return;
  const what = readURL(cluster.server) ? 'a link-local server' : 'a server that may be read as a link-local one';
  const message = sentence`cluster ${cluster.name} in ${own(place)} has ${own(what)}: ${cluster.server}.`;
  throw new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: "If you trust its author, pass { trustedServers: 'kubeconfig' }.",
  });
}
