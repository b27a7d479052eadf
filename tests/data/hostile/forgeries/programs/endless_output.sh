#!/bin/sh
# tries: more output than anybody reads
# class: limit:output
while :; do echo "pass pass pass pass pass pass pass pass pass pass pass pass pass pass pass"; done
