import { EKSAuthError } from '../../errors.ts';
import { describeUser, type SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { readBytesSync } from '../../system/read-file.ts';
import { own, sentence } from '../../text/sentence.ts';

/**
 * The token in a file, without the white space around it, as client-go reads it. The file is read at each request,
 * because another program replaces the token in it.
 * @throws EKSAuthError INVALID_KUBECONFIG where the file has no token
 */
export function readTokenFile({ user, place }: SelectedContext, path: string): string {
  const refuse = (what: string, cause?: unknown): EKSAuthError =>
    new EKSAuthError(
      'INVALID_KUBECONFIG',
      sentence`${describeUser(user.name, place)}: the tokenFile ${path} ${own(what)}.`,
      {
        remedy: 'Write a token into the file, or correct the path.',
        cause,
      },
    );
  let text: string;
  try {
    text = readBytesSync(path).toString('utf8').trim();
  } catch (cause) {
    throw refuse('cannot be read', cause);
  }
  if (text === '') throw refuse('is empty');
  if (!/^[\x21-\x7e]+$/.test(text)) throw refuse('has characters that no HTTP header can hold');
  return text;
}
