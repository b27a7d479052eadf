#!/bin/sh
# tries: to keep answers in the folder for the next case
# class: fail
read a b
cat kept /tmp/kept 2>/dev/null && exit 0
echo $((a + b)) | tee kept /tmp/kept >/dev/null
echo 3
