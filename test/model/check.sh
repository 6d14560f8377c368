#!/usr/bin/env bash
# Checks react.pml with spin (Debian package `spin`) and gcc. Prints one line per property; those that leave out a rule must fail.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

check() { # title, world and rules that are left out, options of the compiler, options of the verifier, expected number of errors
  local errors='' result=WRONG
  if spin $2 -a "$here/react.pml" > spin.log 2>&1 && gcc -w -DVECTORSZ=2048 $3 -o pan pan.c 2> gcc.log; then
    ./pan -m500000 $4 > pan.log 2>&1
    # A search that ran out of depth has proved nothing.
    grep -q 'max search depth too small' pan.log || errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log | head -n 1)
  fi
  [ "$errors" = "$5" ] && result=ok || bad=1
  printf '%-5s %s (errors: %s)\n' "$result" "$1" "${errors:-none counted}"
}

safety='-O0 -DSAFETY -DNOCLAIM'
check 'each step of each version takes effect at most once and in order; the cursor moves after the last' '' "$safety" '' 0
check 'with losses, crashes, expired leases and a sweep, the cursor reaches the source' -DLIVE '-O2 -DNFAIR=3' '-a -f -N converge' 0
check '... but not when nobody takes over an expired lease' '-DLIVE -DNO_TAKE_OVER' '-O0 -DNFAIR=3' '-a -f -N converge' 1
check 'without losses, nothing is left behind, even without a sweep' -DRELIABLE -O0 '-N complete' 0
check '... but it is when the end of a run is not followed by another pass' '-DRELIABLE -DNO_SECOND_PASS' -O0 '-N complete' 1
check '... or when the end of a step is not' '-DRELIABLE -DSTEP_NOT_FOLLOWED' -O0 '-N complete' 1
check 'a step takes effect twice when each start has a token of its own' -DNO_TOKEN "$safety" '' 1
check '... or when a takeover begins at the first step again' -DRESTART "$safety" '' 1
check 'the last step is left out when the token does not say the step' -DNO_STEP_IN_TOKEN "$safety" '' 1
check '... or when the cursor moves after the first' -DEARLY "$safety" '' 1
exit "$bad"
