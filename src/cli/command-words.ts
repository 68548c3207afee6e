/** What the library's own words are on the command line. The library, which shares these messages, has options in code. */
const WORDS: readonly (readonly [of: RegExp, here: string])[] = [
  [/\bpass \{ endpoints: \["([^"]*)"\] \}/g, 'add --endpoint $1'],
  [/If you trust the kubeconfig, register it with \{ execPolicy: 'allow' \}\./g, 'Leave out --in-process.'],
  [/, and this kubeconfig may run nothing\./g, ', and --in-process lets nothing run.'],
  [/Pass roleArn too, or --role-arn in the args\./g, 'Give the command a --role-arn.'],
  [
    /Pass `credentials` of .* in place of roleArn and tags:/g,
    'Let a credential_process assume the role with the tags:',
  ],
  [/\bexternalId\b/g, '--external-id'],
  [/\bsessionName\b/g, '--session-name'],
  [/\bdurationSeconds\b/g, '--duration-seconds'],
  [/\btransitiveTagKeys\b/g, '--transitive-tag-key'],
  [/, --duration-seconds and tags\./g, ', --duration-seconds and --tag.'],
];

/** A message or remedy of the library in the words of the command line. */
export function inCommandWords(text: string): string {
  return WORDS.reduce((words, [of, here]) => words.replace(of, here), text);
}
