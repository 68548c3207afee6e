/** The sources of credentials in words. */
const WORDS: Readonly<Record<string, string>> = {
  environment: 'the AWS_… variables of the environment',
  'credentials-file': 'the AWS credentials file',
  'config-file': 'the AWS config file',
  login: '`aws login`',
  process: 'the program of credential_process',
  'assume-role': 'a role assumed with what comes',
  'web-identity': 'a web identity token',
  ambient: 'a container or the metadata service of this machine',
  container: 'the container',
  'instance-metadata': 'the metadata service of this machine',
};

/** Puts `assume-role from credentials-file` into words. */
export function sourceInWords(source: string): string {
  return source
    .split(' from ')
    .map((kind) => WORDS[kind] ?? kind)
    .join(' from ');
}
