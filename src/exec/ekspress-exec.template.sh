#!/bin/sh
# ekspress-exec: kubectl's way to a token. A hit in the shared cache is printed by this shell alone; a miss starts Node;
# where Node cannot decide, the original command runs.    Usage: ekspress-exec aws eks get-token --cluster-name NAME ...
# Any other plugin of kubectl's stands after a `--`.      Usage: ekspress-exec [--key-env NAME,...] -- PLUGIN ARGUMENT...
# @NOTICE@
# shellcheck disable=SC3013  # -nt, -ot, -ef: in every shell that this is tested with
# shellcheck disable=SC3067  # -O: likewise
# shellcheck disable=SC2015  # A && B || C: whatever fails, it is a miss
# shellcheck disable=SC3028  # EPOCHSECONDS: asked for, not relied on

# Filled in when installed. Empty: Node is looked up in PATH, and the package around this file. The last line holds the
# folders that the original commands were found in: programs started from a desktop have a short PATH. Plugins: those
# that were recorded, joined by colons, for where kubectl may run certain ones only.
ekspress_node=''
ekspress_package=''
ekspress_path=''
ekspress_plugins=''

# Options may come from outside (SHELLOPTS). Never traced: a trace would show tokens.
set -f +a +e +u +v +x

# Every variable is called ek_something: a namesake in the environment would be changed for the original command.
ek_file='' ek_known='' ek_newer_than=0 ek_claimed='' ek_renewing='' ek_waited=''
ek_keys='' ek_dashes='' ek_plugin='' ek_tool=aws ek_extra='' ek_tails='' ek_rest='' ek_longest=@MAX_LIFE@

ek_no() {
  ek_why=$1
  return 1
}

