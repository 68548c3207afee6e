#!/usr/bin/env bash
# test/walks/record.sh: walks through status, apply, warm and doctor in a real terminal (tmux) at 80 and 200 columns, and
# keeps what the screen showed in test/walks/*.txt, to be looked at. Needs tmux and a build.
set -euo pipefail
cd "$(dirname "$0")/../.."
locale=$(locale -a | grep -im1 'utf-\?8')

for columns in 80 200; do
  home=/tmp/ekspress-walk
  rm -rf "$home"
  mkdir -p "$home"
  mkfifo "$home/stop"
  node test/walks/walk-home.mjs "$home" <"$home/stop" >"$home/ready" &
  exec 9>"$home/stop"
  until grep -q ready "$home/ready"; do sleep 0.1; done
  set -a
  # shellcheck disable=SC1091  # made by the world
  . "$home/env"
  set +a
  socket="ekspress-walk-$$-$columns"
  tmux="tmux -L $socket -u"
  mkdir "$home/bin"
  printf '#!/bin/sh\nexec node %s/dist/cli/main.js "$@"\n' "$PWD" >"$home/bin/ekspress"
  
  chmod +x "$home/bin/ekspress"
  out=test/walks/$columns-columns.txt
  : >"$out"
  # shellcheck disable=SC2086  # a command and its options
  env -i HOME="$home" PATH="$home/bin:$PATH" TERM=xterm-256color LC_ALL="$locale" PS1='$ ' HTTPS_PROXY="$HTTPS_PROXY" \
    AWS_CA_BUNDLE="$AWS_CA_BUNDLE" $tmux -f /dev/null new-session -d -x "$columns" -y 30 'bash --norc --noprofile'
  keys() { $tmux send-keys "$@"; sleep "${pause:-0.4}"; }
  # Ports, times and folders differ from run to run.
  shot() {
    {
      printf '=== %s\n' "$1"
      $tmux capture-pane -p | sed -E -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' -e "s#$PWD#PACKAGE#g" \
        -e 's/1[34]m [0-9]{2}s/13m 59s/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}\.[0-9]{3}Z/TIME/g' \
        -e 's/is [0-9]+s (ahead of|behind)/is 0s \1/' -e 's/[[:space:]]+$//' |
        perl -pe 's/~\K[0-9.]+(?= m?s)/$& =~ tr,0-9,N,r/ge' |
        sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    } >>"$out"
  }
  fresh() { keys C-l; $tmux clear-history; }
  pause=1 keys "PS1='\$ '" Enter
  fresh; pause=2 keys 'ekspress status' Enter; shot 'status, before anything'
  fresh; pause=1.5 keys 'ekspress apply' Enter; shot 'apply: the list'
  keys Space; keys Down; keys Space; keys Down; keys Space; keys Down; keys Space; shot 'apply: four are checked'
  keys '集'; shot 'apply: filtered'
  keys BSpace; pause=2.5 keys Enter; shot 'apply: done'
  fresh; pause=1.5 keys 'ekspress apply' Enter; keys C-c; shot 'apply: Ctrl-C at the list'
  fresh; pause=1.5 keys 'NO_COLOR=1 ekspress apply' Enter; shot 'apply without colours'; keys Escape; shot 'apply without colours: Esc at the list'
  fresh; pause=2 keys 'ekspress apply no-such-profile --dry-run' Enter; shot 'apply --dry-run'
  fresh; pause=3 keys 'ekspress warm' Enter; shot 'warm'
  fresh; pause=2 keys 'ekspress status' Enter; shot 'status, warm'
  fresh; pause=3 keys 'ekspress doctor' Enter; shot 'doctor'
  fresh; pause=2 keys 'ekspress revert --all' Enter; keys y; pause=2 keys '' ; shot 'revert --all'
  $tmux kill-server
  exec 9>&-
  wait
  rm -rf "$home"
done
