import type { CLIVersion } from './eks-auth-config.ts';
import { type AWSProfiles, readProfiles } from './ini/profiles.ts';

/** How many pairs of AWS files are kept parsed: enough for many homes, small enough to forget. */
const PARSED_PAIRS = 32;

interface ParsedPair {
  readonly config: string | undefined;
  readonly credentials: string | undefined;
  readonly profiles: AWSProfiles;
}

/**
 * What mints of one process may share. Files are read anew each time, but text that has not changed is not parsed
 * again; one `aws` binary is asked for its version once.
 */
export class MintMemory {
  readonly #parsed: ParsedPair[] = [];
  readonly #versions = new Map<string, Promise<CLIVersion | undefined>>();

  /** @throws INISyntaxError */
  profiles(config: string | undefined, credentials: string | undefined): AWSProfiles {
    const known = this.#parsed.find((pair) => pair.config === config && pair.credentials === credentials);
    if (known) return known.profiles;
    const profiles = readProfiles(config, credentials);
    this.#parsed.unshift({ config, credentials, profiles });
    this.#parsed.length = Math.min(this.#parsed.length, PARSED_PAIRS);
    return profiles;
  }

  /** @param binary - path and mtime; an answer that is none is asked for again */
  async cliVersion(binary: string, ask: () => Promise<CLIVersion | undefined>): Promise<CLIVersion | undefined> {
    const asked = this.#versions.get(binary) ?? ask();
    this.#versions.set(binary, asked);
    const version = await asked;
    if (version === undefined) this.#versions.delete(binary);
    return version;
  }
}
