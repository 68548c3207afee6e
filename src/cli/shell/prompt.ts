import { PROMPT_FILE, PROMPT_VERSION } from '../status/prompt-file.ts';

/**
 * A function for the prompt of bash and zsh. It shows what `ekspress status --short` shows, from the file that this command
 * has left, and starts no process for that. It works with `set -u` and `set -e`. In zsh each `%` is doubled: a prompt would take
 * one in a name for a colour, and releases before 5.8.1 run commands behind some.
 */
export const POSIX_PROMPT: string = `# ekspress: the current context and the life of its token, for a prompt: PS1='$(ekspress_short) \\$ '
zmodload zsh/datetime 2>/dev/null || :
ekspress_remembered() {
  IFS= read -r version && IFS= read -r key && IFS= read -r context && IFS= read -r token && IFS= read -r login &&
    IFS= read -r words || return 1
  [ "$version" = '${PROMPT_VERSION}' ] || return 1
  [ "$key" = "\${KUBECONFIG-}|\${AWS_PROFILE-}|\${AWS_ACCESS_KEY_ID-}" ] || return 1
  [ "\${token:-$((now + 1))}" -gt "$now" ] && [ "\${login:-$((now + 1))}" -gt "$now" ] || return 1
  while IFS= read -r watched; do
    case $watched in
      @*) [ -e "\${watched#@}" ] || return 1 ;;
      *) [ ! "$watched" -nt "$file" ] || return 1 ;;
    esac
  done
}
ekspress_short() {
  local file="$HOME/.kube/ekspress/${PROMPT_FILE}" version='' key='' context='' token='' login='' words='' watched='' now percent='%'
  [ -z "\${ZSH_VERSION-}" ] || percent='%%'
  now=\${EPOCHSECONDS:-}
  [ -n "$now" ] || now=$(date +%s)
  if ! [ -r "$file" ] || ! ekspress_remembered <"$file"; then
    words=$(command ekspress status --short 2>/dev/null) || :
    [ -z "$words" ] || printf '%s\\n' "\${words//\\%/$percent}"
    return 0
  fi
  context=\${context//\\%/$percent}
  if [ -z "$token" ]; then
    printf '%s %s\\n' "$context" "\${words//\\%/$percent}"
  elif [ $((token - now)) -ge 60 ]; then
    printf '%s %dm %02ds\\n' "$context" $(((token - now) / 60)) $(((token - now) % 60))
  else
    printf '%s %ds\\n' "$context" $((token - now))
  fi
}
`;

/** fish has no such tests of dates without a process. */
export const FISH_PROMPT: string = `# ekspress: the current context and the life of its token, for a prompt
function ekspress_short
    command ekspress status --short 2>/dev/null
    return 0
end
`;
