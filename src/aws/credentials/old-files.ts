import { EKSAuthError } from '../../errors.ts';
import { splitLines, strip } from '../ini/python-text.ts';
import { type INIFile, INISyntaxError, parseINI } from '../ini/raw-config-parser.ts';
import { textOf } from '../plan/settings.ts';
import { readTextFile } from '../read-text-file.ts';
import { Undecidable } from '../undecidable.ts';
import type { CredentialContext } from './context.ts';
import type { Credentials } from './credentials.ts';

type FileAccess = Pick<CredentialContext, 'env' | 'reading'>;

/** AWS_CREDENTIAL_FILE of the first EC2 tools: `AWSAccessKeyId=…` and `AWSSecretKey=…`. */
export async function ec2FileCredentials(path: string, access: FileAccess): Promise<Credentials | undefined> {
  await access.reading(path);
  const text = readTextFile(path, access.env);
  if (text === undefined) {
    throw new EKSAuthError('INVALID_CONFIG', `AWS_CREDENTIAL_FILE names ${path}, which cannot be read.`, {
      remedy: 'Unset AWS_CREDENTIAL_FILE; `aws configure` makes what is used today.',
    });
  }
  const values = new Map<string, string>();
  for (const line of splitLines(text)) {
    const at = line.indexOf('=');
    if (at !== -1) values.set(strip(line.slice(0, at)), strip(line.slice(at + 1)));
  }
  const accessKeyId = values.get('AWSAccessKeyId');
  const secretAccessKey = values.get('AWSSecretKey');
  if (accessKeyId === undefined) return undefined;
  if (secretAccessKey === undefined) throw new Undecidable(`${path} holds half of a key pair`);
  return { accessKeyId, secretAccessKey };
}

/** The configuration of boto 2. */
export async function botoFileCredentials(path: string, access: FileAccess): Promise<Credentials | undefined> {
  await access.reading(path);
  const text = readTextFile(path, access.env);
  const section = text === undefined ? undefined : parse(path, text).get('Credentials');
  const accessKeyId = section && textOf(section, 'aws_access_key_id');
  if (!section || accessKeyId === undefined) return undefined;
  const secretAccessKey = textOf(section, 'aws_secret_access_key');
  if (secretAccessKey === undefined) throw new Undecidable(`${path} holds half of a key pair`);
  return { accessKeyId, secretAccessKey };
}

function parse(path: string, text: string): INIFile {
  try {
    return parseINI(text);
  } catch (error) {
    if (!(error instanceof INISyntaxError)) throw error;
    throw new EKSAuthError('INVALID_CONFIG', `The AWS CLI cannot read ${path}: ${error.message}.`, {
      remedy: `Correct or remove ${path}.`,
      cause: error,
    });
  }
}
