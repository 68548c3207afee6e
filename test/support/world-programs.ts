import { hashOf } from './hashing-aws.ts';

// Programs of a world, in sh. Their answers follow from what may decide them: the program itself, variables that the code
// knows, those that are declared with `--key-env`, and for the AWS CLI the AWS files.

/** Variables that an original command goes by here. */
const READ = [
  ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'HOME'],
  ...['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_ROLE_ARN', 'TEAM'],
];

/** What a stand-in for the AWS CLI signs for. */
export const ORIGINAL_HOST = 'sts.original.amazonaws.com';

/** The body of an `aws` that says its version, and prints tokens of its own. @param files those that decide, too */
export function originalCommand(version: string, tag: string, files = ''): string {
  const values = READ.map((name) => `"\${${name}-unset}"`).join(' ');
  return `[ "$1" != --version ] || { echo 'aws-cli/${version} Python/3.13.7 Linux/6.1'; exit; }
whose=$({ printf '%s|' '${tag}' ${values} "$@"; cat /dev/null ${files} 2>/dev/null; } | sha256sum)
whose=$(echo "$whose" | cut -c1-16 | tr a-f A-F)
date=$(date -u +%Y%m%dT%H%M%SZ) end=$(date -u -d '+14 minutes' +%Y-%m-%dT%H:%M:%SZ)
url="https://${ORIGINAL_HOST}/?X-Amz-Credential=ASIA$whose%2F20260101%2Foriginal%2Fsts%2Faws4_request&X-Amz-Date=$date"
token=k8s-aws-v1.$(printf %s "$url" | base64 -w0 | tr '+/' '-_' | tr -d =)
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{},"status":{"expirationTimestamp":"'$end'","token":"'$token'"}}'`;
}

/** A credential_process whose keys follow from its tag and from TEAM. */
export function processKeys(tag: string): string {
  return `#!/bin/sh
id=ASIA$(printf '%s' "${hashOf('process', tag)}|\${TEAM-unset}" | sha256sum | cut -c1-16 | tr a-f A-F)
secret=$(printf '["secret","%s"]' "$id" | sha256sum | cut -c1-16 | tr a-f A-F)
echo '{"Version":1,"AccessKeyId":"'$id'","SecretAccessKey":"EXAMPLEKEY/'$secret'","SessionToken":"EXAMPLEKEY"}'
`;
}
