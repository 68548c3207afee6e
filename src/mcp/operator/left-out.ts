import type { EKSAuthError } from '../../errors.ts';

/** What the operator's files have, or should have, and a list for models lacks. */
export interface LeftOut {
  /** Why each file cannot be read that is missing or damaged. */
  readonly unreadable: readonly EKSAuthError[];
  /** How many EKS contexts have names that a model may not see. */
  readonly oddNames: number;
  /** How many contexts cannot be used. */
  readonly unusable: number;
  /** How many EKS contexts ask for what this server does not do: variables, programs, proxies. */
  readonly refused: number;
  /** How many contexts have users that are not EKS users, where all have such users. */
  readonly otherUsers: number;
}

export const NOTHING_LEFT_OUT: LeftOut = { unreadable: [], oddNames: 0, unusable: 0, refused: 0, otherUsers: 0 };

/** One of them for a model. Neither paths nor names are in it. */
export interface LeftOutInWords {
  readonly message: string;
  readonly remedy: string;
}

export function leftOutInWords(left: LeftOut): readonly LeftOutInWords[] {
  const { unreadable, oddNames, unusable, refused, otherUsers } = left;
  const log = 'the log of this server (its stderr)';
  return [
    ...(unreadable.length === 0
      ? []
      : [
          {
            message: `${count(unreadable.length, 'kubeconfig')} that the operator has opened cannot be read.`,
            remedy: `Ask the operator to correct the file or the option --trust-kubeconfig: ${log} names the file and the reason.`,
          },
        ]),
    ...(oddNames === 0
      ? []
      : [
          {
            message: `${count(oddNames, 'EKS context')} of the operator ${oddNames === 1 ? 'has a name' : 'have names'} that cannot be shown here.`,
            remedy: `Ask the operator to rename ${oddNames === 1 ? 'it' : 'them'} with \`kubectl config rename-context\`: letters, digits and - _ . : / @ + = , are shown. ${upper(log)} has the name${oddNames === 1 ? '' : 's'}. Or register ${oddNames === 1 ? 'it' : 'one'} by the name of its cluster as context, with a cluster_id.`,
          },
        ]),
    ...(unusable === 0
      ? []
      : [
          {
            message: `${count(unusable, 'context')} of the operator cannot be used.`,
            remedy: `Ask the operator to run \`ekspress doctor\` with this kubeconfig. ${upper(log)} has the name${unusable === 1 ? '' : 's'}.`,
          },
        ]),
    ...(refused === 0
      ? []
      : [
          {
            message: `${count(refused, 'EKS context')} of the operator ${refused === 1 ? 'asks' : 'ask'} for what this server does not do.`,
            remedy: `Call register_eks_cluster with ${refused === 1 ? 'its name or that of its cluster' : 'one of their names, or the name of its cluster'} as context to learn why. ${upper(log)} has the name${refused === 1 ? '' : 's'}.`,
          },
        ]),
    ...(otherUsers === 0
      ? []
      : [
          {
            message: `${count(otherUsers, 'context')} of the operator ${otherUsers === 1 ? 'does' : 'do'} not authenticate by an EKS command.`,
            remedy:
              'Ask the user for a kubeconfig as `aws eks update-kubeconfig` writes it: these tools are for EKS users only.',
          },
        ]),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function upper(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
