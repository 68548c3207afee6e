import * as z from 'zod';

/** The longest kubeconfig text that a model may pass. Larger ones, such as 1,000 contexts, have to be files. */
const MAX_KUBECONFIG_CHARS = 1024 * 1024;
const MAX_NAME_CHARS = 253;

/** What a text of a model may be. */
interface TextForm {
  /** The most characters. Default: those of a name. */
  readonly most?: number;
  /** Default: any text but an empty one. */
  readonly form?: RegExp;
}

/** A text that a tool takes. A refusal says in words what is accepted, since the model does not write by a pattern. */
export function textInput(accepted: string, { most = MAX_NAME_CHARS, form }: TextForm = {}): z.ZodString {
  const refused = { error: `is not accepted: pass ${accepted}` };
  const text = z
    .string({ error: ({ input }) => `is ${input === undefined ? 'missing' : 'not a text'}: pass ${accepted}` })
    .max(most, { error: `has more than ${most} characters: pass ${accepted}`, abort: true });
  return form === undefined ? text.min(1, refused) : text.regex(form, refused);
}

export const kubeconfigInput: z.ZodString = textInput(
  'the text or the absolute path of a kubeconfig, or leave it out',
  {
    most: MAX_KUBECONFIG_CHARS,
  },
).describe(
  'The text of an EKS kubeconfig, or the absolute path of one in a folder that the operator has opened; default: the files of the operator, whose contexts list_eks_clusters shows',
);

/** The names that a model may be shown: an id that one tool returns is taken by all. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:/@+=,-]*$/;

export const clusterIdInput: z.ZodString = textInput('an id that list_eks_clusters shows', { form: ID }).describe(
  'The id of a cluster, as list_eks_clusters shows it',
);

export const newClusterIdInput: z.ZodString = textInput(
  'letters, digits and - _ . : / @ + = , only, a letter or digit first, or leave it out',
  { form: ID },
).describe(
  'A new id of letters, digits and - _ . : / @ + = , for the cluster; default: the ARN of the cluster if the kubeconfig has it, else the context name',
);

export const contextInput: z.ZodString = textInput('a context that list_eks_clusters shows, or leave it out').describe(
  'The name of a context, or of a cluster that one context has; default: the current-context',
);

export const failureOutput: z.ZodObject<{
  code: z.ZodString;
  message: z.ZodString;
  remedy: z.ZodString;
}> = z.object({
  code: z.string().describe('A stable code, for example SESSION_EXPIRED'),
  message: z.string(),
  remedy: z.string().describe('The next step'),
});

/** The description of a cluster in every answer. It holds names only, no other parts of the kubeconfig. */
export const clusterOutput: z.ZodObject<{
  cluster_id: z.ZodString;
  cluster_name: z.ZodString;
  region: z.ZodOptional<z.ZodString>;
  server: z.ZodString;
  context: z.ZodString;
  profile: z.ZodOptional<z.ZodString>;
  role_arn: z.ZodOptional<z.ZodString>;
  token: z.ZodObject<{
    state: z.ZodEnum<{ empty: 'empty'; valid: 'valid'; expired: 'expired'; failed: 'failed' }>;
    expires_at: z.ZodOptional<z.ZodString>;
  }>;
}> = z.object({
  cluster_id: z.string(),
  cluster_name: z.string().describe('The cluster name for which tokens are made'),
  region: z.string().optional(),
  server: z.string().describe('URL of the API server'),
  context: z.string(),
  profile: z.string().optional().describe('The AWS profile that the kubeconfig sets'),
  role_arn: z.string().optional(),
  token: z.object({
    state: z.enum(['empty', 'valid', 'expired', 'failed']).describe('empty: no token was needed yet'),
    expires_at: z.string().optional(),
  }),
});
