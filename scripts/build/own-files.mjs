/** The file that `#own-url` stands for, and the one that reads YAML, are written beside the code and not bundled. */
export const STAND_APART = [
  [/\/load-yaml\.cjs$/, '#load-yaml'],
  [/\/own-url\.ts$/, '#own-url'],
];

/** The file whose text is `versionModule`: a bundle of a service that contains ours has no package.json beside it. */
export const VERSION_FILE = /[\\/]src[\\/]text[\\/]version\.ts$/;

export function versionModule({ version }) {
  return `export const VERSION = ${JSON.stringify(version)};`;
}
