#!/bin/sh
# tries: to print the answer of one case always
# class: fail
echo 3
