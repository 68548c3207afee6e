import { isDeepStrictEqual } from 'node:util';
import type * as YAML from 'yaml';
import { EKSAuthError } from '../../errors.ts';
import { isMapping } from '../../system/mapping.ts';
import { shown } from '../../text/nearest-names.ts';
import loadYAML from '../read/load-yaml.cjs';
import { inFile } from '../read/text-remedy.ts';
import { parseDocument, toValue } from '../read/yaml.ts';
import { type StanzaText, trimmedEnd } from './edit-stanza-text.ts';
import type { ExecValue } from './edit-values.ts';

/** A kubeconfig with the positions of its users' stanzas in its text. */
export interface EditableKubeconfig {
  readonly text: string;
  /** The name of the file in error messages. */
  readonly place: string;
  readonly users: readonly EditableUser[];
  /** The content without the users. */
  readonly rest: unknown;
}

/** One entry of `users`. */
export interface EditableUser {
  readonly name: string;
  /** The whole entry. */
  readonly value: unknown;
  readonly exec: ExecValue | undefined;
  /** The position of the stanza. Undefined if it is not written in this user. */
  readonly stanza: LocatedStanza | undefined;
  /** If the stanza is an alias: the user in which it is written. */
  readonly sharedWith: string | undefined;
}

/** A stanza with its start in the file. */
export interface LocatedStanza extends StanzaText {
  readonly start: number;
}

/**
 * Reads a kubeconfig with the position of every stanza.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function readEditable(text: string, place: string): EditableKubeconfig {
  const { isMap, isSeq } = loadYAML();
  if (text.includes('\uFFFD')) throw invalid(`${place} holds bytes that are not UTF-8.`, 'Save it as UTF-8 first.');
  const document = parseDocument(text, place);
  const root = document && toValue(document, place);
  if (!isMapping(root) || !document || !isMap(document.contents)) {
    throw invalid(`${place} does not hold a kubeconfig.`, 'Name another file, or set KUBECONFIG.');
  }
  const { users, ...rest } = root;
  const list = document.contents.get('users');
  const values = Array.isArray(users) ? users : [];
  const items = isSeq(list) ? list.items : [];
  const found = values.map((entry: unknown, index) => editableUser(entry, items[index], document, text));
  const owners = new Map<unknown, string>(
    found.filter(({ node }) => isMap(node)).map((user) => [user.node, user.name]),
  );
  return {
    text,
    place,
    rest,
    users: found.map(({ node: _, target, ...user }) => ({ ...user, sharedWith: owners.get(target) })),
  };
}

/** The user of that name. @throws EKSAuthError if there is none, if there are two, or if it has no exec */
export function findUser({ users, place }: EditableKubeconfig, name: string): EditableUser & { exec: ExecValue } {
  const [user, second] = users.filter((one) => one.name === name);
  const described = `user ${shown(name)} in ${place}`;
  if (!user)
    throw invalid(`There is no ${described}.`, `Run \`kubectl config get-users${inFile(place)}\` to see the names.`);
  if (second)
    throw invalid(
      `${described} is defined twice.`,
      `Keep one of them: \`kubectl config view --raw${inFile(place)}\` shows both.`,
    );
  const { exec } = user;
  if (!exec) {
    throw new EKSAuthError('NOT_EKS', `${described} has no exec command.`, {
      remedy: 'Choose a context whose user gets its credentials from a command: `ekspress status` lists them.',
    });
  }
  return { ...user, exec };
}

/** How two readings of a kubeconfig differ. */
export interface KubeconfigDifferences {
  /** Names of the users whose entries differ. */
  readonly users: readonly string[];
  /** Whether anything else differs. */
  readonly elsewhere: boolean;
}

export function differences(one: EditableKubeconfig, other: EditableKubeconfig): KubeconfigDifferences {
  const users = one.users.filter((user, index) => !isDeepStrictEqual(user.value, other.users[index]?.value));
  const same = one.users.length === other.users.length && isDeepStrictEqual(one.rest, other.rest);
  return { users: users.map(({ name }) => name), elsewhere: !same };
}

interface FoundUser extends Omit<EditableUser, 'sharedWith'> {
  readonly node: unknown;
  readonly target: unknown;
}

function editableUser(value: unknown, item: unknown, document: YAML.Document, text: string): FoundUser {
  const { isAlias, isMap, isNode, isScalar } = loadYAML();
  const entry = isMapping(value) ? value : {};
  const fields = isMapping(entry.user) ? entry.user : {};
  const exec = isMapping(fields.exec) ? fields.exec : undefined;
  const own = { name: String(entry.name ?? ''), value, exec };
  const user = isMap(item) ? item.get('user', true) : undefined;
  const pair = isMap(user) ? user.items.find(({ key }) => isScalar(key) && key.value === 'exec') : undefined;
  const none = { ...own, stanza: undefined, node: undefined, target: undefined };
  if (!pair || !isScalar(pair.key) || !pair.key.range || !isNode(pair.value) || !pair.value.range) return none;
  const [start] = pair.key.range;
  const end = trimmedEnd(text, start, pair.value.range[1]);
  const line = text.lastIndexOf('\n', start - 1);
  const stanza: LocatedStanza = {
    start,
    text: text.slice(start, end),
    column: start - line - 1 - (text.charCodeAt(line + 1) === 0xfeff ? 1 : 0),
    flow: isMap(user) && user.flow === true,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  const target = isAlias(pair.value) ? pair.value.resolve(document) : undefined;
  return { ...own, stanza, node: pair.value, target };
}

function invalid(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy });
}