# The command line is understood in full or left to Node.
ek_read_words() {
  case ${1-} in aws | /aws | /*/aws) ek_command=$1 ;; *) ek_no 'not an aws command' || return ;; esac
  shift
  ek_verb='' ek_early=early ek_cluster='' ek_region='' ek_profile='' ek_role=''
  while [ $# -gt 0 ]; do
    case $1 in
      --*=*) ek_flag=${1%%=*} ek_value=${1#*=} ;;
      --*)
        ek_flag=$1 ek_value=${2-}
        [ $# -eq 1 ] || shift
        ;;
      *) ek_flag='' ek_value=$1 ;;
    esac
    shift
    case $ek_value in '' | -* | *://*) ek_no 'an argument for Node' || return ;; esac
    ek_odd=''
    case $ek_flag in
      '') ek_verb="$ek_verb $ek_value" ek_early=${ek_verb#' eks get-token'} ;;
      --region) ek_odd=$ek_region ek_region=$ek_value ;;
      --profile) ek_odd=$ek_profile ek_profile=$ek_value ;;
      --output) ek_odd=${ek_value#json} ;;
      --cluster-name | --cluster-id) ek_odd=$ek_cluster$ek_early ek_cluster=$ek_value ;;
      --role-arn | --role) ek_odd=$ek_role$ek_early ek_role=$ek_value ;;
      *) ek_odd=$ek_flag ;;
    esac
    [ -z "$ek_odd" ] || ek_no 'an argument for Node' || return
  done
  [ -z "$ek_early" ] && [ -n "$ek_cluster" ] || ek_no 'an argument for Node'
}

# Of KUBERNETES_EXEC_INFO only the forms that client-go and the Python client write; the rest is Node's to judge.
ek_read_settings() {
  # To yash a variable looks unset if it cannot be decoded, as no text beyond ASCII can without a locale for it.
  case ${YASH_VERSION:+yash.${LC_ALL:-${LC_CTYPE:-${LANG-}}}} in
    '' | *.[Uu][Tt][Ff]8 | *.[Uu][Tt][Ff]-8) ;;
    *) ek_no 'a locale for Node' || return ;;
  esac
  ek_info=${KUBERNETES_EXEC_INFO-}
  ek_info=${ek_info%"
"}
  case $ek_info in
    '' | '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{'*'}}' | \
      '{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "spec": {'*'}}')
      ek_api=client.authentication.k8s.io/v1beta1
      ;;
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{'*'}}' | \
      '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {'*'}}')
      ek_api=client.authentication.k8s.io/v1
      ;;
    *) ek_no 'a KUBERNETES_EXEC_INFO for Node' || return ;;
  esac
  ek_margin=${K8S_TOKEN_CACHE_REFRESH_MARGIN:-@MARGIN@s}
  case $ek_margin in
    *[!0123456789]*s | s | 0?*s | ?????*s | *[!s]) ek_no 'a refresh margin for Node' || return ;;
  esac
  ek_margin=${ek_margin%s}
}

# Whose token. A value with a separator in it makes more fields than any entry has, and a % is in no entry for sh: so
# equality means that every value is equal.
ek_read_identity() {
  ek_identity="@IDENTITY@"
}

# The name is a hint, so it may collide; the identity is inside.
ek_find_file() {
  case ${EKS_TOKEN_CACHE_DIR:+d}${K8S_TOKEN_CACHE_FILE:+f} in
    d*) ek_directory=$EKS_TOKEN_CACHE_DIR ;;
    f) ek_directory=${K8S_TOKEN_CACHE_FILE%/*} ;;
    *) ek_directory=${HOME:+$HOME/.kube/cache/eks-tokens} ;;
  esac
  [ -z "$ek_plugin" ] || ek_name=$ek_tool$ek_tails
  [ -n "$ek_plugin" ] || ek_name="${ek_cluster}_${ek_region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-default}}}"
  ek_hint=${ek_profile:-${AWS_PROFILE:-${AWS_DEFAULT_PROFILE-}}}
  ek_name=$ek_name${ek_hint:+"_$ek_hint"}${ek_role:+"~$ek_role"}
  [ -n "$ek_profile" ] || ek_name=$ek_name${AWS_ACCESS_KEY_ID:+"~$AWS_ACCESS_KEY_ID"}
  @NAME_SUFFIXES@
  [ -z "${EKS_TOKEN_CACHE_DIR-}${K8S_TOKEN_CACHE_FILE-}" ] || ek_name=$ek_name${HOME:+"~$HOME"}
  while :; do
    case $ek_name in
      */*) ek_name="${ek_name%%/*}%2F${ek_name#*/}" ;;
      *:*) ek_name="${ek_name%%:*}%3A${ek_name#*:}" ;;
      *) break ;;
    esac
  done
  [ -n "$ek_directory" ] || ek_no 'no entry' || return
  [ ! -d "$ek_directory" ] || [ -O "$ek_directory" ] || ek_no 'the cache directory belongs to another user' || return
  ek_file=$ek_directory/$ek_name.json
  ek_dated=$ek_file
  [ ! -L "$ek_file" ] || ek_no 'not a file of ours' || return
  [ -e "$ek_file" ] || ek_no 'no entry' || return
  [ -f "$ek_file" ] && [ -O "$ek_file" ] && [ -r "$ek_file" ] || ek_no 'not a file of ours'
}

# One line, cut at its quotes: a fixed skeleton, our fields, the timestamp and the token.
ek_read_entry() {
  ek_rest=''
  IFS='"' read -r ek_a ek_b ek_c ek_d ek_e ek_f ek_g ek_h ek_i ek_j ek_k ek_meta ek_l ek_m ek_n ek_o ek_p ek_q ek_r \
    ek_told ek_s ek_t ek_u ek_token ek_z <"$ek_file" || ek_no 'not an entry of this format' || return
  ek_skeleton="$ek_a$ek_b$ek_c$ek_d$ek_e$ek_f$ek_g$ek_h$ek_i$ek_j$ek_k@$ek_l$ek_m$ek_n$ek_o$ek_p$ek_q$ek_r@"
  ek_skeleton="$ek_skeleton$ek_s$ek_t$ek_u@$ek_z"
  [ "$ek_skeleton" = "{kind:ExecCredential,apiVersion:client.authentication.k8s.io/v1beta1,ekspress:@,\
spec:{},status:{expirationTimestamp:@,token:@}}" ] || {
    [ -n "$ek_plugin" ] && ek_read_certificate || ek_no 'not an entry of this format'
    return
  }
  # Ranges, as this is long and about damage only, not about who is who.
  case $ek_token in '' | *[!@TOKEN_RANGES@]*) ek_no 'not an entry of this format' ;; esac
}

