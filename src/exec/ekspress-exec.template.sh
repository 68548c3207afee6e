#!/bin/sh
# ekspress-exec: prints one ExecCredential for kubectl. A hit in the shared cache is printed by this shell alone; a miss
# starts Node; where Node cannot decide, the original command runs.
#   ekspress-exec [--encrypt[=FILE]] [--key-env NAME,...] [--] aws eks get-token --cluster-name NAME ...
#   ekspress-exec [--encrypt[=FILE]] [--key-env NAME,...] -- PLUGIN ARGUMENT...
#   ekspress-exec CLUSTER REGION [PROFILE]
# @NOTICE@
# shellcheck disable=SC3013  # -nt, -ot, -ef: every shell that this is tested with has them
# shellcheck disable=SC3067  # -O: likewise
# shellcheck disable=SC2015  # A && B || C: C is a miss, which is right after any failure
# shellcheck disable=SC3028  # EPOCHSECONDS: used only where it proves to be a clock

# CONTENTS
#
#   1. The hit: settings, functions, code. A hit on an aws command ends here; the shell does not read on.
#   2. Declared variables and other plugins: what follows `--key-env` or `--`; variables that are rarely set. A hit on these
#      ends here.
#   3. The miss: waiting for another process, Node, the original command.
#
# Each part has its functions first and its code last. Parts 1 and 2 are rendered without their comments, as a shell
# reads them at each hit.
#
# PROTOCOL
#
# Exit status of this script:
#
#   0      the answer is on stdout; with --help the usage is
#   1      no answer; the reason is on stderr (a failure that Node explained, a remembered failure, a policy of kuberc,
#          a command that leads back here)
#   2      no arguments: the usage is on stderr
#   130    Node was interrupted
#   other  that of the original command, or of another plugin
#
# Node is started as `node PACKAGE/dist/exec/hit.cjs [--encrypt[=FILE]] [--key-env=NAME,...] [--] COMMAND ARGUMENT...`. Its
# stdout is kept until it ends; its stderr and stdin are those of this script. Its exit status:
#
#   0 with output            the output is the answer
#   70 EXIT_CANNOT_DECIDE    an EKS command that Node leaves to the original
#   71 EXIT_NOT_RECOGNISED   not an EKS command that Node knows: the original runs
#   76 EXIT_FAILED_FOR_NOW   as 77, for the network, a time limit or the end of a session; only after a guess
#   77 EXIT_FAILED           the failure is explained on stderr: this script ends with 1
#   77 and a number on       another plugin ran and failed, or printed nothing: this script ends with that number, which
#      stdout                is the status of the plugin
#   130                      interrupted: this script ends with 130
#   any other                Node crashed or did not start: as 71
#
# Variables that Node is started with; they are unset unless they apply:
#
#   EKSPRESS_SCRIPT          path of this script, if it was installed; Node brings it up to date
#   EKSPRESS_NEWER_THAN      Unix time: only a token that was minted later is accepted
#   EKSPRESS_GUESS           1: EKSPRESS_NEWER_THAN is a guess; status 76 marks the failures after which it is dropped
#   EKSPRESS_BACKGROUND      1: renew the token, print nothing, ask for nothing
#   EKSPRESS_WAITED          1: this script has waited for another process already
#   EKSPRESS_PARENT          a time in hundredths of a second, and the process that asks: Node names it in a failure. What
#                            this script does with its own notes, Node does with those beside an encrypted entry
#   EKSPRESS_NODE_...        a variable NODE_... that Node itself must not see; the original command gets it back
#   EKSPRESS_DEPTH           also for the original command: how often this script stands above it
#
# Files beside the entry NAME.json (docs/cache-format.md). Losing one costs time only:
#
#   NAME.json.busy           process id of a script that waits for Node; the others wait for that one
#   NAME.json.error          a failure that Node wrote down: told again until it ends or a source changes; at a terminal
#                            only to the processes that it names
#   NAME.json.asked0..7      the process that got the entry, and when: if it asks again, the server refused the token
#   NAME.json.renew<minted>  the entry minted at that time is being renewed in the background
#
# CONVENTIONS
#
# Every variable is global and starts with ek_: the original command inherits the environment unchanged unless a name
# of ours occurs in it. The comment of a function names what it reads and sets beyond its arguments. ek_ifs holds IFS
# while a function has changed it.

# 1. The hit ==========================================================================================================

# Settings, filled in when the script is installed. An empty ekspress_node: Node is looked up in PATH. An empty
# ekspress_package: the package that this file lies in. ekspress_path: folders in which original commands were found,
# as programs started from a desktop have a short PATH. ekspress_programs: programs that may run under a policy of
# kuberc. Both lists are separated by colons.
ekspress_node=''
ekspress_package=''
ekspress_path=''
ekspress_programs=''

# Shell options may be inherited (SHELLOPTS). Tracing is switched off first: a trace would show tokens.
set -f +a +e +u +v +x

#   ek_file         path of the entry, once it is known
#   ek_newer_than   Unix time of minting that a token must exceed: the token of that time was refused or gets renewed
#   ek_guess        yes: ek_newer_than is a guess, and the token of that time was not printed once more yet
#   ek_claimed      path of the .busy file of this process
#   ek_renewing     yes: the answer has been printed; what follows is the background renewal
#   ek_waited       1: the wait for another process has timed out
#   ek_late         1: this process has slept, so its file in /proc is no longer dated now
#   ek_looked       yes: a remembered failure has been looked for; one that is found later is of another process
#   ek_seen         the failure that was found then
#   ek_keys         names of --key-env, separated by commas
#   ek_encrypt      the argument --encrypt or --encrypt=FILE: only Node reads encrypted entries
#   ek_dashes       yes: the command stands behind a `--`
#   ek_plugin       yes: the command is not one that gets EKS tokens
#   ek_rare         yes: a variable is set that part 2 knows
#   ek_tool         first field of the identity
#   ek_extra        sixth field of the identity: arguments of a plugin, declared variables, the cluster
#   ek_name_tail    of a plugin: end of the entry's name
#   ek_certificate  of a plugin's entry with a certificate: the part of the line behind the expiration
#   ek_max_life     seconds that an entry may live
ek_file='' ek_newer_than=0 ek_guess='' ek_claimed='' ek_renewing='' ek_waited='' ek_late=''
ek_keys='' ek_encrypt='' ek_dashes='' ek_plugin='' ek_rare='' ek_tool=aws ek_extra='' ek_name_tail='' ek_certificate='' ek_max_life=@MAX_LIFE@

# ek_no WHY: sets ek_why, which EKSPRESS_DEBUG=1 shows as the reason of a miss, and returns 1.
# `CHECK || ek_no 'why' || return` thus leaves the calling function with status 1 unless CHECK succeeds. As the last
# command of a function, `CHECK || ek_no 'why'` does the same.
ek_no() {
  ek_why=$1
  return 1
}

