#!/bin/bash
# The usual workaround for `aws eks get-token`: keeps its answer in a file and reads the expiry with jq and date.
# usage: bash-jq.sh CLUSTER REGION [PROFILE]
set -euo pipefail
cluster=${1:?} region=${2:?} profile=${3:-default}
folder=$HOME/.kube/eks-token-cache
mkdir -p "$folder"
chmod 700 "$folder"
file=$folder/${cluster}_$profile.json

seconds() {
  if [[ $(uname) == Darwin ]]; then gdate -d "$1" +%s; else date -d "$1" +%s; fi
}

now() {
  if [[ $(uname) == Darwin ]]; then date +%s; else date +%s; fi
}

is_valid() {
  [[ -f $file ]] || return 1
  local end until
  end=$(jq -r '.status.expirationTimestamp // empty' "$file" 2>/dev/null)
  [[ -n $end ]] || return 1
  until=$(($(seconds "$end") - 60))
  [[ $(now) -lt $until ]]
}

if is_valid; then
  cat "$file"
else
  answer=$(aws eks get-token --cluster-name "$cluster" --region "$region")
  echo "$answer" >"$file"
  chmod 600 "$file"
  echo "$answer"
fi