# Takes our fields apart, in the order of docs/cache-format.md. The times say everything twice, so that one damaged
# digit never prolongs a life.
ek_compare() {
  ek_ifs=$IFS
  IFS=\;
  # shellcheck disable=SC2086  # split on purpose; set -f keeps it from matching files
  set -- $ek_meta
  IFS=$ek_ifs
  case $#:$ek_meta\; in
    ?:* | 1[01]:* | *\;\;*) ek_no 'not an entry of this format' || return ;;
    *%*) ek_no 'for Node only' || return ;;
  esac
  ek_flags=$4 ek_boot=$6 ek_up=$7 ek_minted=$9 ek_until=${10} ek_life=${11}
  case $1:$ek_flags:${12} in
    @VERSION@:-:"$ek_told" | @VERSION@:u:"$ek_told" | @VERSION@:[nr]:"$ek_told" | @VERSION@:[nr]u:"$ek_told") ;;
    *) ek_no 'not an entry of this format' || return ;;
  esac
  # Digits only, and no octal: arithmetic would end the whole script over anything else.
  ek_numbers=$ek_minted:$ek_until:$ek_life
  [ "$ek_up:$8" = -:- ] || ek_numbers=$ek_numbers:$ek_up:$8
  case $ek_minted$ek_until$ek_life${ek_up#-}${8#-}/:$ek_numbers: in
    *[!0123456789]*/* | */*:0* | */*::* | */*-*) ek_no 'not an entry of this format' || return ;;
  esac
  [ "$ek_life" -le "$ek_longest" ] && [ $((ek_until - ek_minted)) -eq "$ek_life" ] || ek_no 'not an entry of this format' || return
  [ "$ek_up" = - ] || [ $((ek_up + ek_life)) -eq "$8" ] || ek_no 'not an entry of this format' || return

  [ "$2" = "$ek_identity" ] || ek_no 'another identity' || return
  [ "$3" = - ] || [ "$3" = "$ek_command" ] || ek_no 'made by another command' || return
  ek_read_machine
  if [ "$5" != - ]; then
    [ "$ek_this_boot" != - ] && read -r ek_host </proc/sys/kernel/hostname || ek_host=$(uname -n)
    [ "$5:$6" = "$ek_host:$ek_this_boot" ] || ek_no 'made on another host' || return
  fi
  ek_check_time || return
  shift 12
  ek_check_sources "$@"
}

ek_read_machine() {
  ek_this_boot=- ek_this_uptime='' ek_clock=''
  [ -r /proc/sys/kernel/random/boot_id ] && [ -r /proc/uptime ] || return
  read -r ek_this_boot </proc/sys/kernel/random/boot_id
  IFS=. read -r ek_this_uptime ek_z </proc/uptime
  ek_clock=$ek_this_uptime${ek_z%% *}
}

# In the boot of the mint, uptime decides. The wall clock still has a say, without being asked: a file of this process in
# /proc was made just now, and there is a stamp with the date of the mint; the entry itself is dated near its end.
ek_check_time() {
  if [ "$ek_up" != - ] && [ "$ek_boot" = "$ek_this_boot" ]; then
    [ "$ek_this_uptime" -ge "$ek_up" ] || ek_no 'minted in the future' || return
    [ $((ek_this_uptime + ek_margin)) -le $((ek_up + ek_life)) ] || ek_no 'too old' || return
    [ -e "$ek_directory/stamps/$ek_minted=" ] && [ ! /proc/self/stat -ot "$ek_directory/stamps/$ek_minted=" ] ||
      ek_no 'minted in the future' || return
    [ ! /proc/self/stat -nt "$ek_dated" ] || ek_no 'too old' || return
    ek_age=$((ek_this_uptime - ek_up))
  else
    ek_read_clock || return
    [ "$ek_now" -ge "$ek_minted" ] || ek_no 'minted in the future' || return
    [ $((ek_now + ek_margin)) -le "$ek_until" ] || ek_no 'too old' || return
    ek_age=$((ek_now - ek_minted)) ek_clock=${ek_clock:-${ek_now}00}
  fi
}

# Some shells count EPOCHSECONDS, others would believe what they inherited: a clock does not stay what it is set to.
ek_read_clock() {
  ek_now=${EPOCHSECONDS-}
  if [ -n "$ek_now" ]; then
    ek_z=$ek_now
    EPOCHSECONDS=x
    ek_now=$EPOCHSECONDS
    [ "$ek_now" != x ] || EPOCHSECONDS=$ek_z ek_now=''
  fi
  [ -n "$ek_now" ] || ek_now=$(date +%s)
  case $ek_now in '' | *[!0123456789]*) ek_no 'no clock' ;; esac
}