# ek_read_words COMMAND ARGUMENT...: understands the whole command line of `aws ... eks get-token`, or fails.
# Sets ek_command ek_cluster ek_region ek_profile ek_role.
ek_read_words() {
  case ${1-} in aws | /aws | /*/aws) ek_command=$1 ;; *) ek_no 'not an aws command' || return ;; esac
  shift
  # ek_before_verb is empty as soon as `eks get-token` has been read: the flags of get-token stand behind it.
  ek_verb='' ek_before_verb=yes ek_cluster='' ek_region='' ek_profile='' ek_role=''
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
    case $ek_value in '' | -* | *://* | *\|*) ek_no 'an argument for Node' || return ;; esac
    # Not empty: the argument is repeated, misplaced or unknown.
    ek_unclear=''
    case $ek_flag in
      '') ek_verb="$ek_verb $ek_value" ek_before_verb=${ek_verb#' eks get-token'} ;;
      --region) ek_unclear=$ek_region ek_region=$ek_value ;;
      --profile) ek_unclear=$ek_profile ek_profile=$ek_value ;;
      --output) ek_unclear=${ek_value#json} ;;
      --cluster-name | --cluster-id) ek_unclear=$ek_cluster$ek_before_verb ek_cluster=$ek_value ;;
      --role-arn | --role) ek_unclear=$ek_role$ek_before_verb ek_role=$ek_value ;;
      *) ek_unclear=$ek_flag ;;
    esac
    [ -z "$ek_unclear" ] || ek_no 'an argument for Node' || return
  done
  [ -z "$ek_before_verb" ] && [ -n "$ek_cluster" ] || ek_no 'an argument for Node' || return
  # A file name has one of these characters. A blank value decides even where no server is asked, so Node judges it.
  case ${AWS_CA_BUNDLE-/} in *[/.~]*) ;; *) ek_no 'a bundle of certificates for Node' || return ;; esac
  case ${REQUESTS_CA_BUNDLE-/} in *[/.~]*) ;; *) ek_no 'a bundle of certificates for Node' || return ;; esac
}

# Reads the settings of the environment: the API version that the client asks for, and the refresh margin in seconds.
# Of KUBERNETES_EXEC_INFO it understands the forms that client-go and the Python client write.
# Sets ek_exec_info ek_api_version ek_margin.
ek_read_settings() {
  # In yash a variable looks unset if its bytes cannot be decoded, which needs a UTF-8 locale.
  case ${YASH_VERSION:+yash.${LC_ALL:-${LC_CTYPE:-${LANG-}}}} in
    '' | *.[Uu][Tt][Ff]8 | *.[Uu][Tt][Ff]-8) ;;
    *) ek_no 'a locale for Node' || return ;;
  esac
  ek_exec_info=${KUBERNETES_EXEC_INFO-}
  ek_exec_info=${ek_exec_info%"
"}
  case $ek_exec_info in
    '' | '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{'*'}}' | \
      '{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "spec": {'*'}}')
      ek_api_version=client.authentication.k8s.io/v1beta1
      ;;
    '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{'*'}}' | \
      '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {'*'}}')
      ek_api_version=client.authentication.k8s.io/v1
      ;;
    *) ek_no 'a KUBERNETES_EXEC_INFO for Node' || return ;;
  esac
  ek_margin=${EKSPRESS_REFRESH_MARGIN:-${K8S_TOKEN_CACHE_REFRESH_MARGIN:-@MARGIN@s}}
  case $ek_margin in
    *[!0123456789]*s | s | 0?*s | ?????*s | *[!s]) ek_no 'a refresh margin for Node' || return ;;
  esac
  ek_margin=${ek_margin%s}
}

# Joins what decides whose token it is, in the order of the entry's second field: the words of the command, then each
# variable that is set as NAME=VALUE|. A variable with a | in its value is written as an empty one, which no entry for sh
# has. A word of the command with a | in it makes more words than any entry has. So equal strings mean equal values.
# Reads what ek_read_words or ek_read_plugin set, and the variables of the closed list. Sets ek_identity.
ek_read_identity() {
  ek_identity="@IDENTITY@"
  [ -z "@RARE_SET@" ] || ek_read_rare
}

# Leaves variables that are rarely set to part 2, which has another function of this name: most hits do not read so far.
# Sets ek_rare.
ek_read_rare() {
  ek_rare=yes
  ek_no 'a variable for part 2'
}

# Finds the entry and checks that it is a file of ours. Its name is a hint only: identities may share a name.
# Reads ek_cluster ek_region ek_profile ek_role ek_plugin ek_tool ek_name_tail. Sets ek_directory ek_file.
ek_find_file() {
  case ${EKSPRESS_CACHE_DIR:+e}${EKS_TOKEN_CACHE_DIR:+d}${K8S_TOKEN_CACHE_FILE:+f}${KUBECACHEDIR:+k} in
    e*) ek_directory=$EKSPRESS_CACHE_DIR ;;
    d*) ek_directory=$EKS_TOKEN_CACHE_DIR ;;
    f*) ek_directory=${K8S_TOKEN_CACHE_FILE%/*} ;;
    k) ek_directory=${KUBECACHEDIR%/}/eks-tokens ;;
    *) ek_directory=${HOME:+$HOME/.kube/cache/eks-tokens} ;;
  esac
  [ -z "$ek_plugin" ] || ek_name=$ek_tool$ek_name_tail
  [ -n "$ek_plugin" ] || ek_name="${ek_cluster}_${ek_region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-default}}}"
  ek_hint=${ek_profile:-${AWS_PROFILE:-${AWS_DEFAULT_PROFILE-}}}
  ek_name=$ek_name${ek_hint:+"_$ek_hint"}${ek_role:+"~$ek_role"}
  [ -n "$ek_profile" ] || ek_name=$ek_name${AWS_ACCESS_KEY_ID:+"~$AWS_ACCESS_KEY_ID"}
  @NAME_SUFFIXES@
  [ -z "${EKSPRESS_CACHE_DIR-}${EKS_TOKEN_CACHE_DIR-}${K8S_TOKEN_CACHE_FILE-}${KUBECACHEDIR-}" ] || ek_name=$ek_name${HOME:+"~$HOME"}
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
  [ ! -L "$ek_file" ] || ek_no 'not a file of ours' || return
  [ -e "$ek_file" ] || ek_no 'no entry' || return
  [ -f "$ek_file" ] && [ -O "$ek_file" ] && [ -r "$ek_file" ] || ek_no 'not a file of ours'
}

# Reads the one line of the entry, cut at its quotes. ek_1 ... ek_25 are the pieces by their position; those that hold
# values are called ek_meta (12), ek_told (20) and ek_token (24). The others must make up the fixed skeleton:
#
#   {"kind":"ExecCredential","apiVersion":"client...","ekspress":"META"
#   1      3                5            7           9          11
#     2      4                6            8           10         12
#   ,"spec":{},"status":{"expirationTimestamp":"TOLD","token":"TOKEN"}}
#   13     15          17                     19     21      23      25
#     14        16        18                    20     22      24
#
# One `read` is the fastest way to cut the line. Reads ek_file ek_plugin. Sets ek_meta ek_told ek_token
# ek_skeleton ek_certificate.
ek_read_entry() {
  ek_certificate=''
  IFS='"' read -r ek_1 ek_2 ek_3 ek_4 ek_5 ek_6 ek_7 ek_8 ek_9 ek_10 ek_11 ek_meta ek_13 ek_14 ek_15 ek_16 ek_17 ek_18 \
    ek_19 ek_told ek_21 ek_22 ek_23 ek_token ek_25 <"$ek_file" || ek_no 'not an entry of this format' || return
  ek_skeleton="$ek_1$ek_2$ek_3$ek_4$ek_5$ek_6$ek_7$ek_8$ek_9$ek_10$ek_11@$ek_13$ek_14$ek_15$ek_16$ek_17$ek_18$ek_19@"
  ek_skeleton="$ek_skeleton$ek_21$ek_22$ek_23@$ek_25"
  [ "$ek_skeleton" = "{kind:ExecCredential,apiVersion:client.authentication.k8s.io/v1beta1,ekspress:@,\
spec:{},status:{expirationTimestamp:@,token:@}}" ] || {
    [ -n "$ek_plugin" ] && ek_read_certificate || ek_no 'not an entry of this format'
    return
  }
  # Ranges depend on the locale; here they may, as this finds damage and compares no identities.
  case $ek_token in '' | *[!@TOKEN_RANGES@]*) ek_no 'not an entry of this format' ;; esac
}

# ek_compare FILE SECONDS: whether ek_meta, the fields of an entry or of a remembered failure, holds for this call. FILE
# is where they stand: its date takes part in the comparison. SECONDS of life must be left.
# The fields have the order of docs/cache-format.md. Each time is recorded twice, so that one damaged digit never
# prolongs a life. Reads ek_meta ek_told ek_identity ek_command ek_max_life ek_directory. Sets ek_dated (FILE) ek_required (SECONDS)
# ek_flags ek_boot ek_uptime_minted ek_minted ek_until ek_life, and what ek_read_machine and ek_check_time set.
ek_compare() {
  ek_dated=$1 ek_required=$2
  ek_ifs=$IFS
  IFS=\;
  # shellcheck disable=SC2086  # split on purpose; set -f keeps it from matching files
  set -- $ek_meta
  IFS=$ek_ifs
  case $#:$ek_meta\; in
    ?:* | 1[01]:* | *\;\;*) ek_no 'not an entry of this format' || return ;;
    *%*) ek_no 'for Node only' || return ;;
  esac
  ek_flags=$4 ek_boot=$6 ek_uptime_minted=$7 ek_minted=$9 ek_until=${10} ek_life=${11}
  case $1:$ek_flags:${12} in
    @VERSION@:-:"$ek_told" | @VERSION@:u:"$ek_told" | @VERSION@:[nr]:"$ek_told" | @VERSION@:[nr]u:"$ek_told") ;;
    *) ek_no 'not an entry of this format' || return ;;
  esac
  # No number is longer than a Unix time: some shells calculate with 32 bits.
  case ${#ek_minted}:${#ek_until}:${#ek_life}:${#ek_uptime_minted}:${#8}:$ek_minted:$ek_until in
    10:10:[12345]:[123456789]:[123456789]:[12]*:[12]*) ;;
    *) ek_no 'not an entry of this format' || return ;;
  esac
  # Digits only, and no octal numbers: arithmetic would end the whole script at anything else.
  ek_numbers=$ek_minted:$ek_until:$ek_life
  [ "$ek_uptime_minted:$8" = -:- ] || ek_numbers=$ek_numbers:$ek_uptime_minted:$8
  case $ek_minted$ek_until$ek_life${ek_uptime_minted#-}${8#-}/:$ek_numbers: in
    *[!0123456789]*/* | */*:0* | */*::* | */*-*) ek_no 'not an entry of this format' || return ;;
  esac
  [ "$ek_life" -le "$ek_max_life" ] && [ $((ek_until - ek_minted)) -eq "$ek_life" ] ||
    ek_no 'not an entry of this format' || return
  [ "$ek_uptime_minted" = - ] || [ $((ek_uptime_minted + ek_life)) -eq "$8" ] ||
    ek_no 'not an entry of this format' || return

  [ "$2" = "$ek_identity" ] || ek_no 'another identity' || return
  if [ "$3" != - ]; then
    [ "$3" = "$ek_command" ] || ek_no 'made by another command' || return
    [ -z "@PROGRAM_VARIABLES@" ] || ek_no 'a variable of the program, for Node' || return
  fi
  ek_read_machine
  if [ "$5" != - ]; then
    # On macOS the id of this boot, because networks rename a Mac.
    [ "$ek_this_boot" != - ] && read -r ek_host </proc/sys/kernel/hostname ||
      ek_host=$(/usr/sbin/sysctl -n kern.bootsessionuuid 2>/dev/null) && [ -n "$ek_host" ] || ek_host=$(uname -n)
    [ "$5:$6" = "$ek_host:$ek_this_boot" ] || ek_no 'made on another host' || return
  fi
  ek_check_time || return
  shift 12
  ek_check_sources "$@"
}

# Reads the boot id (`-` without /proc), the uptime in seconds, and the uptime in hundredths (ek_clock).
# Sets ek_this_boot ek_this_uptime ek_clock.
ek_read_machine() {
  ek_this_boot=- ek_this_uptime='' ek_clock=''
  [ -r /proc/sys/kernel/random/boot_id ] && [ -r /proc/uptime ] || return
  read -r ek_this_boot </proc/sys/kernel/random/boot_id
  IFS=. read -r ek_this_uptime ek_fraction </proc/uptime
  ek_clock=$ek_this_uptime${ek_fraction%% *}
}

# Whether ek_required seconds of life are left. In the boot of the mint the uptime decides. The wall clock counts, too,
# but a program that reads it would cost a process. So dates of files are compared: a file of this process in /proc is
# dated now, a stamp has the date of the mint, and ek_dated is dated a minute before the end.
# Reads ek_late and the times of ek_compare and ek_read_machine. Sets ek_age, the seconds since the mint, and an empty ek_clock.
ek_check_time() {
  if [ "$ek_uptime_minted" != - ] && [ "$ek_boot$ek_late" = "${ek_this_uptime:+$ek_this_boot}" ]; then
    [ "$ek_this_uptime" -ge "$ek_uptime_minted" ] || ek_no 'minted in the future' || return
    [ $((ek_this_uptime + ek_required)) -le $((ek_uptime_minted + ek_life)) ] || ek_no 'too old' || return
    [ -O "$ek_directory/stamps/$ek_minted=" ] && [ ! /proc/self/stat -ot "$ek_directory/stamps/$ek_minted=" ] ||
      ek_no 'minted in the future' || return
    [ ! /proc/self/stat -nt "$ek_dated" ] || ek_no 'too old' || return
    ek_age=$((ek_this_uptime - ek_uptime_minted))
  else
    ek_read_clock || return
    [ "$ek_now" -ge "$ek_minted" ] || ek_no 'minted in the future' || return
    [ $((ek_now + ek_required)) -le "$ek_until" ] || ek_no 'too old' || return
    ek_age=$((ek_now - ek_minted)) ek_clock=${ek_clock:-${ek_now}00}
  fi
}

# Reads the wall clock. In some shells EPOCHSECONDS is a clock, in others an inherited variable: a clock does not keep
# the value that it is given. Sets ek_now, Unix time in seconds.
ek_read_clock() {
  ek_now=${EPOCHSECONDS-}
  if [ -n "$ek_now" ]; then
    ek_inherited=$ek_now
    EPOCHSECONDS=x
    ek_now=$EPOCHSECONDS
    [ "$ek_now" != x ] || EPOCHSECONDS=$ek_inherited ek_now=''
  fi
  [ -n "$ek_now" ] || ek_now=$(PATH=${PATH:+$PATH:}/bin:/usr/bin date +%s)
  case $ek_now in '' | *[!0123456789]*) ek_no 'no clock' ;; esac
}

# ek_check_sources RECORD...: whether the sources that decided the token are unchanged. The date of a file lies between
# those of its two stamps. The same is true of a program (with a `*`), which is still the first of its name in PATH.
# Stamps of another user are not trusted.
# Reads ek_flags ek_directory.
ek_check_sources() {
  case $ek_flags in n*) ek_no 'for Node only' || return ;; esac
  [ -O "$ek_directory/stamps" ] && [ ! -L "$ek_directory/stamps" ] || ek_no 'stamps of another user' || return
  ek_target=''
  for ek_source; do
    ek_path=${ek_source#*=}
    case $ek_source in
      -=?* | -\*=?*) [ ! -e "$ek_path" ] || ek_no 'a source has changed' || return ;;
      @=?*) ek_target=$ek_path ;;
      \?=?*)
        ek_find_program "${ek_path%%=*}" || return
        [ "${ek_path%%=*}${ek_found:+=}$ek_found" = "$ek_path" ] || ek_no 'another program' || return
        ;;
      !=*) [ -e "$ek_path" ] && [ ! -r "$ek_path" ] || ek_no 'a source has changed' || return ;;
      \~=*)
        ek_read_network
        [ "$ek_network" = "$ek_path" ] || ek_no 'another proxy or another bundle of certificates' || return
        ;;
      [0123456789]*)
        ek_stamp=${ek_source%%=*}
        ek_stamp=$ek_directory/stamps/${ek_stamp%\*}
        [ -e "$ek_path" ] && [ -O "$ek_stamp-" ] && [ -O "$ek_stamp+" ] &&
          [ ! "$ek_path" -ot "$ek_stamp-" ] && [ ! "$ek_path" -nt "$ek_stamp+" ] || ek_no 'a source has changed' || return
        case $ek_flags in
          # The source was read within a second of its last change. A shell that compares whole seconds could miss
          # another change; one that compares finer sees that the two stamps differ.
          r*) [ "$ek_stamp+" -nt "$ek_stamp-" ] || ek_no 'for Node only' || return ;;
        esac
        case $ek_target\;$ek_path in
          # Node compares with the path that the system gives, which has none of these.
          *//*\;* | */./*\;* | */../*\;* | \;*//* | \;*/./* | \;*/../*) ek_no 'a source has changed' || return ;;
          \;*) [ ! -L "$ek_path" ] || ek_no 'a source has changed' || return ;;
          *) [ "$ek_path" -ef "$ek_target" ] || ek_no 'a source has changed' || return ;;
        esac
        ek_target=''
        ;;
      *) ek_no 'not an entry of this format' || return ;;
    esac
  done
}

# ek_find_program NAME: finds the first program of that name, where an original command would be found. A folder that
# depends on the working directory is for Node. Reads ekspress_path. Sets ek_found; empty: there is none.
ek_find_program() {
  ek_found='' ek_rest=${PATH:+$PATH:}${ekspress_path:+$ekspress_path:}
  while [ -n "$ek_rest" ]; do
    ek_folder=${ek_rest%%:*} ek_rest=${ek_rest#*:}
    case $ek_folder in
      /*)
        ek_folder=${ek_folder%/}/$1
        [ ! -f "$ek_folder" ] || [ ! -x "$ek_folder" ] || {
          ek_found=$ek_folder
          return
        }
        ;;
      *) ek_no 'a PATH for Node' || return ;;
    esac
  done
}

# Joins the proxies and bundles of certificates as ek_read_identity joins the other variables. Sets ek_network.
ek_read_network() {
  ek_network=''
  @PROXIES@
  ek_network="$ek_network@NETWORK@"
}

# ek_add_proxy NAME VALUE: adds the address of a proxy without its user, who may have a password. Sets ek_network.
ek_add_proxy() {
  case $2 in
    *\|*) ek_value='' ;;
    http://*@* | https://*@*) ek_value=${2%%://*}://${2##*@} ;;
    *) ek_value=${2##*@} ;;
  esac
  ek_network="$ek_network$1=$ek_value|"
}

# Names the process that asks, or fails where no question of it could be a second one. Reads ek_exec_info ek_clock.
# Sets ek_parent; empty: it has no name.
ek_name_parent() {
  ek_parent=''
  [ -n "$ek_exec_info" ] && [ -n "$ek_clock" ] || return
  [ ! -r "/proc/$PPID/stat" ] || read -r ek_parent <"/proc/$PPID/stat"
  ek_comm=${ek_parent#*\(}
  ek_comm=${ek_comm%\)*}
  case $ek_comm in
    @LAUNCHER_PROGRAMS@) ek_parent='' && return 1 ;;
  esac
  # shellcheck disable=SC2086  # split on purpose
  set -- ${ek_parent##*\)}
  # Without /proc only the process id is noted: no other process gets the same id within ten seconds.
  ek_parent=$PPID${ek_parent:+" ${20-} $ek_comm"}
}

# Fails if the server has refused the token: the process that got it asks again within seconds, after the answer (a
# process that asks before it runs several plugins side by side). The process is known by its id, its start time and its
# name, which changes where a program replaces itself. Not taken for a refusal: a token younger than ten seconds (and two
# for rounding), which is the answer to a refusal; a client that sets no KUBERNETES_EXEC_INFO; shells and interpreters,
# whose programs ask at any time.
# This is a guess: where no other token can be made, ek_serve_again prints this one once more.
# Reads ek_file ek_age ek_minted ek_this_uptime and what ek_name_parent reads. Sets ek_parent and ek_asked for ek_note
# (empty: nothing to note), and after a refusal ek_newer_than, and ek_guess unless this token was printed once more already.
ek_check_refusal() {
  ek_asked='' ek_again=-
  ek_name_parent || return 0
  ek_asked=$ek_file.asked$((PPID & 7))
  [ -f "$ek_asked" ] && [ -O "$ek_asked" ] && [ "$ek_age" -ge 12 ] || return 0
  read -r ek_asked_at ek_asked_again ek_asked_by <"$ek_asked"
  [ "$ek_asked_by" = "$ek_parent" ] || return 0
  case $ek_asked_at in '' | 0* | *[!0123456789]* | ?????????????*) return 0 ;; esac
  ek_since=$((ek_clock - ek_asked_at))
  [ "$ek_since" -lt 1000 ] || return 0
  # The note was written after the answer, and a file of this process in /proc is as old as this process.
  [ "$ek_since" -gt 5 ] || [ -z "$ek_this_uptime" ] || [ /proc/self/stat -nt "$ek_asked" ] || return 0
  [ -n "$ek_comm" ] || ek_ask_name || return 0
  ek_newer_than=$ek_minted
  [ "$ek_asked_again" = "$ek_minted" ] || ek_guess=yes
  ek_no 'refused by the server'
}

# Asks ps for the name of the parent process. Fails where ps is absent, and for a launcher. Sets ek_comm.
ek_ask_name() {
  ek_comm=$(ps -o comm= -p "$PPID" 2>/dev/null)
  # On macOS this is a path. The name of a login shell begins with a hyphen.
  ek_comm=${ek_comm##*/}
  case ${ek_comm#-} in
    '' | @LAUNCHER_PROGRAMS@) return 1 ;;
  esac
}

