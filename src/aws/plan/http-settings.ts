import type { GetTokenArguments } from '../stanza/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import { expandUser } from './paths.ts';
import type { HTTPSettings } from './plan.ts';
import type { Settings } from './settings.ts';

/** botocore's defaults, in seconds. */
const CONNECT_TIMEOUT_SECONDS = 60;
const READ_TIMEOUT_SECONDS = 60;

/**
 * Reads how AWS is reached. The flags `--ca-bundle` and `--no-verify-ssl` have no effect: the CLI does not pass them to
 * the client that `get-token` makes.
 */
export function readHTTPSettings(settings: Settings, { others }: GetTokenArguments): HTTPSettings {
  const caBundle = settings.variable(['AWS_CA_BUNDLE'], 'ca_bundle') ?? settings.env('REQUESTS_CA_BUNDLE');
  if (caBundle?.trim() === '') throw new Undecidable('an empty AWS_CA_BUNDLE makes the AWS CLI trust every server');
  const milliseconds = (flag: string, fallback: number) => Number(others.get(flag) ?? fallback) * 1000;
  return {
    ...(caBundle === undefined ? {} : { caBundle: expandUser(caBundle, settings.recorder.home()) }),
    connectTimeoutMs: milliseconds('cli-connect-timeout', CONNECT_TIMEOUT_SECONDS),
    readTimeoutMs: milliseconds('cli-read-timeout', READ_TIMEOUT_SECONDS),
  };
}
