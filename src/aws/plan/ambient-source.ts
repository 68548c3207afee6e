import { join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import { shown } from '../../text/nearest-names.ts';
import { readURL } from '../http/read-url.ts';
import { Undecidable } from '../undecidable.ts';
import { expandUser, expandVariables } from './paths.ts';
import type { AmbientSource, ContainerSource, CredentialSource, InstanceMetadataSource } from './plan.ts';
import type { Settings } from './settings.ts';

const METADATA_ENDPOINT = 'http://169.254.169.254/';
const METADATA_ENDPOINT_IPV6 = 'http://[fd00:ec2::254]/';
const CONTAINER_ENDPOINT = 'http://169.254.170.2';
/** The Pod Identity agent. */
const POD_IDENTITY_HOSTS = new Set(['169.254.170.23', '[fd00:ec2::23]']);
/** Hosts besides loopback addresses that container credentials may come from without TLS. */
const CONTAINER_HOSTS = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost']);

/** The sources that are left where neither the environment nor a profile has credentials. */
export function ambientSource(settings: Settings, home: string): AmbientSource {
  const ec2File = settings.env('AWS_CREDENTIAL_FILE');
  const boto = settings.env('BOTO_CONFIG');
  const botoPaths =
    boto === undefined
      ? ['/etc/boto.cfg', join(home, '.boto')]
      : [expandUser(expandVariables(boto, settings.recorder), home)];
  const container = containerSource(settings);
  const metadata = instanceMetadataSource(settings);
  return {
    kind: 'ambient',
    candidates: [
      ...(ec2File === undefined ? [] : [{ kind: 'old-file', path: expandUser(ec2File, home), named: true } as const]),
      ...botoPaths.filter((path) => path !== '').map((path) => ({ kind: 'old-file', path, named: false }) as const),
      ...(container ? [container] : []),
      ...(metadata ? [metadata] : []),
    ],
  };
}

/** `credential_source` of a role profile; the name counts with its capitals. */
export function credentialSourceNamed(settings: Settings, name: string, profile: string): CredentialSource {
  const found =
    name === 'Environment'
      ? environmentKeys(settings)
      : name === 'EcsContainer'
        ? containerSource(settings)
        : name === 'Ec2InstanceMetadata'
          ? instanceMetadataSource(settings)
          : invalidName(name, profile);
  if (found) return found;
  throw new EKSAuthError(
    'NO_CREDENTIALS',
    `The credential_source ${name} of the profile "${profile}" has no credentials here.`,
    {
      remedy: `Run it where ${name} provides credentials, or use source_profile instead.`,
    },
  );
}

function environmentKeys(settings: Settings): CredentialSource | undefined {
  if (!settings.env('AWS_ACCESS_KEY_ID')) return undefined;
  if (!settings.env('AWS_SECRET_ACCESS_KEY')) {
    throw new EKSAuthError(
      'NO_CREDENTIALS',
      'Half of a key pair in the environment: AWS_SECRET_ACCESS_KEY is missing.',
      {
        remedy: 'Set AWS_SECRET_ACCESS_KEY too.',
      },
    );
  }
  for (const variable of ['AWS_SECURITY_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'] as const)
    settings.env(variable);
  return { kind: 'environment' };
}

function invalidName(name: string, profile: string): never {
  throw new EKSAuthError('INVALID_CONFIG', `${shown(name)} is not a credential_source (profile "${profile}").`, {
    remedy: 'Use Environment, EcsContainer or Ec2InstanceMetadata, written just so.',
  });
}

function containerSource(settings: Settings): ContainerSource | undefined {
  const relative = settings.env('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
  const full = settings.env('AWS_CONTAINER_CREDENTIALS_FULL_URI');
  const url = relative === undefined ? full : `${CONTAINER_ENDPOINT}${relative}`;
  if (url === undefined) return undefined;
  const host = checkContainerURL(url);
  const file = settings.env('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  if (!settings.modern && (file !== undefined || POD_IDENTITY_HOSTS.has(host)))
    throw new Undecidable('releases of the AWS CLI before 2025 do not know the Pod Identity agent');
  if (file !== undefined) return { kind: 'container', url, authorization: 'file', authorizationFile: file };
  const inline = settings.env('AWS_CONTAINER_AUTHORIZATION_TOKEN') !== undefined;
  return { kind: 'container', url, ...(inline ? { authorization: 'environment' as const } : {}) };
}

/** An address that Python and Node read alike: a host, perhaps a port, and a path and query of plain characters. */
const PLAIN_CONTAINER_URL =
  /^https?:\/\/([a-z\d.-]+|\[[a-f\d:]+\])(?::[1-9]\d{0,4})?(?:\/(?!\.{1,2}(?:[/?]|$))[\w.~-]*)*(?:\?[\w.~=&:/+-]*)?$/;

/** @returns the host */
function checkContainerURL(url: string): string {
  const host = PLAIN_CONTAINER_URL.exec(url)?.[1];
  const parsed = readURL(url);
  // Some parsers read `127.1` as a loopback address. The CLI reads it as the name of another host.
  if (host === undefined || parsed?.hostname !== host)
    throw new Undecidable('the address of the container credentials is not a plain URL');
  if (parsed.protocol === 'https:' || CONTAINER_HOSTS.has(host)) return host;
  if (/^127(?:\.\d+){3}$/.test(host) || host === '[::1]') return host;
  throw new EKSAuthError('INVALID_CONFIG', `Container credentials may not come from ${parsed.host} without TLS.`, {
    remedy: 'Correct AWS_CONTAINER_CREDENTIALS_FULL_URI.',
  });
}

/** `undefined` where AWS_EC2_METADATA_DISABLED is `true`; only that word counts. */
export function instanceMetadataSource(settings: Settings): InstanceMetadataSource | undefined {
  if (settings.env('AWS_EC2_METADATA_DISABLED')?.toLowerCase() === 'true') return undefined;
  const custom = settings.variable(['AWS_EC2_METADATA_SERVICE_ENDPOINT'], 'ec2_metadata_service_endpoint');
  if (custom && readURL(custom) === undefined)
    throw new Undecidable('the address of the instance metadata service is not a plain URL');
  const mode = settings.variable(['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE'], 'ec2_metadata_service_endpoint_mode');
  const ipv6 =
    mode === undefined ? settings.truth('AWS_IMDS_USE_IPV6', 'imds_use_ipv6') : mode.toLowerCase() === 'ipv6';
  const v1Disabled = settings.truth('AWS_EC2_METADATA_V1_DISABLED', 'ec2_metadata_v1_disabled');
  if (!settings.modern && (v1Disabled || (custom && !custom.endsWith('/'))))
    throw new Undecidable('old releases of the AWS CLI ask the instance metadata service in another way');
  const endpoint = custom || (ipv6 ? METADATA_ENDPOINT_IPV6 : METADATA_ENDPOINT);
  const number = (variable: VariableName, key: string) => Number(settings.variable([variable], key) ?? '1');
  return {
    kind: 'instance-metadata',
    endpoint,
    v1Disabled,
    timeoutSeconds: number('AWS_METADATA_SERVICE_TIMEOUT', 'metadata_service_timeout'),
    attempts: number('AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'metadata_service_num_attempts'),
  };
}