# Finds, reads and compares the entry. Reads ek_margin and what the three read.
ek_find_entry() {
  ek_find_file && ek_read_entry && ek_compare "$ek_file" "$ek_margin"
}

# ek_print TEXT: prints TEXT and a newline, backslashes as they are, without giving it to another program or a file.
ek_print() {
  # mksh has `print`, and no printf of its own.
  if PATH=/dev/null command -v printf >/dev/null 2>&1; then printf '%s\n' "$1"; else print -r -- "$1"; fi
}

# Prints the answer from the entry. Reads ek_api_version ek_told ek_token ek_certificate.
ek_answer() {
  [ -z "$ek_certificate" ] || {
    ek_print '{"kind":"ExecCredential","apiVersion":"'"$ek_api_version"\
'","spec":{},"status":{"expirationTimestamp":"'"$ek_told\"$ek_certificate"
    return
  }
  # This has no backslashes, which the echo of some shells interprets.
  echo '{"kind":"ExecCredential","apiVersion":"'"$ek_api_version"'","spec":{},"status":{"expirationTimestamp":"'"$ek_told"\
'","token":"'"$ek_token"'"}}'
}

# Writes down which process got the entry. Where others can write to the directory, a link or a pipe may have that name.
# Reads ek_asked ek_again ek_clock ek_parent.
ek_note() {
  [ -n "$ek_asked" ] && [ ! -L "$ek_asked" ] || return
  [ ! -e "$ek_asked" ] || { [ -f "$ek_asked" ] && [ -O "$ek_asked" ]; } || return
  { echo "$ek_clock $ek_again $ek_parent" 1<>"$ek_asked"; } 2>/dev/null
}