# The files that decided the token: each still between its two stamps, or still absent.
ek_check_sources() {
  case $ek_flags in n*) ek_no 'for Node only' || return ;; esac
  ek_target=''
  for ek_field; do
    ek_path=${ek_field#*=}
    ek_stamp=$ek_directory/stamps/${ek_field%%=*}
    case $ek_field in
      -=*) [ ! -e "$ek_path" ] || ek_no 'a source has changed' || return ;;
      @=*) ek_target=$ek_path ;;
      *)
        [ -e "$ek_path" ] && [ -e "$ek_stamp-" ] && [ -e "$ek_stamp+" ] &&
          [ ! "$ek_path" -ot "$ek_stamp-" ] && [ ! "$ek_path" -nt "$ek_stamp+" ] || ek_no 'a source has changed' || return
        case $ek_flags in
          # Just written when it was read: only a comparison finer than seconds will do, and such a one tells these apart.
          r*) [ "$ek_stamp+" -nt "$ek_stamp-" ] || ek_no 'for Node only' || return ;;
        esac
        [ -z "$ek_target" ] || [ "$ek_path" -ef "$ek_target" ] || ek_no 'a source has changed' || return
        ek_target=''
        ;;
    esac
  done
}

# A server has refused the token if the process that got it asks again within seconds: after the answer, as whoever asks
# before it runs several plugins side by side. Known by its number, the moment of its start, and its name, which changes
# where a program becomes another. A token younger than ten seconds (and two that rounding takes) is the answer to that, and
# is given to everybody. Clients that say nothing in KUBERNETES_EXEC_INFO do not ask because of a refusal, and no more do
# shells and interpreters, whose programs ask whenever it is their turn.
ek_check_refusal() {
  ek_parent='' ek_asked=''
  [ -n "$ek_info" ] && [ -n "$ek_clock" ] || return 0
  [ ! -r "/proc/$PPID/stat" ] || read -r ek_parent <"/proc/$PPID/stat"
  ek_comm=${ek_parent#*\(}
  ek_comm=${ek_comm%\)*}
  case $ek_comm in
    @NO_CLIENTS@) return 0 ;;
  esac
  # shellcheck disable=SC2086  # split on purpose
  set -- ${ek_parent##*\)}
  ek_parent="$PPID ${20-} $ek_comm"
  ek_asked=$ek_file.asked$((PPID & 7))
  [ -f "$ek_asked" ] && [ "$ek_age" -ge 12 ] || return 0
  read -r ek_then ek_z <"$ek_asked"
  [ "$ek_z" = "$ek_parent" ] || return 0
  case $ek_then in '' | 0* | *[!0123456789]*) return 0 ;; esac
  ek_then=$((ek_clock - ek_then))
  [ "$ek_then" -lt 1000 ] || return 0
  # The note was written after the answer, and a file of this process in /proc is as old as this process.
  [ "$ek_then" -gt 5 ] || [ -z "$ek_this_uptime" ] || [ /proc/self/stat -nt "$ek_asked" ] || return 0
  ek_newer_than=$ek_minted
  ek_no 'refused by the server'
}

ek_find_entry() {
  ek_find_file && ek_read_entry && ek_compare
}

ek_answer() {
  [ -z "$ek_rest" ] || {
    # Line breaks are escaped in this, so it cannot be left to echo.
    printf '%s\n' '{"kind":"ExecCredential","apiVersion":"'"$ek_api"'","spec":{},"status":{"expirationTimestamp":"'"$ek_told\"$ek_rest"
    return
  }
  # No backslash can be in this, which some shells' echo would take for its own.
  echo '{"kind":"ExecCredential","apiVersion":"'"$ek_api"'","spec":{},"status":{"expirationTimestamp":"'"$ek_told"\
'","token":"'"$ek_token"'"}}'
}

# Who has asked. Where others can write to the directory, they may have put a link there, or a pipe.
ek_note() {
  [ -n "$ek_asked" ] && [ ! -L "$ek_asked" ] || return
  [ ! -e "$ek_asked" ] || { [ -f "$ek_asked" ] && [ -O "$ek_asked" ]; } || return
  { echo "$ek_clock $ek_parent" 1<>"$ek_asked"; } 2>/dev/null
}

