#!/bin/sh
# tries: to live on after its limit
# class: limit:time
# limits: time=0.2
trap '' TERM INT HUP
while :; do :; done