# ek_create FILE: creates FILE, readable by this user alone, with the id of this process in it. Fails if FILE exists or
# cannot be written, and then leaves no file of its own.
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

# Ends the script with the answer on a hit, and returns 1 on a miss. In the last third of the entry's life one process
# returns 0 with ek_renewing set: the answer has been printed, and the renewal follows in part 3.
# Reads ek_keys ek_plugin, and what all the functions above set.
ek_serve() {
  ek_read_settings && { [ -z "$ek_keys$ek_plugin" ] || ek_read_declared; } && ek_read_identity && ek_find_entry &&
    ek_check_refusal || return
  [ "${EKSPRESS_DEBUG:-${EKS_TOKEN_DEBUG-}}" != 1 ] || echo "[DEBUG] hit: $ek_file" >&2
  ek_answer || exit 1
  # Files are written after the answer.
  umask 077
  ek_note
  # Flag u: minting this token again needs no person and runs no foreign program.
  case $ek_flags in *u) ;; *) exit 0 ;; esac
  [ $(((ek_life - ek_age) * 3)) -lt "$ek_life" ] && ek_create "$ek_file.renew$ek_minted" || exit 0
  ek_renewing=yes ek_newer_than=$ek_minted
}

# Code of part 1.

# Takes off the arguments that are for this script.
while :; do
  case ${1-}${2+ } in
    --key-env\ ) ek_key=$2 ek_shift=2 ;;
    --key-env=*) ek_key=${1#*=} ek_shift=1 ;;
    --encrypt\  | --encrypt=*)
      ek_encrypt=$1 ek_why='an encrypted entry'
      shift
      continue
      ;;
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

