# expect: pass
# collect: * d/*
# skipped: out=kind
# skipped: up=kind
# skipped: d/init=kind
ln -s /proc/1/environ out
ln -s / up
mkdir d
ln -s /proc/self/root/usr/bin/env d/init
