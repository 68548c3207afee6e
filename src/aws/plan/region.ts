import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import { shown } from '../../text/nearest-names.ts';
import type { EndpointSettings } from '../endpoint/endpoint-settings.ts';
import { readURL } from '../http/read-url.ts';
import type { CLIVersion } from '../stanza/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import { instanceMetadataSource } from './ambient-source.ts';
import type { RegionChoice } from './plan.ts';
import { type Settings, textOf } from './settings.ts';

const REGION_VARIABLES: Readonly<Record<CLIVersion, readonly VariableName[]>> = {
  v1: ['AWS_DEFAULT_REGION'],
  v2: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
};

/** One label of a host name, and not a number. */
export const REGION: RegExp = /^(?!\d+$)(?!-)[a-zA-Z\d-]{1,63}(?<!-)$/;

/**
 * An empty region is accepted at first. The CLI fails only where it makes a host name of it.
 * @throws EKSAuthError `INVALID_CONFIG` if the text is not a region
 */
export function chooseRegion(settings: Settings, flag: string | undefined): RegionChoice {
  const choice = findRegion(settings, flag);
  if ('name' in choice && choice.name !== '') checkRegion(choice.name, originOf(choice));
  return choice;
}

/** Where a region comes from. Undefined for that of the command, which may be an option, a word or an argument of a call. */
export function originOf({ from }: RegionChoice): string | undefined {
  return from === 'flag' ? undefined : `the ${from}`;
}

/** @throws EKSAuthError `INVALID_CONFIG` */
export function checkRegion(name: string, origin?: string): void {
  if (REGION.test(name)) return;
  // Python's `$` also matches before a line feed at the end.
  if (REGION.test(name.replace(/\n$/, ''))) throw new Undecidable('the region ends with a line feed');
  const where = origin === undefined ? '' : ` (from ${origin})`;
  throw new EKSAuthError('INVALID_CONFIG', `${shown(name)} is not an AWS region${where}.`, {
    remedy: 'Name one, for example us-east-1.',
  });
}

/** The next step where nothing names a region, although AWS_REGION does: version 2 would have taken it. */
export const SET_DEFAULT_REGION = 'Set AWS_DEFAULT_REGION too: version 1 of the AWS CLI does not read AWS_REGION.';

function findRegion(settings: Settings, flag: string | undefined): RegionChoice {
  if (flag !== undefined) return { from: 'flag', name: flag };
  for (const variable of REGION_VARIABLES[settings.version]) {
    const name = settings.env(variable);
    if (name !== undefined) return { from: 'environment', name };
  }
  const name = textOf(settings.section, 'region');
  if (name !== undefined) return { from: 'profile', name };
  const service = settings.version === 'v2' ? instanceMetadataSource(settings) : undefined;
  return service ? { from: 'instance-metadata', service } : { from: 'nothing' };
}

/** The services that a token may need, as botocore writes them in the names of settings. */
export type ServiceId = 'sts' | 'sso' | 'sso_oidc' | 'signin' | 'eks';

const ENDPOINT_VARIABLES: Readonly<Record<ServiceId, VariableName>> = {
  sts: 'AWS_ENDPOINT_URL_STS',
  sso: 'AWS_ENDPOINT_URL_SSO',
  sso_oidc: 'AWS_ENDPOINT_URL_SSO_OIDC',
  signin: 'AWS_ENDPOINT_URL_SIGNIN',
  eks: 'AWS_ENDPOINT_URL_EKS',
};

/** The configured endpoint of EKS, which no token needs. @throws EKSAuthError, Undecidable */
export function configuredEKS(settings: Settings): string | undefined {
  const ignored = settings.truth('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls');
  const url = ignored ? undefined : configuredURL(settings, 'eks');
  if (url !== undefined && readURL(url) === undefined)
    throw new Undecidable('the configured endpoint of EKS is not a plain URL');
  return url;
}

/** @throws EKSAuthError, Undecidable */
export function readEndpointSettings(settings: Settings, service: ServiceId): EndpointSettings {
  const ignored = settings.truth('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'ignore_configured_endpoint_urls');
  const customUrl = ignored || !settings.endpointsConfigurable ? undefined : configuredEndpoint(settings, service);
  return {
    fips: settings.truth('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'),
    dualstack: settings.truth('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'),
    // v2 has no such setting and does not check its value.
    legacyGlobal: service === 'sts' && settings.version === 'v1' && legacyGlobal(settings, customUrl),
    ...(customUrl === undefined ? {} : { customUrl }),
    ...(settings.recorded ? {} : { olderRelease: true }),
  };
}

function legacyGlobal(settings: Settings, customUrl: string | undefined): boolean {
  const value = settings.variable(['AWS_STS_REGIONAL_ENDPOINTS'], 'sts_regional_endpoints') || 'regional';
  if (value === 'legacy' || value === 'regional') return value === 'legacy';
  if (customUrl !== undefined) throw new Undecidable('sts_regional_endpoints is neither legacy nor regional');
  throw new EKSAuthError(
    'INVALID_CONFIG',
    `sts_regional_endpoints is ${shown(value)}, which is neither legacy nor regional.`,
    {
      remedy: 'Correct AWS_STS_REGIONAL_ENDPOINTS, or sts_regional_endpoints in the profile.',
    },
  );
}

/** Scheme, host, port and plain path; anything else is left to the CLI. */
const PLAIN_URL =
  /^https?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?::[1-9]\d{0,4})?(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*\/?$/;

/** The configured endpoint, for the service or for all. */
function configuredEndpoint(settings: Settings, service: ServiceId): string | undefined {
  const url = configuredURL(settings, service);
  if (url !== undefined && !(PLAIN_URL.test(url) && readURL(url)))
    throw new Undecidable('the configured endpoint is not a plain URL');
  return url;
}

function configuredURL(settings: Settings, service: ServiceId): string | undefined {
  return (
    settings.env(ENDPOINT_VARIABLES[service]) ||
    settings.env('AWS_ENDPOINT_URL') ||
    servicesEndpoint(settings, service) ||
    textOf(settings.section, 'endpoint_url') ||
    undefined
  );
}

function servicesEndpoint(settings: Settings, service: ServiceId): string | undefined {
  const name = textOf(settings.section, 'services');
  if (name === undefined) return undefined;
  const services = settings.files.services.get(name);
  if (!services?.size) {
    throw new EKSAuthError(
      'INVALID_CONFIG',
      `The profile names the services section "${name}", which does not exist.`,
      {
        remedy: `Add [services ${name}] to the AWS config file, or remove the setting.`,
      },
    );
  }
  const own = services.get(service);
  if (typeof own === 'string')
    throw new Undecidable(`${service} in the services section "${name}" is not a group of settings`);
  return own?.get('endpoint_url');
}