# By hand: CLUSTER REGION [PROFILE].
case $ek_dashes$#:${1-}:${2-} in
  [23]:[!-]*:*-*-[0123456789] | [23]:[!-]*:*-*-[0123456789][0123456789])
    if [ $# -eq 3 ]; then
      set -- aws --region "$2" eks get-token --cluster-name "$1" --profile "$3"
    else
      set -- aws --region "$2" eks get-token --cluster-name "$1"
    fi
    ;;
esac

if [ -z "${EKSPRESS_DEPTH-}$ek_keys$ek_plugin$ek_encrypt" ] && ek_read_words "$@"; then
  ek_serve
fi

# 2. Declared variables and other plugins =============================================================================

# ek_read_plugin COMMAND ARGUMENT...: every word of another plugin is part of the identity. The name of the entry has
# the plugin's name and the end of each argument.
# Sets ek_tool ek_cluster ek_command ek_region ek_profile ek_role ek_max_life ek_extra ek_name_tail.
ek_read_plugin() {
  case ${1-} in '' | [!/]*/*) ek_no 'a plugin for Node' || return ;; esac
  ek_tool=@PLUGIN@ ek_cluster=$1 ek_command=$1 ek_region='' ek_profile='' ek_role='' ek_max_life=@MAX_PLUGIN_LIFE@
  ek_name_tail="~${1##*/}"
  shift
  for ek_word; do
    case $ek_word in *[\&\|]*) ek_no 'an argument for Node' || return ;; esac
    ek_extra="$ek_extra&arg=$ek_word"
    [ "${#ek_word}" -le @TAIL@ ] || ek_word=${ek_word#"${ek_word%@TAIL_PATTERN@}"}
    ek_name_tail="$ek_name_tail~$ek_word"
  done
}

