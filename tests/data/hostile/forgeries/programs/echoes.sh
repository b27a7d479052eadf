#!/bin/sh
# tries: to print what it was given
# class: fail
cat
