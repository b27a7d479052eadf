#!/bin/sh
# tries: to end by a signal
# class: crash
kill -SEGV $$
