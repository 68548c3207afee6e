/** The name of a kubeconfig string in error messages. */
export const STRING_PLACE = 'the kubeconfig string';

/**
 * A remedy for the owner of a kubeconfig file, or for the developer of a service who was sent a text. That developer passes
 * options, and asks the author of the text to correct it.
 */
export function remedyAt<T>(place: string, ofFile: T, ofText: T): T {
  return place === STRING_PLACE ? ofText : ofFile;
}
