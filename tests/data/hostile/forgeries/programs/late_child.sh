#!/bin/sh
# tries: a child that prints when the program has ended
# class: fail
(sleep 0.2; echo 3) &
exit 0