# Adds to ek_extra the declared variables and, for a plugin, the cluster that the client describes.
# Reads ek_keys ek_plugin ek_exec_info. Sets ek_extra.
ek_read_declared() {
  [ -z "$ek_keys" ] || ek_read_variables || return
  case $ek_plugin:$ek_exec_info in
    yes:*'"cluster"'*) ek_read_cluster || return ;;
  esac
  ek_extra=${ek_extra#&}
}

# Adds the declared variables to ek_extra. `eval` sees names of letters, digits and underscores only: part 1 takes no others.
# A name that some shell sets, changes or shares with a variable of its own is for Node, as are the names of this script.
# Reads ek_keys. Sets ek_extra.
ek_read_variables() {
  case ,$ek_keys, in
    *[!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,]* | @SHELL_NAMES@) ek_no 'a variable for Node' || return ;;
  esac
  ek_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086  # split on purpose
  set -- $ek_keys
  IFS=$ek_ifs
  # A shell that does not split gives one word with commas.
  case $1 in *,*) ek_no 'a variable for Node' || return ;; esac
  for ek_key; do
    ek_set=''
    eval "ek_value=\${$ek_key-} ek_set=\${$ek_key+=}"
    case $ek_value in *[!@SAFE@]*) ek_no 'a variable for Node' || return ;; esac
    ek_extra="$ek_extra&env=$ek_key$ek_set$ek_value"
  done
}

# Adds `spec.cluster` of KUBERNETES_EXEC_INFO to ek_extra, as client-go writes it, with ' in place of " (a field of an
# entry has no "). The name of the entry gets the server.
# Reads ek_exec_info ek_api_version. Sets ek_extra ek_name_tail.
ek_read_cluster() {
  ek_value=${ek_exec_info#'{"kind":"ExecCredential","apiVersion":"'"$ek_api_version"'","spec":{"cluster":'}
  case $ek_value in
    *[\'\&\|]* | "$ek_exec_info") ek_no 'a KUBERNETES_EXEC_INFO for Node' || return ;;
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
      ek_name_tail=$ek_name_tail${ek_value:+"~$ek_value"}
      ;;
  esac
}

# Understands an entry that holds a client certificate, with or without a token. It is printed as it stands there.
# Reads the pieces of ek_read_entry. Sets ek_certificate.
ek_read_certificate() {
  ek_skeleton=${ek_skeleton%"$ek_21$ek_22$ek_23@$ek_25"}
  set -- "$ek_21" "$ek_22" "$ek_23" "$ek_token" "$ek_25"
  ek_ifs=$IFS
  IFS='"'
  ek_certificate=$*
  # The only escape is a line break.
  case $ek_certificate in *[!\ -~]* | *\\[!n]* | *'""'*) ek_certificate='' ;; esac
  # shellcheck disable=SC2086  # split on purpose
  set -- $ek_certificate
  IFS=$ek_ifs
  case $#:$ek_skeleton$1$2$3 in
    9:*) ek_skeleton="$ek_skeleton$1$2$3@$5$6$7@$9" ;;
    13:*,token:) ek_skeleton="$ek_skeleton$5$6$7@$9${10}${11}@${13}" ;;
    *) return 1 ;;
  esac
  [ "$ek_skeleton" = "{kind:ExecCredential,apiVersion:client.authentication.k8s.io/v1beta1,ekspress:@,\
spec:{},status:{expirationTimestamp:@,clientCertificateData:@,clientKeyData:@}}" ]
}

# Adds the rest of the closed list to ek_identity.
ek_read_rare() {
  ek_identity="$ek_identity@RARE@"
}

# Code of part 2.

if [ -z "${EKSPRESS_DEPTH-}$ek_encrypt" ] && [ -n "$ek_keys$ek_plugin$ek_rare" ]; then
  if [ -n "$ek_plugin" ]; then
    ek_read_plugin "$@" && ek_serve
  elif ek_read_words "$@"; then
    ek_serve
  fi
fi

# 3. The miss =========================================================================================================

# ek_debug TEXT: prints TEXT on stderr under EKSPRESS_DEBUG=1.
ek_debug() {
  [ "${EKSPRESS_DEBUG:-${EKS_TOKEN_DEBUG-}}" != 1 ] || ek_print "[DEBUG] $1" >&2
}

# Finds the package: the recorded one, else the one that this file lies in, behind all links. Sets ek_package.
ek_find_package() {
  ek_package=$ekspress_package
  [ ! -f "$ek_package/dist/exec/hit.cjs" ] || return 0
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
  [ -f "$ek_package/dist/exec/hit.cjs" ]
}

# Finds Node: the recorded one, else the one in PATH. Sets ek_program.
ek_find_node() {
  ek_program=$ekspress_node
  [ -x "$ek_program" ] || ek_program=$(command -v node) && [ -n "$ek_program" ]
}

# Ends the script with the one line of a remembered failure, if it still holds for this call. The line of the file, cut
# at its quotes:
#
#   {"error":"CLASS","until":"TOLD","ekspress":"META","askers":"ASKERS","message":"MESSAGE"}
#   1       3       5       7      9          11     13       15       17        19        21
#     2       4       6       8      10         12     14       16       18        20
#
# Reads ek_file. Sets ek_told ek_meta ek_askers, and what ek_compare and ek_answers_caller set.
ek_check_failure() {
  ek_failure=$ek_file.error
  [ -n "$ek_file" ] && [ -f "$ek_failure" ] && [ ! -L "$ek_failure" ] && [ -O "$ek_failure" ] && [ -r "$ek_failure" ] ||
    return 0
  IFS='"' read -r ek_1 ek_2 ek_3 ek_class ek_5 ek_6 ek_7 ek_told ek_9 ek_10 ek_11 ek_meta ek_13 ek_14 ek_15 ek_askers \
    ek_17 ek_18 ek_19 ek_message ek_21 <"$ek_failure" || return 0
  ek_skeleton="$ek_1$ek_2$ek_3@$ek_5$ek_6$ek_7@$ek_9$ek_10$ek_11@$ek_13$ek_14$ek_15@$ek_17$ek_18$ek_19@$ek_21"
  [ "$ek_skeleton" = '{error:@,until:@,ekspress:@,askers:@,message:@}' ] || return 0
  if ek_compare "$ek_failure" 0 && ek_answers_caller; then
    ek_left=''
    while :; do
      case $ek_message in *\\\\*) ;; *) break ;; esac
      ek_left=$ek_left${ek_message%%\\\\*}\\ ek_message=${ek_message#*\\\\}
    done
    ek_print "ekspress: $ek_left$ek_message" >&2
    ek_release
    case $ek_class in session_expired | network_error) ek_serve_again ;; esac
    exit 1
  fi
}

