import { type Command, defineCommand, EXIT } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { FISH_PROMPT, POSIX_PROMPT } from './prompt.ts';
import { readShell, SHELLS } from './read-shell.ts';

const options = {
  prompt: { help: 'instead: a function `ekspress_short` for the prompt' },
} as const satisfies Options;

/** `ekspress hook`. */
export const hook: Command = defineCommand({
  name: 'hook',
  summary: 'a shell function that drops tokens right after a login',
  usage: ['bash | zsh | fish'],
  options,
  globals: [],
  choices: () => SHELLS,
  about: [
    'Prints a function around `aws` for your shell: after a successful `aws login`, `aws sso login`, `aws logout`, `aws sso logout` or `aws configure` the tokens concerned are forgotten, those of the profile and those whose files have changed. Everything else of `aws` is as before, its exit status too. The cache notices a new session by itself; with the hook it notices at once.',
    'With --prompt: a function that shows the current context and the life of its token, as `status --short`, in bash and zsh without a process.',
  ],
  examples: [
    'echo \'eval "$(ekspress hook bash)"\' >> ~/.bashrc',
    'echo \'eval "$(ekspress hook zsh)"\' >> ~/.zshrc',
    'eval "$(ekspress hook bash --prompt)"; PS1=\'$(ekspress_short) \\$ \'',
    "echo 'ekspress hook fish | source' >> ~/.config/fish/config.fish",
  ],
  async run({ values, words }, { out }) {
    const shell = readShell('hook', words);
    if (values.prompt) out(shell === 'fish' ? FISH_PROMPT : POSIX_PROMPT);
    else out(shell === 'fish' ? FISH : POSIX);
    return EXIT.ok;
  },
});

/** The function for bash and zsh. It works with `set -u` and `set -e`. */
const POSIX = `# ekspress: forget the tokens concerned after a login
aws() {
  command aws "$@" || return
  local ekspress_word ekspress_words='' ekspress_profile="\${AWS_PROFILE:-\${AWS_DEFAULT_PROFILE:-default}}" ekspress_next=''
  for ekspress_word in "$@"; do
    if [ -n "$ekspress_next" ]; then
      [ "$ekspress_next" = other ] || ekspress_profile=$ekspress_word
      ekspress_next=''
      continue
    fi
    case $ekspress_word in
      --profile) ekspress_next=profile ;;
      --profile=*) ekspress_profile=\${ekspress_word#*=} ;;
      --region | --output | --endpoint-url | --sso-session) ekspress_next=other ;;
      -*) ;;
      *) ekspress_words="$ekspress_words $ekspress_word" ;;
    esac
  done
  case "$ekspress_words " in
    ' login '* | ' logout '* | ' sso login '* | ' sso logout '* | ' configure '*)
      ! command -v ekspress >/dev/null 2>&1 ||
        command ekspress cache clear --changed --profile "$ekspress_profile" >/dev/null 2>&1 || :
      ;;
  esac
  return 0
}
`;

const FISH = `# ekspress: forget the tokens concerned after a login
function aws --wraps aws
    command aws $argv
    or return
    set -l ekspress_profile default
    set -q AWS_DEFAULT_PROFILE; and set ekspress_profile $AWS_DEFAULT_PROFILE
    set -q AWS_PROFILE; and set ekspress_profile $AWS_PROFILE
    set -l ekspress_words
    set -l ekspress_next ''
    for word in $argv
        if test -n "$ekspress_next"
            test "$ekspress_next" = other; or set ekspress_profile $word
            set ekspress_next ''
            continue
        end
        switch $word
            case --profile
                set ekspress_next profile
            case '--profile=*'
                set ekspress_profile (string replace -- --profile= '' $word)
            case --region --output --endpoint-url --sso-session
                set ekspress_next other
            case '-*'
            case '*'
                set -a ekspress_words $word
        end
    end
    switch "$ekspress_words "
        case 'login *' 'logout *' 'sso login *' 'sso logout *' 'configure *'
            if command -q ekspress
                command ekspress cache clear --changed --profile "$ekspress_profile" >/dev/null 2>&1
            end
    end
    return 0
end
`;
