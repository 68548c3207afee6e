import { shellOption } from '../../text/shell-word.ts';

/** The name of a kubeconfig string in error messages. */
export const STRING_PLACE = 'the kubeconfig string';

/** How places begin that are not files: "the kubeconfig string", "a followed source". */
const NO_FILE = /^(?:the|a) /;

/**
 * A remedy for the owner of a kubeconfig file, or for the developer of a service who was sent a text. That developer passes
 * options, and asks the author of the text to correct it.
 */
export function remedyAt<T>(place: string, ofFile: T, ofText: T): T {
  return place === STRING_PLACE ? ofText : ofFile;
}

/** The option of kubectl and aws for the file of a message, so that the command does not read or write another one. */
export function inFile(place: string): string {
  return NO_FILE.test(place) ? '' : ` ${shellOption('--kubeconfig', place)}`;
}

/** What writes the entries of a cluster again, in the file of a message. */
export function updateKubeconfig(place: string): string {
  return `aws eks update-kubeconfig --name CLUSTER --region REGION${inFile(place)}`;
}