# Whether the remembered failure is an answer for this call. At a terminal the command may be a person's retry, which is an
# attempt of its own: only a process that has failed before, or that has waited for the other attempt, gets the failure.
# Reads ek_class ek_meta ek_askers ek_looked. Sets ek_parent, and ek_seen, the failure that was there when this call began.
ek_answers_caller() {
  [ -t 0 ] || [ -t 2 ] || return 0
  [ -n "$ek_looked" ] || ek_seen=$ek_class$ek_meta$ek_askers
  if ek_name_parent && { [ -n "$ek_comm" ] || ek_ask_name; }; then
    case "|$ek_askers|" in *"|$ek_parent|"*) return 0 ;; esac
  fi
  [ "$ek_seen" != "$ek_class$ek_meta$ek_askers" ]
}

# Ends the script with the valid token where a guess has asked for another one and none was made. The note tells the next
# call of the same process that this was the last time. Reads ek_guess, and what ek_find_entry reads.
ek_serve_again() {
  [ -n "$ek_guess" ] && ek_find_entry && [ "$ek_minted" -eq "$ek_newer_than" ] || return
  ek_debug "hit: $ek_file, once more"
  ek_answer || exit 1
  umask 077
  ek_again=$ek_minted
  ek_note
  exit 0
}

# Lets one process at a time ask Node for a token: returns once this one may, or ends the script with what another has
# made. Waits ten seconds at most. This saves work only: Node has a lock of its own.
# Reads ek_directory ek_file. Sets ek_claimed, or ek_waited after a timeout.
ek_wait() {
  ek_rounds=100 ek_empty=0 ek_gone=0
  # Before the first token there is no directory to wait in.
  [ -d "$ek_directory" ] || [ "$ek_directory" != "${HOME-}/.kube/cache/eks-tokens" ] || [ ! -O "$HOME" ] ||
    (umask 077 && exec mkdir -p "$ek_directory") 2>/dev/null
  while [ "$ek_rounds" -gt 0 ] && [ -d "$ek_directory" ]; do
    if ek_create "$ek_file.busy"; then
      ek_claimed=$ek_file.busy
      # Another process may have removed its own file just now, after it had got a token.
      ek_take_made
      ek_check_failure
      return
    fi
    if [ ! -f "$ek_file.busy" ] || [ ! -O "$ek_file.busy" ]; then
      # Either it was removed just now, or nothing can be written here, or another user has written it.
      [ $((ek_gone += 1)) -lt 5 ] || return
      continue
    fi
    ek_holder=''
    read -r ek_holder <"$ek_file.busy"
    # A file without a process id is about to get one, or its process was killed before.
    case $ek_holder in
      '' | *[!0123456789]*) [ $((ek_empty += 1)) -lt 20 ] || ek_remove_busy ;;
      *) kill -0 "$ek_holder" 2>/dev/null || ek_remove_busy ;;
    esac
    sleep 0.1 2>/dev/null || sleep 1
    ek_late=1
    ek_rounds=$((ek_rounds - 1))
    ek_take_made
    ek_check_failure
  done
  # The process id may have passed to another process: the next call must not wait for that.
  [ "$ek_rounds" -ne 0 ] || {
    ek_remove_busy
    # Node does not wait a second time.
    ek_waited=1
  }
}

# Removes the .busy file of another process. If the system refuses that, the waiting ends. Sets ek_rounds.
ek_remove_busy() {
  rm -f "$ek_file.busy" 2>/dev/null || ek_rounds=0
}

# Ends the script with a token that another process has made since this one looked. Reads ek_newer_than.
ek_take_made() {
  ek_find_entry && [ "$ek_minted" -gt "$ek_newer_than" ] || return
  ek_debug "hit: $ek_file, which another process has made"
  ek_answer
  ek_release
  exit 0
}

# Removes the .busy file of this process. Reads ek_claimed.
ek_release() {
  [ -z "$ek_claimed" ] || rm -f "$ek_claimed" 2>/dev/null
}

# ek_tell TEXT WORD: prints TEXT with WORD in place of its @ on stderr. A word with anything but printable ASCII is left
# out: a kubeconfig may hold escape sequences for terminals.
ek_tell() {
  ek_value=$2
  case $ek_value in *[!\ -~]*) ek_value='(a name with unusual characters)' ;; esac
  ek_print "ekspress-exec: ${1%%@*}$ek_value${1#*@}" >&2
}

# Whether kubectl may have a policy about credential plugins. This script must not pass its own permission on to other
# programs. Variables of this process may come from the kubeconfig: KUBERC=off is not heeded, and the kuberc beside the
# folder of this script is read wherever HOME is. Sets ek_policy.
ek_has_policy() {
  for ek_policy in "${KUBERC-}" "${HOME-}/.kube/kuberc" "${0%/*}/../kuberc"; do
    case $ek_policy in '' | off) continue ;; esac
    [ ! -e "$ek_policy" ] || ek_is_without_policy || return 0
  done
  return 1
}

# Whether no YAML parser can find a policy in the file: the file has neither the key nor anything by which YAML may write
# the key in another way (escapes, tags, other encodings, line breaks that a shell does not know). Reads ek_policy.
ek_is_without_policy() {
  [ -f "$ek_policy" ] && [ -r "$ek_policy" ] || return
  ek_return=$(printf '\r')
  ek_read=''
  while read -r ek_line || [ -n "$ek_line" ]; do
    ek_read=yes
    ek_line=${ek_line%"$ek_return"}
    case $ek_line in
      'credentialPluginPolicy: AllowAll') ;;
      *[!\ -~]*redentialPluginPolicy*) return 1 ;;
      \#*) ;;
      *redentialPluginPolicy* | *\\* | *!* | *[!\ -~]*) return 1 ;;
    esac
  done <"$ek_policy"
  # yash reads nothing of a text that it cannot decode.
  [ -n "$ek_read" ] || [ ! -s "$ek_policy" ]
}

