import { cacheDirectory } from '../../cache/directory/directory.ts';
import { keyFilePath, readKeyFile } from '../../cache/sealed/key-file.ts';
import { listEntries } from '../../cache/store/manage-entries.ts';
import type { Environment } from '../../host.ts';
import { isInHome, tilde } from '../../plugin/ekspress-home.ts';
import { APPLY } from '../../text/apply-words.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { type Finding, ok, skipped, warning } from './finding.ts';

type Result = Omit<Finding, 'check'>;

/** Whether encrypted entries have a key, where it lies, and whether tokens lie beside them in clear. */
export async function checkEncryption({
  env,
  keyFiles,
}: {
  readonly env: Environment;
  readonly keyFiles: readonly string[];
}): Promise<readonly Result[]> {
  const named = [...new Set(keyFiles)];
  if (named.length === 0) return [skipped(`no context asks for it: \`${APPLY} --encrypt\``)];
  const plain = (await listEntries(cacheDirectory(env), new Date())).filter(({ state }) => state === 'valid').length;
  const found = named.map((file) => checkKey(file, env));
  if (plain === 0) return found;
  const tokens = plain === 1 ? '1 token lies' : `${plain} tokens lie`;
  const remedy = 'Apply all contexts with --encrypt, give services the key, then run `ekspress cache clear`.';
  return [...found, warning(`${tokens} in the cache in clear`, remedy)];
}

function checkKey(file: string, env: Environment): Result {
  const path = keyFilePath(file, env);
  if (path === undefined) {
    return warning(
      'XDG_RUNTIME_DIR is not set, so there is no key: each command makes a token of its own',
      `Log in with a session of its own, or run \`${APPLY} --encrypt --key-file FILE\`.`,
    );
  }
  const shown = tilde(path, env);
  const key = readKeyFile(path);
  if (key === 'absent' && file === '') return ok(`the first token makes the key ${shown}`);
  if (typeof key === 'string') {
    const remedy =
      key === 'open to other users' ? `Run \`${shellCommand('makePrivate', shown)}\`.` : `Run \`${APPLY} --encrypt\`.`;
    return warning(`the key ${shown} is ${key}: each command makes a token of its own`, remedy);
  }
  if (isInHome(path, env)) {
    return warning(
      `the key ${shown} lies in your home: a copy of the home holds it beside the tokens`,
      `Keep it elsewhere: \`${APPLY} --encrypt --key-file FILE\`, or without --key-file in memory.`,
    );
  }
  return ok(`tokens are encrypted, with the key ${shown}`);
}
