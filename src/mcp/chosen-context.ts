import { readEKSUser } from '../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../errors.ts';
import { checkKubeconfigString } from '../kubeconfig/read/kubeconfig-input.ts';
import { parseKubeconfig } from '../kubeconfig/read/parse-kubeconfig.ts';
import { contextNames, type SelectedContext, selectContext } from '../kubeconfig/read/select-context.ts';
import { suggestNames } from '../text/nearest-names.ts';
import { own, sentence } from '../text/sentence.ts';
import { onlyOfCluster, severalOfCluster } from './operator/operator-contexts.ts';
import { refusal } from './refusal.ts';

/** A context, and the text of a kubeconfig that has it. */
export interface Chosen {
  readonly text: string;
  readonly selected: SelectedContext;
}

/**
 * The context of this name in a kubeconfig of a model, or the only one of the cluster with this name. Without a name: the
 * current-context.
 * @throws EKSAuthError INVALID_KUBECONFIG, INVALID_CONFIG
 */
export function chosenInText(given: string, wanted: string | undefined): Chosen {
  const text = withoutFence(given);
  const file = parseKubeconfig(checkKubeconfigString(text), { place: 'the kubeconfig' });
  const names = contextNames([file]);
  if (wanted === undefined ? file.currentContext !== undefined : names.includes(wanted)) {
    return { text, selected: selectContext([file], wanted) };
  }
  const pass = own('Pass the name of a context in this kubeconfig as context.');
  if (wanted === undefined) {
    const none = sentence`The kubeconfig has no current-context, and no context was named.${suggestNames('', names)}`;
    throw refusal('INVALID_KUBECONFIG', none, pass);
  }
  const contexts = names.flatMap((name) => {
    try {
      const selected = selectContext([file], name);
      const config = readEKSUser(selected);
      return config === undefined ? [] : [{ selected, config }];
    } catch (error) {
      if (error instanceof EKSAuthError) return [];
      throw error;
    }
  });
  const only = onlyOfCluster(contexts, wanted);
  if (only) return { text, selected: only.selected };
  const message =
    severalOfCluster(contexts, wanted) ??
    sentence`The kubeconfig has no context ${wanted}.${suggestNames(wanted, names)}`;
  throw refusal('INVALID_KUBECONFIG', message, pass);
}

/** Whether a text is a path: one line that does not begin like a kubeconfig. */
export function isPath(text: string): boolean {
  const line = text.trim();
  return line !== '' && !line.includes('\n') && !/^(\{|apiVersion\s*:|kind\s*:)/.test(line);
}

/** A line that begins a block in the Markdown of an answer. No line of a kubeconfig begins like it. */
const OPENING = /^(`{3,}|~{3,})(.*)$/;
const LANGUAGES: ReadonlySet<string> = new Set(['', 'yaml', 'yml', 'json']);

function fenceOf(line: string): string | undefined {
  const [, fence, language = ''] = OPENING.exec(line.trim()) ?? [];
  return LANGUAGES.has(language.trim().toLowerCase()) ? fence : undefined;
}

/** The text inside the only fence of an answer that quotes a kubeconfig, else the text as it is. Looks at each line once. */
function withoutFence(text: string): string {
  const lines = text.split('\n');
  const opened = lines.findIndex((line) => fenceOf(line) !== undefined);
  const fence = fenceOf(lines[opened] ?? '');
  const closed = lines.findIndex((line, at) => at > opened && line.trim() === fence);
  if (closed === -1 || lines.slice(closed + 1).some((line) => fenceOf(line) !== undefined)) return text;
  return `${lines.slice(opened + 1, closed).join('\n')}\n`;
}
