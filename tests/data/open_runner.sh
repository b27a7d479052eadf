#!/bin/sh
# A runner that says of itself that it can read host files: the frame PROOF with that bit.
printf '\004\000\000\000\005\000\000\000\000\001\000\000\000' >&3
while read -r line <&3; do :; done
