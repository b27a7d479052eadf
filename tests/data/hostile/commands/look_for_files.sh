# expect: pass
# not: FOUND
# out: looked
for f in /etc/passwd /etc/shadow /etc/hostname /etc/hosts /etc/resolv.conf /etc/ssl /root /home /var /run /srv /opt /mnt \
    /work /sys /boot /proc/kcore /proc/1/root/etc /.dockerenv /tmp/.X11-unix; do
    { ls $f/. || head -c 1 $f; } >/dev/null 2>&1 && echo "FOUND $f"
done
find / -xdev -not -path '/usr/*' -not -path '/proc/*' -type f -not -path '/etc/alternatives/*' 2>/dev/null |
    grep -v '^/etc/ld.so.cache$' | grep -v '^/box/work/' | sed 's/^/FOUND /'
echo looked