# Creates a file that is not there yet, for us alone, with our number in it; on a full disk there is none.
ek_create() {
  [ ! -e "$1" ] && [ ! -L "$1" ] || return
  (
    umask 077
    set -C
    exec 3>"$1" || exit 1
    echo "$$" >&3 || {
      rm -f "$1"
      exit 1
    }
  ) 2>/dev/null
}

# What is said to us alone.
while :; do
  case ${1-}${2+ } in
    --key-env\ ) ek_key=$2 ek_shift=2 ;;
    --key-env=*) ek_key=${1#*=} ek_shift=1 ;;
    -- | --\ )
      ek_dashes=yes
      shift
      break
      ;;
    *) break ;;
  esac
  case ,$ek_key, in *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_,]* | *,[0123456789]* | *,,*) break ;; esac
  ek_keys=${ek_keys:+"$ek_keys,"}$ek_key
  shift "$ek_shift"
done
case $ek_dashes:${1-} in
  yes:aws | yes:*/aws | yes:aws-iam-authenticator | yes:*/aws-iam-authenticator | yes:aws-vault | yes:*/aws-vault) ;;
  yes:*) ek_plugin=yes ;;
esac

# By hand: cluster, region, profile.
case $ek_dashes$#:${1-}:${2-} in
  [23]:[!-]*:*-*-[0123456789] | [23]:[!-]*:*-*-[0123456789][0123456789])
    if [ $# -eq 3 ]; then
      set -- aws --region "$2" eks get-token --cluster-name "$1" --profile "$3"
    else
      set -- aws --region "$2" eks get-token --cluster-name "$1"
    fi
    ;;
esac

# A hit ends here. Where it is told that more decides than the words of an aws command, that is read first.
ek_serve() {
  ek_read_settings && { [ -z "$ek_keys$ek_plugin" ] || ek_read_declared; } && ek_read_identity && ek_find_entry &&
    ek_check_refusal || return
  [ "${EKS_TOKEN_DEBUG-}" != 1 ] || echo "[DEBUG] hit: $ek_file" >&2
  ek_answer || exit 1
  # Only now: nothing may keep the answer waiting.
  umask 077
  ek_note
  # In the last third of its life the token is renewed in the background, by one process, if that needs nobody.
  case $ek_flags in *u) ;; *) exit 0 ;; esac
  [ $(((ek_life - ek_age) * 3)) -lt "$ek_life" ] && ek_create "$ek_file.renew$ek_minted" || exit 0
  ek_renewing=yes ek_newer_than=$ek_minted
}

# Most commands come this far only, and the rest of this file is not even read for them.
if [ -z "${EKSPRESS_DEPTH-}$ek_keys$ek_plugin" ] && ek_read_words "$@"; then
  ek_known=yes
  ek_serve
fi

# What stands after a hint or a `--`. -----------------------------------------------------------------------------------

# Another plugin's words decide what it prints, each of them; its name and their ends make the name of the file.
ek_read_plugin() {
  case ${1-} in '' | [!/]*/*) ek_no 'a plugin for Node' || return ;; esac
  ek_tool=@PLUGIN@ ek_cluster=$1 ek_command=$1 ek_region='' ek_profile='' ek_role='' ek_longest=@MAX_PLUGIN_LIFE@
  ek_tails="~${1##*/}"
  shift
  for ek_word; do
    case $ek_word in *[\&\|]*) ek_no 'an argument for Node' || return ;; esac
    ek_extra="$ek_extra&arg=$ek_word"
    [ "${#ek_word}" -le @TAIL@ ] || ek_word=${ek_word#"${ek_word%@TAIL_PATTERN@}"}
    ek_tails="$ek_tails~$ek_word"
  done
}

# What else makes it another token: variables that were declared to, and for a plugin what it is told of the cluster.
ek_read_declared() {
  [ -z "$ek_keys" ] || ek_read_variables || return
  case $ek_plugin:$ek_info in
    yes:*'"cluster"'*) ek_read_cluster || return ;;
  esac
  ek_extra=${ek_extra#&}
}

