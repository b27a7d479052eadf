# expect: crash
# Nobody but itself: it is no limit.
kill -KILL $$
