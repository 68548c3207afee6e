import { EKSAuthError } from '../../errors.ts';
import { nameOf } from '../../options/checks.ts';
import { sentence } from '../../text/sentence.ts';
import { checkKubeconfigText, MAX_STRING_CHARS } from './read-text.ts';
import { STRING_PLACE } from './text-remedy.ts';

/**
 * Checks that a value is the text of a kubeconfig, and not a path or too large.
 * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
 */
export function checkKubeconfigString(kubeconfig: unknown): string {
  if (typeof kubeconfig !== 'string') {
    throw new EKSAuthError('INVALID_CONFIG', `A kubeconfig string was expected, not ${nameOf(kubeconfig)}.`, {
      remedy: "Pass the file's text, for example `await readFile(path, 'utf8')`.",
    });
  }
  if (looksLikePath(kubeconfig)) {
    throw new EKSAuthError('INVALID_CONFIG', sentence`${kubeconfig.trim()} is a path, not the text of a kubeconfig.`, {
      remedy: 'Use the …ByPath form for files, or pass the text of the file.',
    });
  }
  if (kubeconfig.length > MAX_STRING_CHARS) {
    const most = MAX_STRING_CHARS / 1024 / 1024;
    const message = sentence`The kubeconfig string has ${Math.ceil(kubeconfig.length / 1024 / 1024)} Mi characters; at most ${most} are read.`;
    throw new EKSAuthError('INVALID_KUBECONFIG', message, {
      remedy:
        'Have its author send only the contexts that are needed: `kubectl config view --minify --flatten --context NAME`.',
    });
  }
  return checkKubeconfigText(kubeconfig, STRING_PLACE);
}

/**
 * Checks that a value is a path, and not the text of a kubeconfig.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkKubeconfigPath(path: unknown): string {
  if (typeof path !== 'string') {
    const message = `The path of a kubeconfig was expected, not ${nameOf(path)}.`;
    throw new EKSAuthError('INVALID_CONFIG', message, { remedy: remedyForPath(path) });
  }
  const remedy = 'Use the …ByString form for text, or pass the path of a file.';
  if (path === '') {
    const unset = 'Pass no path at all to read the KUBECONFIG list or ~/.kube/config.';
    throw new EKSAuthError('INVALID_CONFIG', 'The path of the kubeconfig is empty.', { remedy: unset });
  }
  if (/[\n\0]/.test(path) || /^\s*(\{|apiVersion\s*:|kind\s*:)/.test(path)) {
    const message = 'The text of a kubeconfig was passed where its path was expected.';
    throw new EKSAuthError('INVALID_CONFIG', message, { remedy });
  }
  return path;
}

function looksLikePath(text: string): boolean {
  const line = text.trim();
  if (line === '' || line.includes('\n') || line.length > 4_096) return false;
  return /^(~|\.{1,2})?[/\\]|^[A-Za-z]:[/\\]|^[^\s:{}]+$/.test(line);
}

function remedyForPath(value: unknown): string {
  if (value instanceof URL) return 'Pass fileURLToPath(url) of node:url.';
  if (value instanceof Uint8Array)
    return "Pass the path of the file, or its text, `await readFile(path, 'utf8')`, to the …ByString form.";
  if (typeof value === 'object')
    return 'Pass the path first, or undefined for the usual files; options are the second argument.';
  return 'Pass the path of a file, or undefined for the usual files.';
}