# A variable whose name is not known before cannot be expanded, but what is exported can be listed. Only words that need no
# quotes are understood.
ek_read_variables() {
  ek_exported="
$(export -p)
"
  ek_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086  # split on purpose
  set -- $ek_keys
  IFS=$ek_ifs
  for ek_key; do
    case $ek_exported in
      *"
export $ek_key="*"
export $ek_key="*) ek_no 'a variable for Node' || return ;;
      *"
export $ek_key="*)
        ek_value=${ek_exported#*"
export $ek_key="}
        ek_value=${ek_value%%"
"*}
        case $ek_value in
          \"*\" | \'*\') ek_value=${ek_value#?} ek_value=${ek_value%?} ;;
        esac
        case $ek_value in *[!@SAFE@]*) ek_no 'a variable for Node' || return ;; esac
        ek_extra="$ek_extra&env=$ek_key=$ek_value"
        ;;
      *) ek_extra="$ek_extra&env=$ek_key" ;;
    esac
  done
}

# As client-go writes it, with other quotes, as an entry has none of these.
ek_read_cluster() {
  ek_value=${ek_info#'{"kind":"ExecCredential","apiVersion":"'"$ek_api"'","spec":{"cluster":'}
  case $ek_value in
    *[\'\&\|]* | "$ek_info") ek_no 'a KUBERNETES_EXEC_INFO for Node' || return ;;
    *',"interactive":true}}' | *',"interactive":false}}') ek_value=${ek_value%,*} ;;
    *) ek_no 'a KUBERNETES_EXEC_INFO for Node' || return ;;
  esac
  ek_ifs=$IFS
  IFS='"'
  # shellcheck disable=SC2086  # split on purpose
  set -- $ek_value
  IFS=\'
  ek_value=$*
  IFS=$ek_ifs
  ek_extra="$ek_extra&cluster=$ek_value"
  case $ek_value in
    *"'server':'"*)
      ek_value=${ek_value#*"'server':'"}
      ek_value=${ek_value%%\'*}
      ek_value=${ek_value#https://}
      ek_tails=$ek_tails${ek_value:+"~$ek_value"}
      ;;
  esac
}

# What another plugin printed may be a client certificate, with or without a token. All of it is printed as it is.
ek_read_certificate() {
  command -v printf >/dev/null || return
  ek_skeleton=${ek_skeleton%"$ek_s$ek_t$ek_u@$ek_z"}
  set -- "$ek_s" "$ek_t" "$ek_u" "$ek_token" "$ek_z"
  ek_ifs=$IFS
  IFS='"'
  ek_rest=$*
  # Of escapes there are line breaks only.
  case $ek_rest in *[!\ -~]* | *\\[!n]* | *'""'*) ek_rest='' ;; esac
  # shellcheck disable=SC2086  # split on purpose
  set -- $ek_rest
  IFS=$ek_ifs
  case $#:$ek_skeleton$1$2$3 in
    9:*) ek_skeleton="$ek_skeleton$1$2$3@$5$6$7@$9" ;;
    13:*,token:) ek_skeleton="$ek_skeleton$5$6$7@$9${10}${11}@${13}" ;;
    *) return 1 ;;
  esac
  [ "$ek_skeleton" = "{kind:ExecCredential,apiVersion:client.authentication.k8s.io/v1beta1,ekspress:@,\
spec:{},status:{expirationTimestamp:@,clientCertificateData:@,clientKeyData:@}}" ]
}

if [ -z "${EKSPRESS_DEPTH-}" ] && [ -n "$ek_keys$ek_plugin" ]; then
  if [ -n "$ek_plugin" ]; then
    ek_read_plugin "$@" && ek_serve
  elif ek_read_words "$@"; then
    ek_known=yes
    ek_serve
  fi
fi

# A miss. -------------------------------------------------------------------------------------------------------------

[ $# -gt 0 ] || {
  echo 'usage: ekspress-exec aws eks get-token --cluster-name NAME [--region REGION] [--profile PROFILE] [--role-arn ARN]
       ekspress-exec [--key-env NAME,...] -- PLUGIN ARGUMENT...' >&2
  exit 2
}

ek_debug() {
  [ "${EKS_TOKEN_DEBUG-}" != 1 ] || echo "[DEBUG] $1" >&2
}

