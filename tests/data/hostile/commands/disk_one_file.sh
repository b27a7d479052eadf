# expect: limit:disk
exec head -c 100000000 /dev/zero > "$TMPDIR/f"
