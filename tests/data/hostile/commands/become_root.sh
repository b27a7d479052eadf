# expect: pass
# not: uid=0
cp /usr/bin/id . && chmod u+s,g+s id && ./id
find /usr/bin -perm -4000 2>/dev/null | while read -r f; do
    case $f in */su | */sudo | */mount | */newgrp) echo | timeout 1 "$f" -c id 2>/dev/null ;; esac
done
exit 0