# An original command that leads back here gets the original at once, and the second time around an end.
case ${EKSPRESS_DEPTH-} in
  '') EKSPRESS_DEPTH=1 ;;
  1) EKSPRESS_DEPTH=2 ;;
  *)
    echo "ekspress-exec: the command '$1' leads back to ekspress-exec" >&2
    exit 1
    ;;
esac
export EKSPRESS_DEPTH

# The package: as recorded, else the one that this file lies in, behind all links.
ek_find_package() {
  ek_package=$ekspress_package
  [ ! -f "$ek_package/dist/exec/main.js" ] || return 0
  ek_self=$0
  while [ -L "$ek_self" ]; do
    ek_link=$(readlink "$ek_self") || return
    case $ek_link in
      /*) ek_self=$ek_link ;;
      *) ek_self=${ek_self%/*}/$ek_link ;;
    esac
  done
  case $ek_self in */*) ;; *) ek_self=./$ek_self ;; esac
  ek_package=${ek_self%/*}/..
  [ -f "$ek_package/dist/exec/main.js" ]
}

ek_find_node() {
  ek_program=$ekspress_node
  [ -x "$ek_program" ] || ek_program=$(command -v node) && [ -n "$ek_program" ]
}

# A failure that is remembered is told in one line, and not tried again until it wears off or a source changes. A person
# at a terminal may be what the original command was missing.
ek_check_failure() {
  ek_dated=$ek_file.error
  [ -n "$ek_file" ] && [ -f "$ek_dated" ] && [ ! -L "$ek_dated" ] && [ -O "$ek_dated" ] && [ -r "$ek_dated" ] || return 0
  IFS='"' read -r ek_a ek_b ek_c ek_d ek_e ek_f ek_g ek_told ek_h ek_i ek_j ek_meta ek_k ek_l ek_m ek_message ek_z \
    <"$ek_dated" || return 0
  ek_skeleton="$ek_a$ek_b$ek_c@$ek_e$ek_f$ek_g@$ek_h$ek_i$ek_j@$ek_k$ek_l$ek_m@$ek_z"
  [ "$ek_skeleton" = '{error:@,until:@,ekspress:@,message:@}' ] || return 0
  [ "$ek_d" != exec_failed ] || [ ! -t 0 ] || return 0
  ek_saved=$ek_margin
  ek_margin=0
  if ek_compare; then
    echo "ekspress: $ek_message" >&2
    ek_release
    exit 1
  fi
  ek_margin=$ek_saved
}

# One process at a time asks Node for a token; the others wait for what comes of it, ten seconds at most. This saves work and
# is never what makes anybody right: Node has a lock of its own.
ek_wait() {
  ek_left=100 ek_empty=0 ek_gone=0
  # The very first time there is no directory yet in which to wait.
  [ -d "$ek_directory" ] || [ "$ek_directory" != "${HOME-}/.kube/cache/eks-tokens" ] || [ ! -O "$HOME" ] ||
    (umask 077 && exec mkdir -p "$ek_directory") 2>/dev/null
  while [ "$ek_left" -gt 0 ] && [ -d "$ek_directory" ]; do
    if ek_create "$ek_file.busy"; then
      ek_claimed=$ek_file.busy
      # It may have been somebody else's until a moment ago.
      ek_take_made
      ek_check_failure
      return
    fi
    if [ ! -f "$ek_file.busy" ]; then
      # It was until a moment ago, or nothing can be written here.
      [ $((ek_gone += 1)) -lt 5 ] || return
      continue
    fi
    ek_z=''
    read -r ek_z <"$ek_file.busy"
    # One without a number is about to get it, or its process was killed before.
    case $ek_z in
      '' | *[!0123456789]*) [ $((ek_empty += 1)) -lt 20 ] || ek_remove_busy ;;
      *) kill -0 "$ek_z" 2>/dev/null || ek_remove_busy ;;
    esac
    sleep 0.1 2>/dev/null || sleep 1
    ek_left=$((ek_left - 1))
    ek_take_made
    ek_check_failure
  done
  # Its number may be another process's by now: the next one does not wait for that again.
  [ "$ek_left" -ne 0 ] || {
    ek_remove_busy
    # Node is not to wait all over again.
    ek_waited=1
  }
}

# Where that is not allowed any more, nobody waits for it.
ek_remove_busy() {
  rm -f "$ek_file.busy" 2>/dev/null || ek_left=0
}

# What another process has made since we looked.
ek_take_made() {
  ek_find_entry && [ "$ek_minted" -gt "$ek_newer_than" ] || return
  ek_debug "hit: $ek_file, which another process has made"
  ek_answer
  ek_release
  exit 0
}

ek_release() {
  [ -z "$ek_claimed" ] || rm -f "$ek_claimed" 2>/dev/null
}

# Where kubectl may run certain plugins only, this one runs nothing for others: it would make every program a certain one.
ek_is_forbidden() {
  ek_policy=${KUBERC:-${HOME-}/.kube/kuberc}
  case $ek_known:$ek_dashes:":$ekspress_plugins:" in
    yes:* | *:yes:*":$1:"*) return 1 ;;
  esac
  [ -r "$ek_policy" ] || return
  while read -r ek_line || [ -n "$ek_line" ]; do
    case $ek_line in
      \#* | *[Aa]llow[Aa]ll*) ;;
      *credentialPluginPolicy*) return 0 ;;
    esac
  done <"$ek_policy"
  return 1
}

if [ "$EKSPRESS_DEPTH" = 1 ]; then
  [ -n "$ek_renewing" ] || ek_debug "miss: $ek_why"
  # Behind what is there, so that whatever PATH finds stays what it was.
  [ -z "$ekspress_path" ] || export PATH="${PATH:+$PATH:}$ekspress_path"
  # What Node is started with. Some variables are meant for other programs of Node's and may stop ours from starting, or
  # have it print something; the original command gets them back. An installed copy lets Node bring it up to date.
  ek_node() {
    unset EKSPRESS_SCRIPT EKSPRESS_NEWER_THAN EKSPRESS_BACKGROUND EKSPRESS_WAITED
    unset @SET_ASIDE_VARIABLES@
    @SET_ASIDE@
    unset @NODE_VARIABLES@
    [ -z "$ekspress_package" ] || export EKSPRESS_SCRIPT="$0"
    [ "$ek_newer_than" = 0 ] || export EKSPRESS_NEWER_THAN="$ek_newer_than"
    [ -z "$ek_renewing" ] || export EKSPRESS_BACKGROUND=1
    [ -z "$ek_waited" ] || export EKSPRESS_WAITED="$ek_waited"
    # A plugin that may not run is to Node what any unknown command is.
    [ -z "$ek_dashes" ] || ! ek_is_forbidden "$1" || ek_dashes=''
    exec "$ek_program" "$ek_package/dist/exec/main.js" ${ek_keys:+"--key-env=$ek_keys"} ${ek_dashes:+--} "$@"
  }
  if [ -n "$ek_renewing" ]; then
    if ek_find_package && ek_find_node; then
      # kubectl waits until nobody holds its pipe any more: some shells would, with redirections around the braces.
      {
        exec </dev/null >/dev/null 2>&1
        ek_node "$@"
      } &
    fi
    exit 0
  fi
  ek_status=none
  if ek_find_package && ek_find_node; then
    if [ -n "$ek_file" ]; then
      ek_check_failure
      ek_wait
    fi
    ek_out=$(ek_node "$@")
    ek_status=$?
    ek_release
    case $ek_status:$ek_out in
      0:?*\\*)
        cat <<EOF
$ek_out
EOF
        exit
        ;;
      0:?*)
        echo "$ek_out"
        exit
        ;;
      # Another plugin has failed, or printed nothing: its status is handed on.
      @FAILED@:[0123456789] | @FAILED@:[0123456789][0123456789] | @FAILED@:[12][0123456789][0123456789])
        [ -z "$ek_dashes" ] || exit "$ek_out"
        exit 1
        ;;
      # Explained on stderr, and final.
      @FAILED@:*) exit 1 ;;
      # Interrupted: nobody wants to be asked again.
      130:*) exit 130 ;;
    esac
    ek_debug "Node ended with status $ek_status: running the original command"
  else
    ek_debug 'no Node or no package: running the original command'
  fi
  # Node knows more forms of EKS commands than this file.
  [ "$ek_status" != @CANNOT_DECIDE@ ] || ek_known=yes
  if ek_is_forbidden "$1"; then
    echo "ekspress-exec: $ek_policy has a policy for credential plugins, and '$1' is no command that gets EKS tokens" >&2
    exit 1
  fi
fi
exec "$@"
