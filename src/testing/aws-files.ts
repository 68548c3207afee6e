import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalIdentities, LocalIdentity } from './identities.ts';

/** The paths that `writeAWSFiles` wrote. */
export interface AWSFiles {
  /** `<home>/.aws/credentials`, mode 0600. */
  readonly credentials: string;
  /** `<home>/.aws/config`, mode 0600. */
  readonly config: string;
}

/** Options of `writeAWSFiles`. */
export interface AWSFilesOptions {
  /** The identity of the profile `[default]`. Default: `admin`. */
  readonly defaultProfile?: string | undefined;
  /** The `region` of every profile. Default: none. */
  readonly region?: string | undefined;
}

/** Writes `.aws/credentials` and `.aws/config` into a home directory, with one profile per identity. */
export async function writeAWSFiles(
  home: string,
  identities: LocalIdentities,
  options: AWSFilesOptions = {},
): Promise<AWSFiles> {
  const directory = join(home, '.aws');
  const files = { credentials: join(directory, 'credentials'), config: join(directory, 'config') };
  const chosen = identities[options.defaultProfile ?? 'admin'] ?? identities.admin;
  const others = Object.values(identities).filter((identity) => identity !== undefined);
  const profiles = [{ ...chosen, name: 'default' }, ...others];
  const region = options.region === undefined ? [] : [`region = ${options.region}`];
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(files.credentials, profiles.map(credentialsSection).join('\n'), { mode: 0o600 });
  const sections = profiles.map(({ name }) =>
    [`[${name === 'default' ? name : `profile ${name}`}]`, ...region, ''].join('\n'),
  );
  await writeFile(files.config, sections.join('\n'), { mode: 0o600 });
  return files;
}

/** The variables of a home directory whose programs reach AWS through a proxy. Writes the certificate authority. */
export async function proxiedEnvironment(
  home: string,
  { url }: { readonly url: string },
  { certificate }: { readonly certificate: string },
): Promise<Record<string, string>> {
  const bundle = join(home, '.aws', 'local-aws.pem');
  await mkdir(join(home, '.aws'), { recursive: true, mode: 0o700 });
  await writeFile(bundle, certificate);
  return { HOME: home, HTTPS_PROXY: url, NO_PROXY: '127.0.0.1,localhost', AWS_CA_BUNDLE: bundle };
}

function credentialsSection({ name, accessKeyId, secretAccessKey, sessionToken }: LocalIdentity): string {
  const lines = [`[${name}]`, `aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`];
  if (sessionToken !== undefined) lines.push(`aws_session_token = ${sessionToken}`);
  return `${lines.join('\n')}\n`;
}
