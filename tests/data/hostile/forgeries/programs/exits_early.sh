#!/bin/sh
# tries: to leave with status 0 at once
# class: fail
exit 0
