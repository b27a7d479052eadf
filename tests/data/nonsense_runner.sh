#!/bin/sh
# A runner that answers with bytes that are no frames.
printf "no frame at all, and rather more than nine bytes" >&3
while read -r line <&3; do :; done
