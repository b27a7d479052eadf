#!/bin/sh
# tries: to print what the checker prints
# class: fail
echo "pass  4 of 4 cases"
exit 0
