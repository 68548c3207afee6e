import { EKSAuthError } from '../../errors.ts';
import { own, sentence } from '../../text/sentence.ts';
import { loadSenders } from '../senders/senders.ts';
import type { ClientNode } from '../senders/stream-clients.ts';

export type { ClientNode };

const PACKAGE = '@kubernetes/client-node@~1.4.0';
const INSTALL = own(`Run \`npm install ${PACKAGE}\``);
const GLOBALLY = own(`\`npm install --global ${PACKAGE}\``);
/** 2.x needs undici 8, which does not load below this version of Node. Neither package declares it. */
const NODE_FOR_2 = own('22.19');

/**
 * Loads `@kubernetes/client-node`, an optional peer dependency. Loading takes about a second, so it happens when the
 * first cluster needs it.
 * @param load imports the package
 * @throws EKSAuthError INVALID_CONFIG where it is absent, too old, or too new for this Node, and in a runtime
 *   that sends requests without their agents
 */
export async function loadClientNode(
  load: () => Promise<ClientNode> = () => import('@kubernetes/client-node'),
): Promise<ClientNode> {
  let loaded: ClientNode;
  try {
    loaded = await load();
  } catch (cause) {
    throw isAbsent(cause) ? absent(cause) : broken(cause);
  }
  if (typeof loaded.KubeConfig?.prototype?.addAuthenticator === 'function') return loadSenders(loaded);
  throw new EKSAuthError('INVALID_CONFIG', sentence`The installed @kubernetes/client-node is older than 1.4.`, {
    remedy: sentence`${INSTALL}.`,
  });
}

function isAbsent(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' && String(cause).includes("'@kubernetes/client-node'");
}

function absent(cause: unknown): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', sentence`@kubernetes/client-node is not installed. Clusters need it.`, {
    remedy: sentence`${INSTALL} beside ekspress. If ekspress is installed globally, run ${GLOBALLY}.`,
    cause,
  });
}

function broken(cause: unknown): EKSAuthError {
  const version = own(process.versions.node);
  return new EKSAuthError('INVALID_CONFIG', sentence`@kubernetes/client-node cannot be loaded by Node ${version}.`, {
    remedy: sentence`${INSTALL}. Version 2 and later need Node >= ${NODE_FOR_2}, though they do not declare it.`,
    cause,
  });
}

/** Loads client-node once. After a failure the next call tries again, since the package may have been installed meanwhile. */
export class ClientNodeLoader {
  #loading: Promise<ClientNode> | undefined;

  load(): Promise<ClientNode> {
    this.#loading ??= loadClientNode();
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }
}
