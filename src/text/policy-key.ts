/**
 * Whether a kuberc may hold kubectl's policy about credential plugins, for a reader without a YAML parser. A text that YAML
 * could write the key into in another way (escapes, tags, other encodings) counts as one.
 */
export function mayHoldPolicy(text: string): boolean {
  const withoutComments = text.replace(/^[ \t]*#[ -~]*$/gm, '');
  return /redentialPluginPolicy(?!: AllowAll[ \t]*\r?$)|[\\!]|[^\t\r\n -~]/m.test(withoutComments);
}