# ek_locate COMMAND: the program that COMMAND starts: a path as it is, else the first one in PATH. Sets ek_found.
ek_locate() {
  ek_found=$1
  case $ek_found in
    */*)
      [ -f "$ek_found" ] && [ -x "$ek_found" ]
      return
      ;;
  esac
  ek_rest=$PATH:
  while [ -n "$ek_rest" ]; do
    ek_found=${ek_rest%%:*}
    ek_rest=${ek_rest#*:}
    ek_found=${ek_found:-.}
    ek_found=${ek_found%/}/$1
    [ -f "$ek_found" ] && [ -x "$ek_found" ] && return
  done
  return 1
}

# ek_is_recorded COMMAND ARGUMENT...: whether `ekspress apply` has recorded the program that COMMAND starts, or no such
# program exists. A launcher runs what its arguments say, aws-vault what follows its `--`. Sets ek_found.
ek_is_recorded() {
  if ! ek_locate "$1"; then
    case $1 in */*) return 0 ;; esac
    # Node takes words that are not a program for the names of a cluster and a region, and may run aws for them.
    ek_locate aws || return 0
  fi
  case $ek_found in *:*) return 1 ;; esac
  case ${ek_found##*/} in
    aws | aws-iam-authenticator) case :$ekspress_path: in *":${ek_found%/*}:"*) return 0 ;; esac ;;
    @LAUNCHER_PROGRAMS@) return 1 ;;
  esac
  case :$ekspress_programs: in *":$ek_found:"*) ;; *) return 1 ;; esac
  [ "${ek_found##*/}" = aws-vault ] || return 0
  while [ $# -gt 1 ] && [ "$1" != -- ]; do shift; done
  shift
  [ $# -gt 0 ] && ek_is_recorded "$@"
}

# Finds out who asks, and when, for Node. Sets ek_clock ek_parent.
ek_tell_parent() {
  # The parent of a refused token has been named already.
  [ "$ek_newer_than" = 0 ] || [ -z "$ek_parent" ] || return 0
  ek_read_settings || return
  ek_read_machine
  [ -n "$ek_clock" ] || { ek_read_clock && ek_clock=${ek_now}00; } || return
  ek_name_parent && { [ -n "$ek_comm" ] || ek_ask_name; }
}

# ek_node COMMAND ARGUMENT...: becomes Node; call it in a subshell. Some variables are meant for other Node programs: they
# may keep ours from starting or make it print something. They are renamed, so that the original command gets them back.
# Reads ek_program ek_package ek_newer_than ek_renewing ek_waited ek_encrypt ek_keys ek_dashes.
ek_node() {
  unset EKSPRESS_SCRIPT EKSPRESS_NEWER_THAN EKSPRESS_GUESS EKSPRESS_BACKGROUND EKSPRESS_WAITED EKSPRESS_PARENT
  [ -n "$ek_renewing" ] || ! ek_tell_parent || export EKSPRESS_PARENT="$ek_clock $ek_parent"
  unset @SET_ASIDE_VARIABLES@
  @SET_ASIDE@
  unset @NODE_VARIABLES@
  [ -z "$ekspress_package" ] || export EKSPRESS_SCRIPT="$0"
  [ "$ek_newer_than" = 0 ] || export EKSPRESS_NEWER_THAN="$ek_newer_than"
  [ -z "$ek_guess" ] || export EKSPRESS_GUESS=1
  [ -z "$ek_renewing" ] || export EKSPRESS_BACKGROUND=1
  [ -z "$ek_waited" ] || export EKSPRESS_WAITED="$ek_waited"
  exec "$ek_program" "$ek_package/dist/exec/hit.cjs" ${ek_encrypt:+"$ek_encrypt"} ${ek_keys:+"--key-env=$ek_keys"} ${ek_dashes:+--} "$@"
}

# Code of part 3.

ek_usage='usage: ekspress-exec aws eks get-token --cluster-name NAME [--region REGION] [--profile PROFILE] [--role-arn ARN]
       ekspress-exec [--encrypt[=FILE]] [--key-env NAME,...] -- PLUGIN ARGUMENT...
       ekspress-exec CLUSTER REGION [PROFILE]

Prints a token for kubectl, from the shared cache or newly made. A kubeconfig runs it; ekspress apply --help says how.'
case $#${1-} in
  0)
    echo "$ek_usage" >&2
    exit 2
    ;;
  1--help | 1-h)
    echo "$ek_usage"
    exit 0
    ;;
esac

# An original command may lead back here. The first time its own original runs at once, the second time is an error.
case ${EKSPRESS_DEPTH-} in
  '') EKSPRESS_DEPTH=1 ;;
  1) EKSPRESS_DEPTH=2 ;;
  *)
    ek_tell "the command '@' leads back to ekspress-exec" "$1"
    exit 1
    ;;
esac
export EKSPRESS_DEPTH

if [ "$EKSPRESS_DEPTH" = 1 ]; then
  [ -n "$ek_renewing" ] || ek_debug "miss: $ek_why"
  # At the end of PATH: what PATH finds without it stays the same.
  [ -z "$ekspress_path" ] || export PATH="${PATH:+$PATH:}$ekspress_path"
  if [ -n "$ek_renewing" ]; then
    if ek_find_package && ek_find_node; then
      # kubectl waits until every process has closed its pipe. Redirections at the braces leave it open in some shells.
      {
        exec </dev/null >/dev/null 2>&1
        ek_node "$@"
      } &
    fi
    exit 0
  fi
fi

# Checked also where EKSPRESS_DEPTH is set, because the kubeconfig may set it.
if ek_has_policy && ! ek_is_recorded "$@"; then
  ek_tell "kuberc has a policy for credential plugins, and '@' is not a program that \`ekspress apply\` has recorded" "$1"
  exit 1
fi

if [ "$EKSPRESS_DEPTH" = 1 ]; then
  if ek_find_package && ek_find_node; then
    if [ -n "$ek_file" ]; then
      ek_looked='' ek_seen=''
      ek_check_failure
      ek_looked=yes
      ek_wait
    fi
    ek_stdout=$(ek_node "$@")
    ek_status=$?
    ek_release
    case $ek_status:$ek_stdout in
      0:?*)
        ek_print "$ek_stdout"
        exit
        ;;
      # Another plugin has failed or printed nothing.
      @FAILED@:[0123456789] | @FAILED@:[0123456789][0123456789] | @FAILED@:[12][0123456789][0123456789])
        [ -z "$ek_dashes" ] || exit "$ek_stdout"
        exit 1
        ;;
      # Explained on stderr. A server could not be asked, or a session is over: the token in hand is good for one more try.
      @FAILED_FOR_NOW@:*)
        ek_serve_again
        exit 1
        ;;
      # Explained on stderr, and final.
      @FAILED@:*) exit 1 ;;
      # An interrupted call asks for nothing more.
      130:*) exit 130 ;;
    esac
    ek_debug "Node ended with status $ek_status: running the original command"
  else
    ek_debug 'no Node or no package: running the original command'
  fi
fi
exec "$@"
