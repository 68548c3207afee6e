import { type AWSProfiles, readProfiles } from './profiles.ts';

/** How many pairs of AWS files are kept parsed: enough for many homes, and bounded. */
const PARSED_PAIRS = 32;

interface ParsedPair {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
  readonly profiles: AWSProfiles;
}

/** Parsed AWS files. Each mint reads the files again; a text that has not changed is not parsed again. */
export class KnownProfiles {
  readonly #parsed: ParsedPair[] = [];

  /** @throws INISyntaxError */
  read(config: string | undefined, credentials: string | undefined): AWSProfiles {
    const known = this.#parsed.find((pair) => pair.config === config && pair.credentials === credentials);
    if (known) return known.profiles;
    const profiles = readProfiles(config, credentials);
    this.#parsed.unshift({ config, credentials, profiles });
    this.#parsed.length = Math.min(this.#parsed.length, PARSED_PAIRS);
    return profiles;
  }
}
