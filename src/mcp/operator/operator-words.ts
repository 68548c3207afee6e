import { join } from 'node:path';
import { type Host, homeDirectory } from '../../host.ts';
import { readText } from '../../system/read-file.ts';
import type { KnownWords } from '../known-words.ts';
import type { MCPOptions } from '../mcp-options.ts';

const VARIABLES = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ROLE_ARN'];
/** Names of the caller in the AWS files. */
const NAMES = /^[ \t]*(?:role_arn|role_session_name|sso_role_name)[ \t]*=[ \t]*(\S+)[ \t]*$/gm;
/** The names of sections: `[profile acme]`, `[sso-session acme]`. */
const SECTION = /^[^\S\n]*\[([^\]\n]*)\]/gm;

/** Learns what the operator says: options, variables and the names of profiles. */
export async function learnOperator(
  words: KnownWords,
  { trustedServers = [] }: MCPOptions,
  { env }: Host,
): Promise<void> {
  for (const { certificateAuthorityData: _, ...named } of trustedServers) words.learn(named);
  for (const name of VARIABLES) words.learn(env[name]);
  const folder = join(homeDirectory(env), '.aws');
  const files = [
    env.AWS_CONFIG_FILE ?? join(folder, 'config'),
    env.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'),
  ];
  for (const path of files) {
    const text = await readText(path).catch(() => '');
    for (const [, name] of text.matchAll(SECTION)) words.learn(name);
    for (const [, name] of text.matchAll(NAMES)) words.learn([name, name?.split('/').at(-1)]);
  }
}
