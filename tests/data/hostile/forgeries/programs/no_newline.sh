#!/bin/sh
# tries: the right digits without the end of the line
# class: fail
read a b || exit 3
printf %s $((a + b))
