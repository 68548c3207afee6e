import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { didYouMean } from '../../text/nearest-names.ts';
import { command, joined, own, sentence } from '../../text/sentence.ts';
import { awsFiles } from './paths.ts';
import type { PlanInput } from './plan-input.ts';

/** The error for a profile that is in none of the AWS files. It names the files that were read, and profiles of a similar name. */
export function profileNotFound(
  profile: string,
  { files, recorder }: Pick<PlanInput, 'files' | 'recorder'>,
): EKSAuthError {
  const near = didYouMean(profile, [...files.profiles.keys()]);
  const message = sentence`The AWS profile ${profile} is in none of the AWS files: ${listOf(recorder)}.${near}`;
  return new EKSAuthError('PROFILE_NOT_FOUND', message, {
    remedy: command`List the profiles with \`aws configure list-profiles\`, or make it: \`aws configure sso --profile ${profile || own('NAME')}\`.`,
  });
}

function listOf(recorder: Recorder) {
  const { config, credentials } = awsFiles(recorder);
  const empty = (variable: string) => own(`none (${variable} is empty)`);
  return joined(
    [
      config === '' ? empty('AWS_CONFIG_FILE') : sentence`${config}`,
      credentials === '' ? empty('AWS_SHARED_CREDENTIALS_FILE') : sentence`${credentials}`,
    ],
    ', ',
  );
}
