import type { Recorder } from '../../recording/recorder.ts';
import type { AWSProfiles } from '../ini/profiles.ts';
import type { CLIVersion, GetTokenArguments } from '../stanza/get-token-arguments.ts';

/** All that a plan depends on. */
export interface PlanInput {
  readonly arguments: GetTokenArguments;
  /** The value of the signed header, after `file://`. */
  readonly cluster: string;
  /** Gives the variables, and nothing else. */
  readonly recorder: Recorder;
  readonly files: AWSProfiles;
  readonly version: CLIVersion;
  /** Whether that CLI is new enough to know AWS_ENDPOINT_URL and the related variables. Default: true. */
  readonly endpointsConfigurable?: boolean;
  /** Whether that CLI is at least as new as the one whose answers are recorded. Default: true. */
  readonly recorded?: boolean;
  /** Whether that CLI is of the spring of 2025 or later. Default: true. */
  readonly modern?: boolean;
  /** Whether that CLI makes the cache file's name for a web identity from the token, too. Default: true for v1. */
  readonly cacheByToken?: boolean;
}
