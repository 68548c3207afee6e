#!/usr/bin/env bash
# test/walks/record.sh [FOLDER]: a newcomer's walk through the commands in a real terminal (tmux) of 60, 80 and 200 columns, with
# and without colours. Keeps what the screen showed in test/walks/*.txt (or FOLDER), to be looked at. Fails if
# the words depend on colours. Needs tmux and a build.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:-test/walks}
locale=$(locale -a | grep -im1 'utf-\?8')
socket="ekspress-walk-$$"
trap 'tmux -L "$socket" kill-server 2>/dev/null || :; exec 9>&-' EXIT

walk() { # COLUMNS OUT COLOUR
  local columns=$1 out=$2 colour=$3 home=/tmp/ekspress-walk
  rm -rf "$home"
  mkdir -p "$home/bin"
  mkfifo "$home/stop"
  node test/walks/walk-home.mjs "$home" <"$home/stop" >"$home/ready" &
  exec 9>"$home/stop"
  until grep -q ready "$home/ready"; do sleep 0.1; done
  set -a
  # shellcheck disable=SC1091  # made by the world
  . "$home/env"
  set +a
  printf '#!/bin/sh\nexec node %s/dist/cli/main.js "$@"\n' "$PWD" >"$home/bin/ekspress"
  chmod +x "$home/bin/ekspress"
  : >"$out"
  env -i HOME="$home" PATH="$home/bin:$PATH" TERM=xterm-256color LC_ALL="$locale" ${colour:+NO_COLOR=1} \
    HTTPS_PROXY="$HTTPS_PROXY" AWS_CA_BUNDLE="$AWS_CA_BUNDLE" \
    tmux -L "$socket" -u -f /dev/null new-session -d -x "$columns" -y 90 "PS1='\$ ' bash --norc --noprofile"
  screen() { tmux -L "$socket" capture-pane -p "$@"; }
  keys() { tmux -L "$socket" send-keys "$@"; }
  # Waits for a line of the screen. Its last line is the prompt again when a command has ended.
  shown() { for _ in $(seq 600); do screen | grep -q "$1" && return; sleep 0.1; done; echo "not shown: $1" >&2; screen >&2; return 1; }
  ended() { for _ in $(seq 600); do [ "$(screen | grep -v '^$' | tail -n 1)" = '$' ] && return; sleep 0.1; done; screen >&2; return 1; }
  # Lines that the terminal itself has broken are whole, as a copy has them. Ports, times and folders differ from run to run.
  shot() {
    {
      printf '=== %s\n' "$1"
      screen -J | sed -E -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e "s#$PWD#PACKAGE#g" \
        -e 's/1[34]m [0-9]{2}s/13m 59s/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}\.[0-9]{3}Z/TIME/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{3})?Z/TIME/g' -e 's/-config-[0-9a-f]{8}/-config-DIGEST/g' -e 's/is [0-9]+s (ahead of|behind)/is 0s \1/' \
        -e 's#sso/cache/[0-9a-f]+#sso/cache/DIGEST#g' -e 's/[[:space:]]+$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    } >>"$out"
  }
  fresh() { keys C-l; sleep 0.3; tmux -L "$socket" clear-history; }
  run() { fresh; keys "$1" Enter; sleep 0.5; ended; shot "$1"; }
  ended
  run 'ekspress'
  run 'ekspress --help'
  run 'ekspress status'
  run 'ekspress aply'
  run 'ekspress apply --help'
  fresh; keys 'ekspress apply --no-compare' Enter; shown 'space.*esc'; shot 'apply: the list'
  for _ in 1 2 3 4; do keys Space; sleep 0.2; keys Down; sleep 0.2; done; shown '4 of'; shot 'apply: four are checked'
  keys '集'; shown 'filter'; shot 'apply: filtered'
  keys BSpace; sleep 0.3; keys Enter; sleep 0.5; ended; shot 'apply: done'
  fresh; keys 'ekspress apply' Enter; shown 'space.*esc'; keys Escape; sleep 1; ended; shot 'apply: Esc at the list'
  run 'ekspress apply no-such-profile --dry-run'
  run 'ekspress warm'
  run 'ekspress status'
  run 'ekspress login --all --dry-run'
  run 'ekspress whoami'
  run 'ekspress doctor'
  run 'ekspress doctor behind-sso'
  run 'ekspress cache list'
  fresh; keys 'ekspress revert --all' Enter; shown 'Yes'; keys y; sleep 0.5; ended; shot 'revert --all'
  tmux -L "$socket" kill-server
  exec 9>&-
  wait
  rm -rf "$home"
}

for columns in 60 80 200; do
  walk "$columns" "$folder/$columns-columns.txt" ''
  walk "$columns" "/tmp/ekspress-walk-$$.txt" none
  diff "$folder/$columns-columns.txt" "/tmp/ekspress-walk-$$.txt" || { echo "$columns columns: the words depend on colours" >&2; exit 1; }
  rm "/tmp/ekspress-walk-$$.txt"
done
